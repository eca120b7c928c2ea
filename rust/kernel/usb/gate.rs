// SPDX-License-Identifier: GPL-2.0

//! The I/O gate of a bound interface.
//!
//! The USB core asks that a driver's I/O has ceased before `disconnect()` returns and before a
//! failing `probe()` returns. The adapter does not trust a driver with that: every transfer of
//! this API is started through the [`Gate`] of its interface and known to it, and the adapter
//! closes the gate itself.
//!
//! A transfer passes through these states:
//!
//! 1. *idle*: its [`Urb`](super::Urb) is owned by the driver;
//! 2. *in flight*: it is on the gate's list and counted as active; the host controller owns it;
//! 3. *completing*: off the list, still counted as active while its handler runs;
//! 4. *idle* again, owned by whom the handler gave it to.
//!
//! Closing shuts the door for submissions and waits for those that are half way (so that
//! everything on the list has really been submitted), cancels what is on the list, and waits for
//! handlers and synchronous callers to leave. All of these are bounded: nobody sleeps inside of a
//! submission for longer than an allocation takes, handlers are atomic, and a synchronous caller
//! whose URB was killed returns at once.

use super::{
    drain::Drain,
    urb::RawUrb, //
};
use crate::{
    bindings,
    error::to_result,
    new_spinlock_irq,
    prelude::*,
    sync::{
        Arc,
        SpinLockIrq, //
    },
    types::Opaque, //
};
use core::ptr::NonNull;

/// A reference to a `struct urb`, which keeps its memory.
///
/// # Invariants
///
/// Owns a reference count of the URB.
pub(super) struct UrbRef(NonNull<bindings::urb>);

// SAFETY: `struct urb` is reference-counted atomically, and what is done through a `UrbRef`,
// killing, may be done from any thread.
unsafe impl Send for UrbRef {}

// SAFETY: `usb_kill_urb()` may be called by several threads at once.
unsafe impl Sync for UrbRef {}

impl UrbRef {
    /// # Safety
    ///
    /// `urb` must be a valid `struct urb`.
    pub(super) unsafe fn new(urb: NonNull<bindings::urb>) -> Self {
        // SAFETY: By the safety requirement the URB is valid.
        unsafe { bindings::usb_get_urb(urb.as_ptr()) };
        // INVARIANT: The count was just taken.
        Self(urb)
    }

    /// Starts to cancel the URB if it is in flight.
    ///
    /// # Safety
    ///
    /// If the URB is in flight, its device must be alive.
    unsafe fn unlink(&self) {
        // SAFETY: As in `kill`.
        unsafe { bindings::usb_unlink_urb(self.0.as_ptr()) };
    }

    /// Cancels the URB if it is in flight and waits until it is idle and its handler has
    /// returned. A resubmission in the meantime fails.
    ///
    /// # Safety
    ///
    /// If the URB is in flight, its device must be alive.
    ///
    /// # Context
    ///
    /// May sleep. Must not be called from the URB's own handler.
    pub(super) unsafe fn kill(&self) {
        // SAFETY: The URB is valid by the type invariants; `usb_kill_urb()` looks at its device
        // only while it is in flight, and by the safety requirement the device is alive then.
        unsafe { bindings::usb_kill_urb(self.0.as_ptr()) };
    }
}

impl Drop for UrbRef {
    fn drop(&mut self) {
        // SAFETY: By the type invariants we own a reference count.
        unsafe { bindings::usb_free_urb(self.0.as_ptr()) };
    }
}

fn empty_list() -> impl PinInit<Opaque<bindings::list_head>> {
    Opaque::ffi_init(|slot: *mut bindings::list_head| {
        // SAFETY: `slot` is valid, pinned memory for a `struct list_head`.
        unsafe { bindings::INIT_LIST_HEAD(slot) }
    })
}

/// Through which all I/O of one bound interface goes.
///
/// # Invariants
///
/// - While the gate is not shut, `udev` points to a valid `struct usb_device`: the gate is created
///   for an interface that is bound, and shut before that interface is unbound.
/// - When the gate is shut and empty, no URB of it is in flight and no handler runs.
#[pin_data]
pub(super) struct Gate {
    udev: *mut bindings::usb_device,
    /// Submissions that are half way.
    #[pin]
    submissions: Drain,
    /// URBs in flight or completing, and callers of synchronous transfers.
    #[pin]
    active: Drain,
    /// Protects `in_flight` and `cancelled`.
    #[pin]
    lock: SpinLockIrq<()>,
    /// The URBs that the host controller has, linked by [`RawUrb::link`].
    #[pin]
    in_flight: Opaque<bindings::list_head>,
    /// Those of them that it was told to give back.
    #[pin]
    cancelled: Opaque<bindings::list_head>,
}

// SAFETY: `udev` is used only as the C API allows from any thread.
unsafe impl Send for Gate {}

// SAFETY: As above; everything else is `Sync`.
unsafe impl Sync for Gate {}

impl Gate {
    /// An open gate.
    ///
    /// # Safety
    ///
    /// `udev` must be valid until the gate was closed with [`Gate::close`].
    pub(super) unsafe fn new(udev: *mut bindings::usb_device) -> Result<Arc<Self>> {
        // INVARIANT: By the safety requirement; nothing has been submitted yet.
        Arc::pin_init(
            pin_init!(Self {
                udev,
                submissions <- Drain::new(),
                active <- Drain::new(),
                lock <- new_spinlock_irq!((), "usb::Gate::lock"),
                in_flight <- empty_list(),
                cancelled <- empty_list(),
            }),
            GFP_KERNEL,
        )
    }

    /// The device whose endpoints are behind this gate. Not to be looked into once shut.
    pub(super) fn udev(&self) -> *mut bindings::usb_device {
        self.udev
    }

    /// Hands `urb` to the host controller.
    ///
    /// On success the host controller owns it, until its completion. On an error the caller still
    /// does.
    ///
    /// # Errors
    ///
    /// - `ENODEV` if the gate is closed or the endpoint disabled: the driver is being unbound.
    /// - Everything else `usb_submit_urb()` returns.
    ///
    /// # Safety
    ///
    /// - `raw` must be valid, idle, prepared for submission, and of this gate.
    /// - The caller gives up its ownership on success.
    pub(super) unsafe fn submit(&self, raw: NonNull<RawUrb>, flags: crate::alloc::Flags) -> Result {
        if !self.submissions.enter() {
            return Err(ENODEV);
        }
        // SAFETY: The requirements are the caller's; we are counted as a submission.
        let result = unsafe { self.submit_inside(raw, flags) };
        self.submissions.leave();
        result
    }

    /// # Safety
    ///
    /// As [`Gate::submit`]; also the caller must be counted in `submissions`.
    unsafe fn submit_inside(&self, raw: NonNull<RawUrb>, flags: crate::alloc::Flags) -> Result {
        // The doors are shut in the order submissions, active: this one cannot be shut here.
        if !self.active.enter() {
            return Err(ENODEV);
        }
        // SAFETY: `raw` is valid by the safety requirement, and idle: on no list.
        unsafe { self.link(raw) };
        // SAFETY: `raw` is valid, so is its URB. The device is valid: `submissions` cannot be
        // drained while we are inside, so that the gate is not closed.
        let result = to_result(unsafe {
            bindings::usb_submit_urb((*raw.as_ptr()).urb.as_ptr(), flags.as_raw())
        });
        result.map_err(|error| {
            // SAFETY: The host controller did not take it: `raw` is still ours, and on the list.
            unsafe { self.unlink(raw) };
            self.active.leave();
            match error {
                // The core has disabled the endpoints: that is how unbinding begins.
                ENOENT | ESHUTDOWN => ENODEV,
                error => error,
            }
        })
    }

    /// # Safety
    ///
    /// `raw` must be valid and on no list.
    unsafe fn link(&self, raw: NonNull<RawUrb>) {
        let _guard = self.lock.lock();
        // SAFETY: `raw` is valid and stays at its address while it is on the list; the list is
        // initialised and locked.
        unsafe { bindings::list_add_tail((*raw.as_ptr()).link.get(), self.in_flight.get()) };
    }

    /// # Safety
    ///
    /// `raw` must be valid and on a list of this gate.
    unsafe fn unlink(&self, raw: NonNull<RawUrb>) {
        let _guard = self.lock.lock();
        // SAFETY: `raw` is on one of the lists, which are locked.
        unsafe { bindings::list_del((*raw.as_ptr()).link.get()) };
    }

    /// Runs `handler` for a URB that the host controller gave back.
    ///
    /// # Safety
    ///
    /// - `raw` must have been submitted through this gate and given back just now.
    /// - `handler` takes the ownership of `raw`.
    pub(super) unsafe fn complete(&self, raw: NonNull<RawUrb>, handler: impl FnOnce()) {
        // SAFETY: A URB stays on the list from its submission to here.
        unsafe { self.unlink(raw) };
        handler();
        self.active.leave();
    }

    /// Counts the caller of a synchronous transfer in, for as long as the returned guard lives.
    pub(super) fn enter(&self) -> Result<Caller<'_>> {
        if self.active.enter() {
            Ok(Caller(&self.active))
        } else {
            Err(ENODEV)
        }
    }

    /// Ends all I/O: nothing is in flight and no handler runs when this returns, and nothing can
    /// be submitted from then on.
    ///
    /// # Context
    ///
    /// May sleep. The caller holds the device lock: calls don't overlap.
    pub(super) fn close(&self) {
        if !self.submissions.shut() {
            return;
        }
        self.submissions.wait_empty();
        self.kill_all();
        self.active.shut();
        self.active.wait_empty();
    }

    /// Kills everything in flight. The door for submissions is shut: there will be no more.
    ///
    /// All cancellations are started before the first is waited for, so that the time this takes
    /// does not grow with the depth of the queues by more than it has to.
    fn kill_all(&self) {
        while let Some(urb) = self.next_to_cancel() {
            // SAFETY: The gate is not closed yet, so that its device is alive.
            unsafe { urb.unlink() };
        }
        while let Some(urb) = self.first_of(&self.cancelled) {
            // SAFETY: As above.
            unsafe { urb.kill() };
        }
    }

    /// Moves the first URB of the list to those that are being cancelled.
    fn next_to_cancel(&self) -> Option<UrbRef> {
        let _guard = self.lock.lock();
        let head = self.in_flight.get();
        // SAFETY: The list is initialised and locked.
        let link = unsafe { (*head).next };
        if link == head {
            return None;
        }
        // SAFETY: `link` is on a list; both lists are initialised and protected by the lock.
        unsafe { bindings::list_move_tail(link, self.cancelled.get()) };
        // SAFETY: What is on a list is the `link` of a `RawUrb` in flight, which is alive until it
        // was taken off the list under the lock that we hold; so is its URB.
        Some(unsafe { UrbRef::new((*RawUrb::from_link(link)).urb) })
    }

    /// A reference to the first URB of one of the two lists.
    fn first_of(&self, list: &Opaque<bindings::list_head>) -> Option<UrbRef> {
        let _guard = self.lock.lock();
        // SAFETY: The list is initialised and locked.
        let link = unsafe { (*list.get()).next };
        if link == list.get() {
            return None;
        }
        // SAFETY: As in `next_to_cancel`.
        Some(unsafe { UrbRef::new((*RawUrb::from_link(link)).urb) })
    }
}

/// A synchronous caller inside of the gate.
pub(super) struct Caller<'a>(&'a Drain);

impl Drop for Caller<'_> {
    fn drop(&mut self) {
        self.0.leave();
    }
}
