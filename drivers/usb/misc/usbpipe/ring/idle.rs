// SPDX-License-Identifier: GPL-2.0

//! The URBs of a ring that are not in flight.

use super::{
    kind::Kind,
    port::SlotUrb, //
};
use kernel::{
    prelude::*,
    usb, //
};

/// By index. Each slot is moved by the URB whose turn it is, so that they are in flight in the order
/// of their indices, in which they are cancelled: some host controllers (QEMU's) lose what comes
/// behind a transfer that is cancelled before an earlier one.
pub(super) struct Idle<T: Kind, D: usb::Direction>(KVec<Option<SlotUrb<T, D>>>);

impl<T: Kind, D: usb::Direction> Idle<T, D> {
    /// Room for none.
    pub(super) fn none() -> Self {
        Self(KVec::new())
    }

    /// Room for so many.
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    pub(super) fn new(room: usize) -> Result<Self> {
        let mut urbs = KVec::with_capacity(room, GFP_KERNEL)?;
        for _ in 0..room {
            urbs.push_within_capacity(None)?;
        }
        Ok(Self(urbs))
    }

    /// The URB with that index, if it is not in flight.
    pub(super) fn take(&mut self, index: usize) -> Option<SlotUrb<T, D>> {
        self.0.get_mut(index)?.take()
    }

    pub(super) fn put(&mut self, urb: SlotUrb<T, D>) {
        if let Some(place) = self.0.get_mut(urb.handler().index()) {
            *place = Some(urb);
        }
    }
}
