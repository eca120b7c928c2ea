// SPDX-License-Identifier: GPL-2.0

//! What a ring has moved since the node's counters were last told.

use crate::stats::Stats;
use core::mem;
use kernel::usb;

/// Counted with the ring locked, which costs next to nothing.
#[derive(Default)]
pub(super) struct Tally {
    transfers: u64,
    bytes: u64,
}

impl Tally {
    #[inline]
    pub(super) fn count(&mut self, bytes: usize) {
        self.transfers += 1;
        // CAST: A length fits in 64 bits.
        self.bytes += bytes as u64;
    }

    /// Tells the counters of the node, and begins anew.
    pub(super) fn tell<D: usb::Direction>(&mut self, stats: &Stats) {
        let Self { transfers, bytes } = mem::take(self);
        stats.count_all::<D>(transfers, bytes);
    }
}
