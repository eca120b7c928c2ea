// SPDX-License-Identifier: GPL-2.0

//! What the device says of itself.

/// Answer to GET_STATUS: 48 bytes, little-endian, in the order of the fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Offset 0: 0 loopback, 1 source/sink.
    pub mode: u32,
    /// Offset 4: events that the host has fetched.
    pub events_sent: u32,
    /// Offset 8: bytes taken on bulk OUT.
    pub out_bytes: u64,
    /// Offset 16: bytes given on bulk IN.
    pub in_bytes: u64,
    /// Offset 24: CRC-32C of all bytes taken.
    pub out_crc32c: u32,
    /// Offset 28: CRC-32C of all bytes given.
    pub in_crc32c: u32,
    /// Offset 32: bytes in the loopback FIFO.
    pub fifo_used: u32,
    /// Offset 36: bytes that the FIFO can hold.
    pub fifo_size: u32,
    /// Offset 40: the seed in the lower half, zero above.
    pub seed: u64,
}

impl Status {
    /// Size on the wire.
    pub const SIZE: usize = 48;

    /// The wire form.
    pub fn to_bytes(self) -> [u8; Self::SIZE] {
        let mut raw = [0; Self::SIZE];
        let mut put = |offset: usize, bytes: &[u8]| {
            raw[offset..offset + bytes.len()].copy_from_slice(bytes);
        };
        put(0, &self.mode.to_le_bytes());
        put(4, &self.events_sent.to_le_bytes());
        put(8, &self.out_bytes.to_le_bytes());
        put(16, &self.in_bytes.to_le_bytes());
        put(24, &self.out_crc32c.to_le_bytes());
        put(28, &self.in_crc32c.to_le_bytes());
        put(32, &self.fifo_used.to_le_bytes());
        put(36, &self.fifo_size.to_le_bytes());
        put(40, &self.seed.to_le_bytes());
        raw
    }

    /// Reads the wire form.
    pub fn from_bytes(raw: &[u8; Self::SIZE]) -> Self {
        let half = |at: usize| u32::from_le_bytes([raw[at], raw[at + 1], raw[at + 2], raw[at + 3]]);
        let whole = |at: usize| u64::from(half(at)) | u64::from(half(at + 4)) << 32;
        Self {
            mode: half(0),
            events_sent: half(4),
            out_bytes: whole(8),
            in_bytes: whole(16),
            out_crc32c: half(24),
            in_crc32c: half(28),
            fifo_used: half(32),
            fifo_size: half(36),
            seed: whole(40),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_stands_where_the_documentation_says() {
        let raw: [u8; Status::SIZE] = std::array::from_fn(|index| index as u8 + 1);
        let status = Status::from_bytes(&raw);
        assert_eq!(status.mode, 0x0403_0201);
        assert_eq!(status.events_sent, 0x0807_0605);
        assert_eq!(status.out_bytes, 0x100f_0e0d_0c0b_0a09);
        assert_eq!(status.in_bytes, 0x1817_1615_1413_1211);
        assert_eq!(status.out_crc32c, 0x1c1b_1a19);
        assert_eq!(status.in_crc32c, 0x201f_1e1d);
        assert_eq!(status.fifo_used, 0x2423_2221);
        assert_eq!(status.fifo_size, 0x2827_2625);
        assert_eq!(status.seed, 0x302f_2e2d_2c2b_2a29);
        assert_eq!(status.to_bytes(), raw);
    }
}
