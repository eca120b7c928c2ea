// SPDX-License-Identifier: GPL-2.0

//! The data that the source gives.

/// An endless stream of bytes that follows from a 32-bit seed.
///
/// The bytes are 64-bit words in little-endian order. Word `i` is the output function of SplitMix64
/// applied to `(seed << 32) + i + 0x9e3779b97f4a7c15`, modulo 2^64:
/// `z ^= z >> 30; z *= 0xbf58476d1ce4e5b9; z ^= z >> 27; z *= 0x94d049bb133111eb; z ^= z >> 31`.
/// Every word depends on its position, so lost, doubled and swapped data shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pattern {
    seed: u32,
    position: u64,
}

impl Pattern {
    /// The stream from its start.
    pub const fn new(seed: u32) -> Self {
        Self { seed, position: 0 }
    }

    /// Appends the next bytes of the stream.
    pub fn append(&mut self, count: usize, buffer: &mut Vec<u8>) {
        let start = buffer.len();
        buffer.resize(start + count, 0);
        self.fill(&mut buffer[start..]);
    }

    /// Overwrites a buffer with the next bytes of the stream.
    pub fn fill(&mut self, buffer: &mut [u8]) {
        // To the next word boundary, then whole words, then what is left of one.
        let ragged = (self.position as usize).wrapping_neg() % 8;
        let (head, rest) = buffer.split_at_mut(ragged.min(buffer.len()));
        self.fill_within_word(head);
        let (words, tail) = rest.split_at_mut(rest.len() & !7);
        for word in words.chunks_exact_mut(8) {
            word.copy_from_slice(&self.word());
            self.position += 8;
        }
        self.fill_within_word(tail);
    }

    /// The part must end at or before the next word boundary.
    fn fill_within_word(&mut self, part: &mut [u8]) {
        let offset = (self.position % 8) as usize;
        part.copy_from_slice(&self.word()[offset..offset + part.len()]);
        self.position += part.len() as u64;
    }

    /// The word around the current position.
    fn word(&self) -> [u8; 8] {
        let index = (u64::from(self.seed) << 32).wrapping_add(self.position / 8);
        let mut z = index.wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31).to_le_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The documented formula once more, byte by byte.
    fn byte(seed: u32, position: u64) -> u8 {
        let mix = |z: u64, shift: u32, factor: u64| (z ^ (z >> shift)).wrapping_mul(factor);
        let start =
            ((u128::from(seed) << 32) + u128::from(position / 8) + 0x9e37_79b9_7f4a_7c15) as u64;
        let z = mix(
            mix(start, 30, 0xbf58_476d_1ce4_e5b9),
            27,
            0x94d0_49bb_1331_11eb,
        );
        ((z ^ (z >> 31)) >> (position % 8 * 8)) as u8
    }

    #[test]
    fn the_first_word_of_seed_zero_is_that_of_splitmix64() {
        let mut start = Vec::new();
        Pattern::new(0).append(8, &mut start);
        assert_eq!(
            u64::from_le_bytes(start.try_into().unwrap()),
            0xe220_a839_7b1d_cdaf
        );
    }

    proptest! {
        #[test]
        fn any_way_of_cutting_gives_the_same_stream(
            seed: u32,
            cuts in prop::collection::vec(0usize..40, 0..20),
        ) {
            let mut pattern = Pattern::new(seed);
            let mut stream = vec![0xee];
            for cut in cuts {
                pattern.append(cut, &mut stream);
            }
            prop_assert_eq!(stream[0], 0xee);
            for (position, &found) in stream[1..].iter().enumerate() {
                prop_assert_eq!(found, byte(seed, position as u64));
            }
        }
    }
}
