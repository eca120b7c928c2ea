// SPDX-License-Identifier: GPL-2.0

//! What is in the bytes that are sent, and has to be in those that come.

use kernel::prelude::*;

/// What memory is filled with that nobody, or nobody yet, is to write to.
pub(crate) const GUARD: u8 = 0xa5;

/// Contents that host and device agree on; Gadget Zero has the same parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// Zeros.
    Zeros,
    /// In each packet the bytes count from 0 to 62, again and again.
    Mod63,
    /// One that does not exist: zeros are sent, and what comes is wrong.
    Unknown,
}

/// A byte that is not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mismatch {
    pub(crate) index: usize,
    pub(crate) found: u8,
}

impl Pattern {
    /// The value of the module's parameter.
    pub(crate) fn from_parameter(value: u32) -> Self {
        match value {
            0 => Self::Zeros,
            1 => Self::Mod63,
            _ => Self::Unknown,
        }
    }

    /// The byte at `index` of a transfer in packets of `packet` bytes.
    fn byte(self, index: usize, packet: usize) -> u8 {
        match self {
            // CAST: Less than 63. Endpoints whose packets have no size are not used.
            Self::Mod63 => (index.checked_rem(packet).unwrap_or(0) % 63) as u8,
            Self::Zeros | Self::Unknown => 0,
        }
    }

    /// Fills the bytes of a transfer from `start` on.
    pub(crate) fn fill(self, bytes: &mut [u8], start: usize, packet: usize) {
        if self != Self::Mod63 {
            return bytes.fill(0);
        }
        for (index, byte) in (start..).zip(bytes) {
            *byte = self.byte(index, packet);
        }
    }

    /// Finds the first byte that is wrong, of those of a transfer from `start` on.
    pub(crate) fn check(self, bytes: &[u8], start: usize, packet: usize) -> Result<(), Mismatch> {
        let is_wrong = |(index, byte): &(usize, u8)| match self {
            Self::Unknown => true,
            known => *byte != known.byte(start + index, packet),
        };
        match bytes.iter().copied().enumerate().find(is_wrong) {
            Some((index, found)) => Err(Mismatch { index, found }),
            None => Ok(()),
        }
    }
}

/// Whether nobody has written to guards.
pub(crate) fn are_guards(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == GUARD)
}

#[kunit_tests(rust_usbtest_pattern)]
mod tests {
    use super::*;

    #[test]
    fn packets_begin_anew() {
        let mut bytes = [GUARD; 130];
        Pattern::Mod63.fill(&mut bytes, 0, 64);
        for (index, byte) in [
            (0, 0),
            (62, 62),
            (63, 0),
            (64, 0),
            (65, 1),
            (127, 0),
            (129, 1),
        ] {
            assert_eq!(bytes[index], byte);
        }
        assert_eq!(Pattern::Mod63.check(&bytes, 0, 64), Ok(()));
        assert_eq!(Pattern::Mod63.check(&bytes[64..], 0, 64), Ok(()));
        assert_eq!(Pattern::Mod63.check(&bytes[65..], 65, 64), Ok(()));
        let mismatch = Mismatch { index: 0, found: 1 };
        assert_eq!(Pattern::Mod63.check(&bytes[65..], 0, 64), Err(mismatch));
    }

    #[test]
    fn each_byte_counts() {
        for pattern in [Pattern::Zeros, Pattern::Mod63] {
            for index in 0..70 {
                let mut bytes = [GUARD; 70];
                pattern.fill(&mut bytes, 0, 64);
                assert_eq!(pattern.check(&bytes, 0, 64), Ok(()));
                bytes[index] ^= 0x80;
                let found = bytes[index];
                assert_eq!(pattern.check(&bytes, 0, 64), Err(Mismatch { index, found }));
            }
        }
    }

    #[test]
    fn what_is_unknown_is_wrong() {
        assert_eq!(Pattern::from_parameter(0), Pattern::Zeros);
        assert_eq!(Pattern::from_parameter(1), Pattern::Mod63);
        for value in [2, u32::MAX] {
            assert_eq!(Pattern::from_parameter(value), Pattern::Unknown);
        }
        assert_eq!(Pattern::Unknown.check(&[], 0, 64), Ok(()));
        let mismatch = Mismatch { index: 0, found: 0 };
        assert_eq!(Pattern::Unknown.check(&[0; 8], 0, 64), Err(mismatch));
    }

    #[test]
    fn a_guard_that_was_overwritten_is_none() {
        assert!(are_guards(&[]));
        assert!(are_guards(&[GUARD; 3]));
        assert!(!are_guards(&[GUARD, 0, GUARD]));
    }
}
