// SPDX-License-Identifier: GPL-2.0

//! Waiting for a device node: what `poll()` reports, and who is told of a change.

use crate::{
    bindings,
    prelude::*,
    static_lock_class,
    sync::{
        poll::PollCondVarBox,
        Arc, //
    }, //
};

/// What `poll()` reports, as a set.
///
/// # Examples
///
/// ```
/// use kernel::usb::PollEvents;
///
/// let events = PollEvents::NONE.with(PollEvents::READABLE);
/// assert!(events.contains(PollEvents::READABLE));
/// assert!(!events.contains(PollEvents::WRITABLE));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PollEvents(pub(super) u32);

impl PollEvents {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// A read would not block (`EPOLLIN | EPOLLRDNORM`).
    pub const READABLE: Self = Self(bindings::POLLIN | bindings::POLLRDNORM);
    /// A write would not block (`EPOLLOUT | EPOLLWRNORM`).
    pub const WRITABLE: Self = Self(bindings::POLLOUT | bindings::POLLWRNORM);
    /// Something went wrong (`EPOLLERR`).
    pub const ERROR: Self = Self(bindings::POLLERR);
    /// The device is gone (`EPOLLHUP | EPOLLERR`).
    pub const GONE: Self = Self(bindings::POLLHUP | bindings::POLLERR);

    /// The union with `other`.
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether any of `other` is in it.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether all of `other` is in it.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// Tells those who wait for a device node that something has changed.
///
/// The adapter notifies it, too, when the driver is unbound.
pub struct Events {
    /// Freed after a grace period, not by waiting for one: a handler may be the last owner.
    pub(super) queue: PollCondVarBox,
}

impl Events {
    /// # Errors
    ///
    /// `ENOMEM`.
    pub fn new() -> Result<Arc<Self>> {
        let queue = PollCondVarBox::new(c"usb::Events", static_lock_class!())?;
        Ok(Arc::new(Self { queue }, GFP_KERNEL)?)
    }

    /// Wakes everybody who waits for the node: in an operation, or with `poll()`.
    ///
    /// # Context
    ///
    /// Any.
    pub fn notify(&self) {
        self.queue.notify_all();
    }
}
