// SPDX-License-Identifier: GPL-2.0

//! What went through a queue.

use super::TransferError;
use crate::prelude::*;

/// What went through a queue since it was made.
///
/// # Examples
///
/// ```
/// use kernel::usb::{Queue, QueueHandler, Statistics};
///
/// /// Of a thousand transfers between two looks, how many failed.
/// fn failures_per_mille(before: Statistics, now: Statistics) -> u64 {
///     let failed = now.errors - before.errors;
///     let all = failed + now.transfers - before.transfers;
///     (1000 * failed).checked_div(all).unwrap_or(0)
/// }
///
/// /// As above, since the last look at a queue.
/// fn look<Q: QueueHandler>(queue: &Queue<Q>, last: &mut Statistics) -> u64 {
///     let now = queue.statistics();
///     failures_per_mille(core::mem::replace(last, now), now)
/// }
///
/// let before = Statistics::default();
/// let now = Statistics { transfers: 990, bytes: 506_880, errors: 10 };
/// assert_eq!(failures_per_mille(before, now), 10);
/// assert_eq!(failures_per_mille(now, now), 0);
/// ```
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
