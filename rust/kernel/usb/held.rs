// SPDX-License-Identifier: GPL-2.0

//! Transfers that a queue has held, taken out.

use super::{
    queue::QueueHandler,
    transfer::{
        Kept,
        QueueTransfer, //
    },
    Interface, //
};
use crate::{
    device,
    prelude::*,
    types::ScopeGuard, //
};
/// A transfer that a [`Queue`](super::Queue) has held. Dropping it makes its URB wait for the next
/// [`Queue::start`](super::Queue::start).
pub struct HeldTransfer<Q: QueueHandler>(ScopeGuard<Kept<Q>, fn(Kept<Q>)>);

impl<Q: QueueHandler> HeldTransfer<Q> {
    pub(super) fn new(kept: Kept<Q>) -> Self {
        Self(ScopeGuard::new_with_data(kept, Kept::retire))
    }

    /// What it brought, or is to send.
    pub fn transfer(&mut self) -> QueueTransfer<'_, Q> {
        self.0.transfer()
    }

    /// Submits the URB again; if the queue is not running, its next start will.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// As [`Urb::submit`](super::Urb::submit). The queue has stopped then, and the URB waits for
    /// its next start.
    pub fn resubmit(self, interface: &Interface<device::Bound>) -> Result {
        self.0.dismiss().resubmit(interface)
    }

    /// Makes it the one that is taken next.
    ///
    /// # Context
    ///
    /// Any.
    pub fn put_back(self) {
        self.0.dismiss().put_back();
    }
}
