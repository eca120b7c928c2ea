// SPDX-License-Identifier: GPL-2.0

//! Transfers that a queue has held, taken out.

use super::{
    proof::IsBound,
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
///
/// # Examples
///
/// ```
/// use kernel::{device::Bound, prelude::*, usb};
///
/// /// Takes bytes from a stream, as many as `bytes` has room for. Where the transfers end that
/// /// they came with, nobody notices.
/// fn read<Q>(
///     queue: &usb::Queue<Q>,
///     intf: &usb::Interface<Bound>,
///     bytes: &mut [u8],
/// ) -> Result<usize>
/// where
///     Q: usb::QueueHandler<Direction = usb::In, Memory = usb::Buffer>,
/// {
///     let mut held: usb::HeldTransfer<Q> = queue.take_held().ok_or(EAGAIN)?;
///     let mut transfer: usb::QueueTransfer<'_, Q> = held.transfer();
///     let count = bytes.len().min(transfer.unread().len());
///     for (to, from) in bytes.iter_mut().zip(transfer.unread()) {
///         *to = *from;
///     }
///     transfer.consume(count);
///     let is_empty = transfer.unread().is_empty();
///     if is_empty {
///         held.resubmit(intf)?;
///     } else {
///         held.put_back();
///     }
///     Ok(count)
/// }
/// ```
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
    pub fn resubmit<Ctx: device::DeviceContext>(self, interface: &Interface<Ctx>) -> Result
    where
        Interface<Ctx>: IsBound,
    {
        self.0.dismiss().resubmit(interface.bound())
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
