// SPDX-License-Identifier: GPL-2.0

//! The URBs of an anchor that are in flight, so that they can be cancelled.

use super::{
    canceller::Ticket,
    raw::RawUrb, //
};
use crate::{
    bindings,
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
/// All of its methods may be called at any time: the C core looks at the device of a URB only
/// while the URB is in flight, and while it is, its device is alive.
///
/// # Invariants
///
/// Owns a reference count of the URB, which was allocated by `usb_alloc_urb()`.
pub(super) struct UrbRef(NonNull<bindings::urb>);

// SAFETY: `struct urb` is reference-counted atomically, and what is done through a `UrbRef`,
// cancelling, may be done from any thread.
unsafe impl Send for UrbRef {}

// SAFETY: `usb_kill_urb()` and its siblings may be called by several threads at once.
unsafe impl Sync for UrbRef {}

impl UrbRef {
    /// Takes a reference count over.
    ///
    /// # Safety
    ///
    /// `urb` must come from `usb_alloc_urb()`, and the caller must own a reference count of it.
    pub(super) unsafe fn from_owned(urb: NonNull<bindings::urb>) -> Self {
        // INVARIANT: By the safety requirement.
        Self(urb)
    }

    /// # Safety
    ///
    /// `urb` must be a valid `struct urb` from `usb_alloc_urb()`.
    unsafe fn new(urb: NonNull<bindings::urb>) -> Self {
        // SAFETY: By the safety requirement the URB is valid.
        unsafe { bindings::usb_get_urb(urb.as_ptr()) };
        // INVARIANT: The count was just taken.
        Self(urb)
    }

    /// Another reference to the same URB.
    pub(super) fn again(&self) -> Self {
        // SAFETY: The URB is valid by the type invariants.
        unsafe { Self::new(self.0) }
    }

    pub(super) fn as_non_null(&self) -> NonNull<bindings::urb> {
        self.0
    }

    /// Starts to cancel the URB if it is in flight. Returns whether that was so.
    ///
    /// # Context
    ///
    /// Any. The handler may run before this returns.
    pub(super) fn unlink(&self) -> bool {
        // SAFETY: The URB is valid by the type invariants.
        let result = unsafe { bindings::usb_unlink_urb(self.0.as_ptr()) };
        // A host controller driver that has it done at once may say so.
        result == EINPROGRESS.to_errno() || result == 0
    }

    /// Cancels the URB if it is in flight and waits until it is idle and its handler has
    /// returned. A resubmission in the meantime fails.
    ///
    /// # Context
    ///
    /// May sleep. Must not be called from the URB's own handler.
    pub(super) fn kill(&self) {
        // SAFETY: By the type invariants there is a URB to wait for.
        unsafe { bindings::usb_kill_urb(self.0.as_ptr()) };
    }

    /// Makes submissions fail until [`unpoison`](UrbRef::unpoison), and cancels nothing.
    pub(super) fn block(&self) {
        // SAFETY: It counts in a field of the URB, which is valid.
        unsafe { bindings::usb_block_urb(self.0.as_ptr()) };
    }

    /// How many submissions of the URB have not ended, their handlers included.
    pub(super) fn uses(&self) -> i32 {
        // SAFETY: The URB is valid; the C core counts in this field.
        unsafe { bindings::atomic_read_acquire(&raw const (*self.0.as_ptr()).use_count) }
    }

    /// Takes one [`block`](UrbRef::block) back.
    pub(super) fn unpoison(&self) {
        // SAFETY: As for `block`.
        unsafe { bindings::usb_unpoison_urb(self.0.as_ptr()) };
    }
}

impl Drop for UrbRef {
    fn drop(&mut self) {
        // SAFETY: By the type invariants we own a reference count.
        unsafe { bindings::usb_free_urb(self.0.as_ptr()) };
    }
}

/// A set of URBs in flight.
///
/// # Invariants
///
/// Both lists are initialised, and hold links of valid [`RawUrb`]s which are accessed with `lock`
/// held.
#[pin_data]
pub(super) struct Flight {
    #[pin]
    lock: SpinLockIrq<()>,
    /// The URBs that the host controller has, or is about to get.
    #[pin]
    going: Opaque<bindings::list_head>,
    /// Those of them that it was told to give back.
    #[pin]
    cancelled: Opaque<bindings::list_head>,
}

// SAFETY: The lists are accessed with the lock held only; what is on them is owned by nobody else.
unsafe impl Send for Flight {}

// SAFETY: A `&Flight` gives access to the lists only by functions that take the lock, which may be
// shared between threads.
unsafe impl Sync for Flight {}

impl Flight {
    pub(super) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            lock <- new_spinlock_irq!((), "usb::Flight::lock"),
            going <- empty_list(),
            cancelled <- empty_list(),
        })
    }

    /// Adds a URB.
    ///
    /// # Safety
    ///
    /// - `raw` must be valid, and in no `Flight`.
    /// - It must stay valid and at its address until [`remove`](Flight::remove).
    pub(super) unsafe fn add(&self, raw: NonNull<RawUrb>) {
        let _guard = self.lock.lock();
        // SAFETY: By the safety requirements the link is unused; the list is locked.
        unsafe { bindings::list_add_tail(RawUrb::link(raw), self.going.get()) };
    }

    /// Takes a URB out.
    ///
    /// # Safety
    ///
    /// `raw` must be in this flight.
    pub(super) unsafe fn remove(&self, raw: NonNull<RawUrb>) {
        let _guard = self.lock.lock();
        // SAFETY: `raw` is on one of the two lists, which are locked.
        unsafe { bindings::list_del(RawUrb::link(raw)) };
    }

    /// Cancels everything that is in flight now, without waiting.
    ///
    /// # Context
    ///
    /// Any context in which the handlers may run.
    pub(super) fn unlink_all(&self) {
        // Those that are resubmitted meanwhile stand behind the ones that were there.
        for _ in 0..self.count_going() {
            let Some(ticket) = self.next_to_cancel() else {
                break;
            };
            ticket.unlink();
        }
    }

    /// Cancels everything that is in flight now, and waits for the handlers.
    ///
    /// All cancellations are started before the first is waited for, so that the time this takes
    /// does not grow with the depth of the queues by more than it has to. What is added while
    /// this runs may stay.
    ///
    /// # Context
    ///
    /// May sleep.
    pub(super) fn kill_all(&self) {
        self.unlink_all();
        while let Some((link, ticket)) = self.first_cancelled() {
            ticket.urb.kill();
            self.put_back(link);
        }
    }

    fn count_going(&self) -> usize {
        let _guard = self.lock.lock();
        let head = self.going.get();
        // SAFETY: The list is initialised and locked.
        let (mut link, mut count) = (unsafe { (*head).next }, 0);
        while link != head {
            // SAFETY: `link` is on the list, which is locked.
            link = unsafe { (*link).next };
            count += 1;
        }
        count
    }

    /// Moves the first URB to those that are being cancelled.
    fn next_to_cancel(&self) -> Option<Arc<Ticket>> {
        let _guard = self.lock.lock();
        let head = self.going.get();
        // SAFETY: The list is initialised and locked.
        let link = unsafe { (*head).next };
        if link == head {
            return None;
        }
        // SAFETY: `link` is on a list; both lists are initialised and locked.
        unsafe { bindings::list_move_tail(link, self.cancelled.get()) };
        // SAFETY: What is on a list is a link of a valid `RawUrb`.
        Some(unsafe { self.reference(link) })
    }

    /// The first URB that is being cancelled; its link is for comparisons only.
    fn first_cancelled(&self) -> Option<(*mut bindings::list_head, Arc<Ticket>)> {
        let _guard = self.lock.lock();
        let head = self.cancelled.get();
        // SAFETY: The list is initialised and locked.
        let link = unsafe { (*head).next };
        if link == head {
            return None;
        }
        // SAFETY: As in `next_to_cancel`.
        Some((link, unsafe { self.reference(link) }))
    }

    /// Stops waiting for a URB that was killed and is still there: its submission is half way.
    fn put_back(&self, link: *mut bindings::list_head) {
        let _guard = self.lock.lock();
        // SAFETY: The list is initialised and locked.
        let first = unsafe { (*self.cancelled.get()).next };
        if first == link {
            // SAFETY: It is on the list.
            unsafe { bindings::list_move_tail(link, self.going.get()) };
        }
    }

    /// # Safety
    ///
    /// `link` must be on one of our lists, and the lock held.
    unsafe fn reference(&self, link: *mut bindings::list_head) -> Arc<Ticket> {
        // SAFETY: A link on a list belongs to a `RawUrb` that is valid until it is taken off,
        // under the lock, and so is its ticket. That keeps the URB in its fleet, so that the
        // device is waited with until we have cancelled the URB.
        unsafe { RawUrb::from_link(link).as_ref().ticket().clone() }
    }
}

pub(super) fn empty_list() -> impl PinInit<Opaque<bindings::list_head>> {
    Opaque::ffi_init(|slot: *mut bindings::list_head| {
        // SAFETY: `slot` is valid, pinned memory for a `struct list_head`.
        unsafe { bindings::INIT_LIST_HEAD(slot) }
    })
}
