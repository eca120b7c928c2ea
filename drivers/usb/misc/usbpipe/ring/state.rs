// SPDX-License-Identifier: GPL-2.0

//! What changes while a ring is used.

use super::{
    idle::Idle,
    kind::Kind,
    layout::Layout,
    mode::Mode,
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
    pub(super) idle: Idle<T, D>,
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
            idle: Idle::new(layout.depth)?,
            cancelling: 0,
            published: 0,
            flags: uapi::USBPIPE_RING_NEED_KICK,
            late: 0,
            has_completed: false,
            high_water: 0,
        })
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
