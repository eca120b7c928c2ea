// SPDX-License-Identifier: GPL-2.0

//! Whether a ring starts transfers, or why not.

use kernel::{
    prelude::*,
    uapi, //
};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Transfers are started.
    Running,
    /// The device is suspended or being reset, or something else has cancelled the transfers.
    Paused,
    /// A transfer failed, or the program wrote nonsense.
    Stopped(Error),
    /// The device is gone.
    Gone,
    /// The ring was freed: URBs that come back are dropped.
    Freed,
}

impl Mode {
    /// Whether there is no way back.
    pub(super) fn is_final(self) -> bool {
        matches!(self, Self::Gone | Self::Freed)
    }

    /// What those get who use the ring.
    ///
    /// # Errors
    ///
    /// `ENODEV`, or why it has stopped.
    pub(super) fn check(self) -> Result {
        match self {
            Self::Running | Self::Paused => Ok(()),
            Self::Stopped(error) => Err(error),
            Self::Gone | Self::Freed => Err(ENODEV),
        }
    }

    /// As `usbpipe_ring.flags` and `usbpipe_ring.error`.
    pub(super) fn show(self) -> (u32, i32) {
        match self {
            Self::Running | Self::Paused => (0, 0),
            Self::Stopped(error) => (uapi::USBPIPE_RING_STOPPED, error.to_errno()),
            Self::Gone | Self::Freed => (uapi::USBPIPE_RING_GONE, ENODEV.to_errno()),
        }
    }
}
