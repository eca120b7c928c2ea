// SPDX-License-Identifier: GPL-2.0

//! Waiting for a device node: what `poll()` reports, and who is told of a change.

use crate::{
    bindings,
    error::to_result,
    prelude::*,
    static_lock_class,
    sync::{
        poll::PollCondVarBox,
        Arc, //
    },
    task::TASK_NORMAL,
    types::Opaque, //
};
use core::ptr;

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
    /// Something urgent can be read (`EPOLLPRI`).
    pub const URGENT: Self = Self(bindings::POLLPRI);
    /// Something went wrong (`EPOLLERR`).
    pub const ERROR: Self = Self(bindings::POLLERR);
    /// The device is gone (`EPOLLHUP | EPOLLERR`).
    pub const GONE: Self = Self(bindings::POLLHUP | bindings::POLLERR);

    /// The union with `other`.
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether any of `other` is in it.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::PollEvents;
    ///
    /// /// Leaves out what the caller does not wait for, but what it must always be told.
    /// fn answer(now: PollEvents, wanted: PollEvents) -> PollEvents {
    ///     if now.intersects(wanted.with(PollEvents::GONE)) {
    ///         now
    ///     } else {
    ///         PollEvents::NONE
    ///     }
    /// }
    ///
    /// assert!(answer(PollEvents::WRITABLE, PollEvents::READABLE) == PollEvents::NONE);
    /// assert!(answer(PollEvents::ERROR, PollEvents::READABLE) == PollEvents::ERROR);
    /// assert!(!PollEvents::ERROR.contains(PollEvents::GONE));
    /// ```
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether all of `other` is in it.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The reasons that go with a signal (`si_code`): one signal for each.
    fn reasons(self) -> impl Iterator<Item = u32> {
        [
            (Self::READABLE, bindings::POLL_IN),
            (Self::WRITABLE, bindings::POLL_OUT),
            (Self::URGENT, bindings::POLL_PRI),
            (Self::ERROR, bindings::POLL_ERR),
        ]
        .into_iter()
        .filter(move |(events, _)| self.intersects(*events))
        .map(|(_, reason)| reason)
    }
}

/// Tells those who wait for a device node that something has changed.
///
/// They wait in [`Operation::wait`](super::Operation::wait), in `poll()` and its siblings, or, if
/// the node is [asynchronous](super::FileOperations::ASYNC), for a signal. The adapter tells them,
/// too, when the driver is unbound.
///
/// # Invariants
///
/// `subscribers` is null or the first of a list of files that are open and hold a reference to us:
/// each is taken off before it gives that up.
pub struct Events {
    /// Freed after a grace period, not by waiting for one: a handler may be the last owner.
    pub(super) queue: PollCondVarBox,
    subscribers: Opaque<*mut bindings::fasync_struct>,
}

// SAFETY: The queue may be used from any thread. So may the list, by the functions of the kernel
// that it is only ever passed to; an empty one has nothing that belongs to a thread.
unsafe impl Send for Events {}

// SAFETY: As above: these functions have a lock for those who change the list, and RCU for those
// who walk it.
unsafe impl Sync for Events {}

impl Events {
    /// Events that nobody waits for yet.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    pub fn new() -> Result<Arc<Self>> {
        let queue = PollCondVarBox::new(c"usb::Events", static_lock_class!())?;
        // INVARIANT: There are no subscribers yet.
        let subscribers = Opaque::new(ptr::null_mut());
        Ok(Arc::new(Self { queue, subscribers }, GFP_KERNEL)?)
    }

    /// Wakes everybody who waits for the node, and sends the signals for being readable and
    /// writable to those who asked for signals.
    ///
    /// # Context
    ///
    /// Any.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{
    ///     prelude::*,
    ///     sync::atomic::{Atomic, Relaxed},
    ///     usb,
    /// };
    ///
    /// /// Lets those go on who sleep until a calibration is over.
    /// fn calibrated(is_calibrated: &Atomic<bool>, events: &usb::Events) {
    ///     is_calibrated.store(true, Relaxed);
    ///     events.notify();
    /// }
    ///
    /// let (is_calibrated, events) = (Atomic::new(false), usb::Events::new()?);
    /// calibrated(&is_calibrated, &events);
    /// assert!(is_calibrated.load(Relaxed));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn notify(&self) {
        self.queue.notify_all();
        self.signal(PollEvents::READABLE.with(PollEvents::WRITABLE));
    }

    /// As [`notify`](Events::notify), but tells what has changed: who polls for something else
    /// sleeps on, and only the signals for these `events` are sent.
    ///
    /// # Context
    ///
    /// Any.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{prelude::*, usb::Events, usb::PollEvents};
    ///
    /// let events = Events::new()?;
    /// events.notify_of(PollEvents::READABLE);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn notify_of(&self, events: PollEvents) {
        if events == PollEvents::NONE {
            // The queue would take it for everything.
            return;
        }
        let queue = self.queue.wait_queue_head.get();
        // CAST: The key is not a pointer, but the events themselves.
        let key = events.0 as usize as *mut c_void;
        // SAFETY: The queue is initialised; those on it ignore the key or know what it is.
        unsafe { bindings::__wake_up(queue, TASK_NORMAL, 0, key) };
        self.signal(events);
    }

    /// Tells everybody that the driver is being unbound.
    pub(super) fn hang_up(&self) {
        self.queue.notify_all();
        self.send(bindings::POLL_HUP);
    }

    fn signal(&self, events: PollEvents) {
        if self.has_subscribers() {
            events.reasons().for_each(|reason| self.send(reason));
        }
    }

    fn send(&self, reason: u32) {
        // CAST: Small constants.
        let (signal, reason) = (bindings::SIGIO as c_int, reason as c_int);
        // SAFETY: By the type invariants the list is valid, and its files are open. It may be
        // walked in any context and while it is being changed.
        unsafe { bindings::kill_fasync(self.subscribers.get(), signal, reason) };
    }

    /// Whether there is anybody to send a signal to; a glance, as good as `kill_fasync()`'s own.
    fn has_subscribers(&self) -> bool {
        // SAFETY: It is a pointer, initialised and aligned; it may change at any time.
        !unsafe { self.subscribers.get().read_volatile() }.is_null()
    }

    /// Sends signals to the owner of `file` from now on.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    ///
    /// # Safety
    ///
    /// `file` must be open and hold a reference to `self`, and must have
    /// [`unsubscribe`](Events::unsubscribe) called for it before it gives that up.
    pub(super) unsafe fn subscribe(&self, fd: c_int, file: *mut bindings::file) -> Result {
        // INVARIANT: By the safety requirement.
        // SAFETY: The file is open, and the list ours.
        to_result(unsafe { bindings::fasync_helper(fd, file, 1, self.subscribers.get()) })
    }

    /// Sends no signals any more for `file`, if ever it did.
    ///
    /// # Safety
    ///
    /// `file` must be valid.
    pub(super) unsafe fn unsubscribe(&self, file: *mut bindings::file) {
        // SAFETY: The file is valid, and the list ours. Taking a file off a list cannot fail; it
        // waits for those who are sending a signal for it.
        unsafe { bindings::fasync_helper(-1, file, 0, self.subscribers.get()) };
    }
}

#[kunit_tests(rust_usb_events)]
mod tests {
    use super::*;

    #[test]
    fn each_event_has_its_reason() {
        for (events, reasons) in [
            (PollEvents::NONE, &[] as &[u32]),
            (PollEvents::READABLE, &[bindings::POLL_IN]),
            (PollEvents::WRITABLE, &[bindings::POLL_OUT]),
            (PollEvents::URGENT, &[bindings::POLL_PRI]),
            (PollEvents::ERROR, &[bindings::POLL_ERR]),
            (
                PollEvents::READABLE.with(PollEvents::WRITABLE),
                &[bindings::POLL_IN, bindings::POLL_OUT],
            ),
        ] {
            let mut expected = reasons.iter();
            for reason in events.reasons() {
                assert_eq!(Some(&reason), expected.next());
            }
            assert_eq!(expected.next(), None);
        }
    }
}
