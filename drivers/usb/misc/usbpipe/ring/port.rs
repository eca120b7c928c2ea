// SPDX-License-Identifier: GPL-2.0

//! The URBs of a ring: as many as may be in flight, each of which moves one slot after another.

use super::{
    engine::Ring,
    kind::Kind, //
};
use kernel::{
    device::Bound,
    prelude::*,
    sync::Arc,
    usb, //
};

/// A URB that is not in flight.
pub(super) type SlotUrb<T, D> = usb::Urb<T, D, Port<T, D>, usb::SlotBuffer>;

/// One whose transfer has ended.
pub(super) type Done<'a, T, D> = usb::Completed<'a, T, D, Port<T, D>, usb::SlotBuffer>;

/// The handler of a URB.
pub(super) struct Port<T: Kind, D: usb::Direction> {
    ring: Arc<Ring<T, D>>,
    /// Of the URB.
    index: usize,
}

impl<T: Kind, D: usb::Direction> Port<T, D> {
    /// Makes the URB with that index.
    ///
    /// # Errors
    ///
    /// As [`Kind::allocate`].
    pub(super) fn urb(
        ring: &Arc<Ring<T, D>>,
        interface: &usb::Interface<Bound>,
        index: usize,
    ) -> Result<SlotUrb<T, D>> {
        let memory = usb::SlotBuffer::new(ring.shared.slots(), index)?;
        let port = Self {
            ring: ring.clone(),
            index,
        };
        T::allocate(interface, ring.shared.layout(), memory, port)
    }

    #[inline]
    pub(super) fn index(&self) -> usize {
        self.index
    }
}

impl<T: Kind, D: usb::Direction> usb::Handler<T, D, usb::SlotBuffer> for Port<T, D> {
    #[inline]
    fn complete(done: Done<'_, T, D>) {
        let ring = done.handler().ring.clone();
        ring.ended(done);
    }
}
