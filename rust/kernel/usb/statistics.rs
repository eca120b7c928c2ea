// SPDX-License-Identifier: GPL-2.0

//! What went through a queue.

use super::TransferError;
use crate::prelude::*;

/// What went through a queue since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Transfers that ended well.
    pub transfers: u64,
    /// Bytes that were moved, also by the others.
    pub bytes: u64,
    /// Transfers that failed, other than by being cancelled.
    pub errors: u64,
}

impl Statistics {
    pub(super) fn count(&mut self, result: Result<(), TransferError>, bytes: usize) {
        // CAST: A `usize` has at most 64 bits.
        self.bytes += bytes as u64;
        match result {
            Ok(()) => self.transfers += 1,
            Err(error) if error.is_final() => (),
            Err(_) => self.errors += 1,
        }
    }
}

#[kunit_tests(rust_usb_statistics)]
mod tests {
    use super::*;

    const CANCELLED: Result<(), TransferError> = Err(TransferError::Killed);
    const GONE: Result<(), TransferError> = Err(TransferError::Shutdown);
    const NOISE: Result<(), TransferError> = Err(TransferError::Protocol);

    #[test]
    fn statistics_tell_failed_from_cancelled() {
        let mut statistics = Statistics::default();
        for (result, bytes) in [
            (Ok(()), 512),
            (Ok(()), 0),
            (NOISE, 7),
            (CANCELLED, 3),
            (GONE, 0),
        ] {
            statistics.count(result, bytes);
        }
        let expected = Statistics {
            transfers: 2,
            bytes: 522,
            errors: 1,
        };
        assert_eq!(statistics, expected);
    }
}
