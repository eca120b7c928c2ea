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
        atomic::{
            Atomic,
            Full,
            Relaxed, //
        },
        barrier::smp_mb,
        Arc,
        SpinLockIrq,
        SpinLockIrqGuard, //
    },
    types::Opaque, //
};
use core::{
    ops::Range,
    ptr::NonNull, //
};

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

/// The number of a URB in a [`Flight`]: those that come later have higher ones.
pub(super) type Number = u64;

/// A set of URBs in flight.
///
/// Cancelling them has to reach also those whose submission is half way: here, but not yet where
/// the host controller driver would find them. So it is known up to which number all have been
/// cancelled. A submission gets a number when it begins, and asks at its end whether that is among
/// them; if so, the submitter cancels the URB himself.
///
/// # Invariants
///
/// The list is initialised, and holds links of valid [`RawUrb`]s which are accessed with `next`
/// locked. They are in the order of their numbers.
#[pin_data]
pub(super) struct Flight {
    /// What the next URB gets.
    #[pin]
    next: SpinLockIrq<Number>,
    /// The URBs that the host controller has, or is about to get.
    #[pin]
    urbs: Opaque<bindings::list_head>,
    /// All below it were cancelled. Changed with `next` locked.
    cancelled: Atomic<Number>,
}

/// Keeps URBs from coming and going.
pub(super) type Locked<'a> = SpinLockIrqGuard<'a, Number>;

// SAFETY: The list is accessed with the lock held only; what is on it is owned by nobody else.
unsafe impl Send for Flight {}

// SAFETY: A `&Flight` gives access to the list only by functions that take the lock, which may be
// shared between threads.
unsafe impl Sync for Flight {}

impl Flight {
    pub(super) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            next <- new_spinlock_irq!(0, "usb::Flight::next"),
            urbs <- empty_list(),
            cancelled: Atomic::new(0),
        })
    }

    pub(super) fn lock(&self) -> Locked<'_> {
        self.next.lock()
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
    ) -> Result<Number> {
        let mut next = self.lock();
        admit()?;
        let number = *next;
        *next += 1;
        // SAFETY: By the safety requirements it is valid.
        unsafe { raw.as_ref() }.number.store(number, Relaxed);
        // INVARIANT: The number is higher than that of the last one.
        // SAFETY: By the safety requirements the link is unused; the list is locked.
        unsafe { bindings::list_add_tail(RawUrb::link(raw), self.urbs.get()) };
        Ok(number)
    }

    /// Takes a URB out, and does `also` with the lock held.
    ///
    /// # Safety
    ///
    /// `raw` must be in this flight.
    pub(super) unsafe fn remove(&self, raw: NonNull<RawUrb>, also: impl FnOnce()) {
        let _locked = self.lock();
        // SAFETY: `raw` is on the list, which is locked.
        unsafe { bindings::list_del(RawUrb::link(raw)) };
        also();
    }

    /// Whether no URB is in it; who holds the lock may rely on that.
    pub(super) fn is_empty(&self, _locked: &Locked<'_>) -> bool {
        // SAFETY: The list is initialised and locked.
        unsafe { bindings::list_empty(self.urbs.get()) != 0 }
    }

    /// Says that all that are here are being cancelled, which the caller is to do now with what he
    /// gets from [`first_of`](Flight::first_of): their numbers are among those that this returns.
    pub(super) fn begin_to_cancel(&self) -> Range<Number> {
        let next = self.lock();
        let numbers = 0..*next;
        self.cancelled.store(numbers.end, Relaxed);
        drop(next);
        // As in `is_cancelled`.
        smp_mb(Full);
        numbers
    }

    /// Whether all were cancelled since a URB was added that has been submitted now. Who did that
    /// may have looked before there was anything to cancel.
    #[inline]
    pub(super) fn is_cancelled(&self, number: Number) -> bool {
        // Either we see that, or who has said so, and has such a barrier too, sees the URB that the
        // C core was given.
        smp_mb(Full);
        number < self.cancelled.load(Relaxed)
    }

    /// The ticket of the first URB with one of these numbers, and its number. Does `also` with the
    /// lock held.
    ///
    /// From the front. `usb_kill_anchored_urbs()` goes the other way, so as to leave no holes in a
    /// stream. But then QEMU's xHCI lost the data of the next transfer, apparently to the no-ops
    /// that its driver leaves in the ring for URBs that were cancelled behind others.
    pub(super) fn first_of(
        &self,
        numbers: &Range<Number>,
        also: impl FnOnce(),
    ) -> Option<(Number, Arc<Ticket>)> {
        self.find(|_, number| numbers.contains(&number), also)
    }

    /// The ticket of the URB at this address, if it is one of those that were cancelled. Does
    /// `also` with the lock held.
    pub(super) fn cancelled_at(
        &self,
        raw: NonNull<RawUrb>,
        also: impl FnOnce(),
    ) -> Option<Arc<Ticket>> {
        let wanted = RawUrb::link(raw);
        let cancelled = |number| number < self.cancelled.load(Relaxed);
        let found = self.find(|link, number| link == wanted && cancelled(number), also);
        found.map(|(_, ticket)| ticket)
    }

    fn find(
        &self,
        fits: impl Fn(*mut bindings::list_head, Number) -> bool,
        also: impl FnOnce(),
    ) -> Option<(Number, Arc<Ticket>)> {
        let _locked = self.lock();
        let head = self.urbs.get();
        // SAFETY: The list is initialised and locked.
        let mut link = unsafe { (*head).next };
        while link != head {
            // SAFETY: A link on the list belongs to a `RawUrb` that is valid until it is taken off,
            // under the lock, and so is its ticket. That keeps the URB in its fleet, so that the
            // device is waited with until the caller has cancelled the URB.
            let raw = unsafe { RawUrb::from_link(link).as_ref() };
            let number = raw.number.load(Relaxed);
            if fits(link, number) {
                also();
                return Some((number, raw.ticket().clone()));
            }
            // SAFETY: `link` is on the list, which is locked.
            link = unsafe { (*link).next };
        }
        None
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
        super::idle,
        *, //
    };

    fn with_two(what: impl FnOnce(&Flight, [NonNull<RawUrb>; 2]) -> Result) -> Result {
        let flight = KBox::pin_init(Flight::new(), GFP_KERNEL)?;
        idle::with_two(|raws| what(&flight, raws))
    }

    /// Adds one that stays until it is removed.
    fn add(flight: &Flight, raw: NonNull<RawUrb>) -> Result<Number> {
        // SAFETY: It is valid until it is taken out.
        unsafe { flight.add(raw, || Ok(())) }
    }

    fn remove_both(flight: &Flight, raws: [NonNull<RawUrb>; 2]) {
        for raw in raws {
            assert!(!flight.is_empty(&flight.lock()));
            // SAFETY: It is there.
            unsafe { flight.remove(raw, || ()) };
        }
        assert!(flight.is_empty(&flight.lock()));
    }

    fn number_in(flight: &Flight, numbers: Range<Number>) -> Option<Number> {
        flight.first_of(&numbers, || ()).map(|(number, _)| number)
    }

    #[test]
    fn who_is_refused_does_not_come_in() -> Result {
        with_two(|flight, raws| {
            // SAFETY: It is valid, and not taken in.
            let refused = unsafe { flight.add(raws[0], || Err(EPERM)) };
            assert_eq!(refused, Err(EPERM));
            assert!(flight.is_empty(&flight.lock()));
            Ok(())
        })
    }

    #[test]
    fn who_is_half_way_is_told() -> Result {
        with_two(|flight, raws| {
            let before = add(flight, raws[0])?;
            assert!(!flight.is_cancelled(before));
            flight.begin_to_cancel();
            let after = add(flight, raws[1])?;
            assert!(flight.is_cancelled(before) && !flight.is_cancelled(after));
            assert!(flight.cancelled_at(raws[0], || ()).is_some());
            assert!(flight.cancelled_at(raws[1], || ()).is_none());
            remove_both(flight, raws);
            assert!(flight.cancelled_at(raws[0], || ()).is_none());
            Ok(())
        })
    }

    #[test]
    fn each_canceller_gets_all_that_were_there() -> Result {
        with_two(|flight, raws| {
            let first = add(flight, raws[0])?;
            let early = flight.begin_to_cancel();
            let last = add(flight, raws[1])?;
            let late = flight.begin_to_cancel();
            for _ in 0..2 {
                assert_eq!(number_in(flight, early.clone()), Some(first));
                assert_eq!(number_in(flight, last..early.end), None);
                assert_eq!(number_in(flight, late.clone()), Some(first));
                assert_eq!(number_in(flight, last..late.end), Some(last));
                assert_eq!(number_in(flight, last + 1..late.end), None);
            }
            remove_both(flight, raws);
            assert_eq!(number_in(flight, late), None);
            Ok(())
        })
    }

    #[test]
    fn who_comes_again_is_another_one() -> Result {
        with_two(|flight, raws| {
            add(flight, raws[0])?;
            add(flight, raws[1])?;
            let numbers = flight.begin_to_cancel();
            remove_both(flight, raws);
            add(flight, raws[0])?;
            assert_eq!(number_in(flight, numbers), None);
            assert!(flight.cancelled_at(raws[0], || ()).is_none());
            // SAFETY: It is there.
            unsafe { flight.remove(raws[0], || ()) };
            Ok(())
        })
    }
}
