// SPDX-License-Identifier: GPL-2.0

//! What changes while a ring is used.

use super::{
    kind::Kind,
    layout::Layout,
    mode::Mode,
    port::SlotUrb,
    progress::Progress,
    tally::Tally,
    wake::Wake, //
};
use crate::stats::Stats;
use kernel::{
    prelude::*,
    uapi,
    usb, //
};

/// How a ring stands; the ring has it locked.
pub(super) struct State<T: Kind, D: usb::Direction> {
    pub(super) mode: Mode,
    pub(super) progress: Progress,
    pub(super) wake: Wake,
    pub(super) tally: Tally,
    /// Those that are not in flight, with room for all.
    pub(super) idle: KVec<SlotUrb<T, D>>,
    /// Those who are cancelling what is in flight, and have not finished.
    pub(super) cancelling: u32,
    /// As in the memory, as well as the flags.
    pub(super) published: u32,
    pub(super) flags: u32,
    pub(super) late: u32,
    pub(super) has_completed: bool,
    /// Most slots that were with the driver.
    high_water: u32,
}

impl<T: Kind, D: usb::Direction> State<T, D> {
    pub(super) fn new(layout: &Layout) -> Result<Self> {
        Ok(Self {
            mode: Mode::Running,
            // CAST: At most `USBPIPE_RING_MAX_SLOTS`.
            progress: Progress::new(layout.slots as u32, layout.depth as u32)?,
            wake: Wake::default(),
            tally: Tally::default(),
            idle: KVec::with_capacity(layout.depth, GFP_KERNEL)?,
            cancelling: 0,
            published: 0,
            flags: uapi::USBPIPE_RING_NEED_KICK,
            late: 0,
            has_completed: false,
            high_water: 0,
        })
    }

    pub(super) fn put(&mut self, urb: SlotUrb<T, D>) {
        // There is room.
        let _ = self.idle.push_within_capacity(urb);
    }

    #[inline]
    pub(super) fn raise_high_water(&mut self, submitted: u32, stats: &Stats) {
        let count = submitted.wrapping_sub(self.published);
        if count > self.high_water {
            self.high_water = count;
            stats.ring_high_water.raise(count.into());
        }
    }

    /// Whether no transfer is in flight, nor will be without somebody who starts one.
    pub(super) fn is_quiet(&self) -> bool {
        self.progress.is_idle() && self.cancelling == 0
    }

    /// Whether it will have stopped when what is in flight has come back.
    pub(super) fn is_stopping(&self) -> bool {
        matches!(self.mode, Mode::Stopped(_)) && !self.is_quiet()
    }
}
