// SPDX-License-Identifier: GPL-2.0

//! The end of the time that a command and its reply have together.

use kernel::{
    prelude::*,
    time::{
        Instant,
        Monotonic, //
    },
    usb, //
};

/// How long one command may still take.
pub(crate) struct Deadline {
    begun: Instant<Monotonic>,
    millis: u32,
}

impl Deadline {
    pub(crate) fn new(millis: u32) -> Self {
        Self {
            begun: Instant::now(),
            millis,
        }
    }

    /// # Errors
    ///
    /// `ETIMEDOUT`.
    pub(crate) fn left(&self) -> Result<usb::Timeout> {
        let elapsed = self.begun.elapsed().as_millis();
        let left = i64::from(self.millis).saturating_sub(elapsed);
        let left = u32::try_from(left).map_err(|_| ETIMEDOUT)?;
        usb::Timeout::try_from_millis(left).map_err(|_| ETIMEDOUT)
    }
}
