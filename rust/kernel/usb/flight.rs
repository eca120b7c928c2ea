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
        SpinLockIrq,
        SpinLockIrqGuard, //
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

    /// Keeps URBs from coming and going.
    pub(super) fn lock(&self) -> SpinLockIrqGuard<'_, ()> {
        self.lock.lock()
    }

    /// Adds a URB, unless `admit` has something against it, which is asked with the lock held.
    ///
    /// # Safety
    ///
    /// - `raw` must be valid, and in no `Flight`.
    /// - If this succeeds, it must stay valid and at its address until [`remove`](Flight::remove).
    pub(super) unsafe fn add(
        &self,
        raw: NonNull<RawUrb>,
        admit: impl FnOnce() -> Result,
    ) -> Result {
        let _guard = self.lock.lock();
        admit()?;
        // SAFETY: By the safety requirements the link is unused; the list is locked.
        unsafe { bindings::list_add_tail(RawUrb::link(raw), self.going.get()) };
        Ok(())
    }

    /// Takes a URB out, and does `also` with the lock held.
    ///
    /// # Safety
    ///
    /// `raw` must be in this flight.
    pub(super) unsafe fn remove(&self, raw: NonNull<RawUrb>, also: impl FnOnce()) {
        let _guard = self.lock.lock();
        // SAFETY: `raw` is on one of the two lists, which are locked.
        unsafe { bindings::list_del(RawUrb::link(raw)) };
        also();
    }

    /// Whether no URB is in it; who holds the lock may rely on that.
    pub(super) fn is_empty(&self, _locked: &SpinLockIrqGuard<'_, ()>) -> bool {
        // SAFETY: The lists are initialised and locked.
        unsafe {
            bindings::list_empty(self.going.get()) != 0
                && bindings::list_empty(self.cancelled.get()) != 0
        }
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

    /// Cancels the URB whose address this is, if it is in flight.
    ///
    /// # Context
    ///
    /// As [`unlink_all`](Flight::unlink_all).
    #[cold]
    pub(super) fn unlink(&self, raw: NonNull<RawUrb>) {
        if let Some(ticket) = self.find(RawUrb::link(raw)) {
            ticket.unlink();
        }
    }

    /// The ticket of the URB whose link this is, if it is on one of the lists.
    fn find(&self, wanted: *mut bindings::list_head) -> Option<Arc<Ticket>> {
        let guard = self.lock.lock();
        let mut found = None;
        let mut look = |link| {
            if link == wanted {
                // SAFETY: It is on a list, which is locked.
                found = Some(unsafe { self.reference(link) });
            }
        };
        // SAFETY: Both are our lists.
        unsafe {
            Self::visit(self.going.get(), &guard, &mut look);
            Self::visit(self.cancelled.get(), &guard, &mut look);
        }
        found
    }

    fn count_going(&self) -> usize {
        let guard = self.lock.lock();
        let mut count = 0;
        // SAFETY: It is one of our lists.
        unsafe { Self::visit(self.going.get(), &guard, &mut |_| count += 1) };
        count
    }

    /// Shows all links on a list.
    ///
    /// # Safety
    ///
    /// `head` must be that of one of the lists that are locked.
    unsafe fn visit(
        head: *mut bindings::list_head,
        _locked: &SpinLockIrqGuard<'_, ()>,
        show: &mut dyn FnMut(*mut bindings::list_head),
    ) {
        // SAFETY: The list is initialised, and locked by the safety requirement.
        let mut link = unsafe { (*head).next };
        while link != head {
            show(link);
            // SAFETY: `link` is on the list, which is locked.
            link = unsafe { (*link).next };
        }
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

#[kunit_tests(rust_usb_flight)]
mod tests {
    use super::{
        super::{
            endpoint::{
                Bulk,
                In,
                TransferKind, //
            },
            gate::Gate,
            iso::Packets,
            urb::Target,
            Buffer,
            Completed,
            Handler,
            Urb, //
        },
        *, //
    };
    use core::ptr;

    struct Nobody;

    impl Handler<Bulk, In> for Nobody {
        fn complete(_done: Completed<'_, Bulk, In, Self>) {}
    }

    /// An idle URB for a device that there is not.
    fn idle(device: &bindings::usb_device) -> Result<Urb<Bulk, In, Nobody>> {
        let udev = ptr::from_ref(device).cast_mut();
        // SAFETY: The interface is not looked at, as nothing is submitted.
        let gate = unsafe { Gate::new(udev, ptr::null_mut()) }?;
        let target = Target {
            kind: TransferKind::Bulk,
            is_in: true,
            number: 1,
            interval: 0,
            setting: None,
        };
        let memory = Buffer::new(1, GFP_KERNEL)?;
        // SAFETY: The device is valid.
        Ok(unsafe { Urb::behind(gate, target, Packets::NONE, memory, Nobody)? })
    }

    #[test]
    fn a_urb_is_found_while_it_is_there() -> Result {
        let device = KBox::init(pin_init::init_zeroed::<bindings::usb_device>(), GFP_KERNEL)?;
        let flight = KBox::pin_init(Flight::new(), GFP_KERNEL)?;
        let raws = [idle(&device)?.into_raw(), idle(&device)?.into_raw()];
        let is_there = |index: usize| flight.find(RawUrb::link(raws[index])).is_some();
        assert!(flight.is_empty(&flight.lock()));
        // SAFETY: It is valid, and not taken in.
        let refused = unsafe { flight.add(raws[0], || Err(EPERM)) };
        assert_eq!(refused, Err(EPERM));
        assert!(!is_there(0));
        for raw in raws {
            // SAFETY: It is valid until it is taken out.
            unsafe { flight.add(raw, || Ok(()))? };
        }
        assert_eq!(flight.count_going(), 2);
        // It is still there when it is being cancelled.
        assert!(flight.next_to_cancel().is_some());
        assert_eq!(flight.count_going(), 1);
        assert!(is_there(0) && is_there(1));
        for (index, raw) in raws.into_iter().enumerate() {
            assert!(!flight.is_empty(&flight.lock()));
            // SAFETY: It is there.
            unsafe { flight.remove(raw, || ()) };
            assert!(!is_there(index));
            // SAFETY: It is ours again, and of this type.
            drop(unsafe { Urb::<Bulk, In, Nobody>::from_raw(raw) });
        }
        assert!(flight.is_empty(&flight.lock()));
        Ok(())
    }
}
