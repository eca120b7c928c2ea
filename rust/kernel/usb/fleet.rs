// SPDX-License-Identifier: GPL-2.0

//! All URBs of an interface, whether in flight or not, so that they can be stopped together.
//!
//! A URB joins when it is allocated and not when it is submitted. So a transfer takes no lock, and
//! the C core's own count tells when it has ended: `usb_kill_urb()` waits until the handler has
//! returned, and fails resubmissions until then.

use super::{
    canceller::Ticket,
    flight::{
        empty_list,
        UrbRef, //
    }, //
};
use crate::{
    bindings,
    new_mutex,
    new_spinlock_irq,
    prelude::*,
    sync::{
        lock::mutex::MutexGuard,
        rcu::synchronize_rcu,
        Arc,
        Mutex,
        SpinLockIrq, //
    },
    types::Opaque, //
};
use core::ptr::NonNull;

/// All URBs of an interface.
///
/// # Invariants
///
/// - The lists are initialised, and hold links of valid [`Ticket`]s which are accessed with `lock`
///   held.
/// - A URB was blocked once by [`stop`](Fleet::stop) if it is on `stopping` or `stopped`, or is
///   about to be.
/// - `chosen` and `stopping` are empty but while `stop` runs.
/// - A URB was blocked once more if its ticket says that it is held. All of an endpoint are while
///   `lock` has its address, and no other ones.
#[pin_data]
pub(super) struct Fleet {
    /// With the address of the endpoint that is held.
    #[pin]
    lock: SpinLockIrq<Option<u8>>,
    /// Keeps those apart who hold endpoints.
    #[pin]
    holder: Mutex<()>,
    /// URBs that may be submitted.
    #[pin]
    free: Opaque<bindings::list_head>,
    /// URBs that are about to be blocked.
    #[pin]
    chosen: Opaque<bindings::list_head>,
    /// URBs that may not, and whose transfers were told to end.
    #[pin]
    stopping: Opaque<bindings::list_head>,
    /// URBs that may not, and are idle.
    #[pin]
    stopped: Opaque<bindings::list_head>,
}

// SAFETY: The lists are accessed with the lock held only.
unsafe impl Send for Fleet {}

// SAFETY: A `&Fleet` gives access to the lists only by functions that take the lock, which may be
// shared between threads.
unsafe impl Sync for Fleet {}

impl Fleet {
    pub(super) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            lock <- new_spinlock_irq!(None, "usb::Fleet::lock"),
            holder <- new_mutex!((), "usb::Fleet::holder"),
            free <- empty_list(),
            chosen <- empty_list(),
            stopping <- empty_list(),
            stopped <- empty_list(),
        })
    }

    /// Adds a URB.
    ///
    /// # Safety
    ///
    /// - `ticket` must be valid, and in no fleet.
    /// - It must stay valid and at its address until [`remove`](Fleet::remove).
    pub(super) unsafe fn add(&self, ticket: NonNull<Ticket>) {
        let held = self.lock.lock();
        // SAFETY: By the safety requirements the link is unused; the list is locked.
        unsafe { bindings::list_add_tail(Ticket::link(ticket), self.free.get()) };
        // SAFETY: It is valid.
        let ticket = unsafe { ticket.as_ref() };
        if *held == Some(ticket.address()) {
            ticket.hold();
        }
    }

    /// Takes a URB out. Its handler must not be running, or be about to return.
    ///
    /// # Safety
    ///
    /// `ticket` must be in this fleet.
    pub(super) unsafe fn remove(&self, ticket: NonNull<Ticket>) {
        let _guard = self.lock.lock();
        // SAFETY: It is on one of the lists, which are locked.
        unsafe { bindings::list_del(Ticket::link(ticket)) };
    }

    /// Cancels all transfers and waits for their handlers. Until [`release`](Fleet::release), URBs
    /// that are in the fleet now cannot be submitted.
    ///
    /// All cancellations are started before the first is waited for, so that the time this takes
    /// does not grow with the depth of the queues by more than it has to.
    ///
    /// # Context
    ///
    /// May sleep. Calls of this and `release` must not overlap.
    pub(super) fn stop(&self) {
        self.choose();
        while let Some(urb) = self.advance(&self.chosen, &self.stopping) {
            urb.block();
            urb.unlink();
        }
        while let Some(urb) = self.advance(&self.stopping, &self.stopped) {
            urb.kill();
        }
        // No handler is running any more.
        while let Some(ticket) = self.next_kept() {
            drop(ticket);
        }
    }

    /// Makes submissions possible again.
    ///
    /// # Context
    ///
    /// As [`stop`](Fleet::stop), but does not sleep.
    pub(super) fn release(&self) {
        while let Some(urb) = self.advance(&self.stopped, &self.free) {
            urb.unpoison();
        }
    }

    /// Makes submissions for an endpoint fail with `EPERM` while the returned guard lives, and lets
    /// go on what is in flight. Those that are half way are over then.
    ///
    /// # Context
    ///
    /// May sleep.
    pub(super) fn hold(&self, address: u8) -> Hold<'_> {
        let turn = self.holder.lock();
        let mut held = self.lock.lock();
        *held = Some(address);
        self.for_each(|ticket| {
            if ticket.address() == address {
                ticket.hold();
            }
        });
        drop(held);
        // The core looks whether a URB is blocked, and takes it over, with a spinlock held.
        synchronize_rcu();
        Hold {
            fleet: self,
            _turn: turn,
        }
    }

    /// The caller holds the lock, so that `f` neither frees tickets nor takes it.
    fn for_each(&self, f: impl Fn(&Ticket)) {
        for list in [&self.free, &self.chosen, &self.stopping, &self.stopped] {
            let head = list.get();
            // SAFETY: The list is initialised and locked.
            let mut link = unsafe { (*head).next };
            while link != head {
                // SAFETY: What is on a list is the link of a valid ticket.
                f(unsafe { Ticket::from_link(link).as_ref() });
                // SAFETY: `link` is on the list, which is locked.
                link = unsafe { (*link).next };
            }
        }
    }

    /// Picks those that are in the fleet now: others may join for as long as they like.
    fn choose(&self) {
        let _guard = self.lock.lock();
        // SAFETY: Both lists are initialised and locked.
        unsafe {
            while (*self.free.get()).next != self.free.get() {
                bindings::list_move_tail((*self.free.get()).next, self.chosen.get());
            }
        }
    }

    /// One of the references that were kept for handlers, of those that are stopped.
    fn next_kept(&self) -> Option<Arc<Ticket>> {
        let _guard = self.lock.lock();
        let head = self.stopped.get();
        // SAFETY: The list is initialised and locked.
        let mut link = unsafe { (*head).next };
        while link != head {
            // SAFETY: What is on a list is the link of a valid ticket. We hold the lock.
            let ticket = unsafe { Ticket::from_link(link).as_ref() };
            if let Some(ticket) = ticket.take_kept() {
                return Some(ticket);
            }
            // SAFETY: `link` is on the list, which is locked.
            link = unsafe { (*link).next };
        }
        None
    }

    /// Moves the first URB of a list to another.
    fn advance(
        &self,
        from: &Opaque<bindings::list_head>,
        to: &Opaque<bindings::list_head>,
    ) -> Option<UrbRef> {
        let _guard = self.lock.lock();
        // SAFETY: The list is initialised and locked.
        let link = unsafe { (*from.get()).next };
        if link == from.get() {
            return None;
        }
        // SAFETY: `link` is on a list; both lists are initialised and locked.
        unsafe { bindings::list_move_tail(link, to.get()) };
        // SAFETY: What is on a list is the link of a ticket, which is valid until it was taken off
        // with the lock held.
        Some(unsafe { Ticket::from_link(link).as_ref() }.urb.again())
    }
}

/// Keeps the URBs of an endpoint from being submitted.
pub(super) struct Hold<'a> {
    fleet: &'a Fleet,
    _turn: MutexGuard<'a, ()>,
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        let mut held = self.fleet.lock.lock();
        *held = None;
        self.fleet.for_each(Ticket::let_go);
    }
}

#[kunit_tests(rust_usb_fleet)]
mod tests {
    use super::{
        super::gate::Gate,
        *, //
    };
    use core::ptr;

    fn gate() -> Result<Arc<Gate>> {
        // SAFETY: The pointers are not looked at: URBs without a device are never in flight.
        unsafe { Gate::new(ptr::null_mut(), ptr::null_mut()) }
    }

    fn ticket(gate: &Arc<Gate>) -> Result<Arc<Ticket>> {
        // SAFETY: No requirements.
        let urb = unsafe { bindings::usb_alloc_urb(0, GFP_KERNEL.as_raw()) };
        // SAFETY: It comes from `usb_alloc_urb()`, with a reference count.
        let urb = unsafe { UrbRef::from_owned(NonNull::new(urb).ok_or(ENOMEM)?) };
        Ticket::new(urb, gate.clone())
    }

    /// How many times the URB was blocked.
    fn blocks(ticket: &Ticket) -> i32 {
        // SAFETY: The URB is valid, and nobody else uses it.
        unsafe { (*ticket.urb.as_non_null().as_ptr()).reject.counter }
    }

    #[test]
    fn all_are_blocked_once_and_released() -> Result {
        let gate = gate()?;
        let tickets = [ticket(&gate)?, ticket(&gate)?, ticket(&gate)?];
        for _ in 0..2 {
            gate.fleet().stop();
            assert!(tickets.iter().all(|ticket| blocks(ticket) == 1));
            gate.fleet().stop();
            assert!(tickets.iter().all(|ticket| blocks(ticket) == 1));
            gate.fleet().release();
            assert!(tickets.iter().all(|ticket| blocks(ticket) == 0));
        }
        Ok(())
    }

    #[test]
    fn what_was_kept_for_a_handler_goes_when_the_fleet_stops() -> Result {
        let gate = gate()?;
        let (ticket, other) = (ticket(&gate)?, ticket(&gate)?);
        let urb = ticket.urb.again();
        let c = urb.as_non_null().as_ptr();
        // Two runs of its handler overlap, and the first to end has the last reference.
        // SAFETY: The URB is valid, and nobody else uses it.
        unsafe { (*c).use_count.counter = 2 };
        Ticket::release(ticket);
        gate.fleet().stop();
        let link = gate.fleet().stopped.get();
        // SAFETY: The list is initialised, and nobody else uses it.
        assert!(unsafe { (*link).next == (*link).prev && (*link).next != link });
        assert_eq!(blocks(&other), 1);
        Ok(())
    }

    fn ticket_for(gate: &Arc<Gate>, number: u32, is_in: bool) -> Result<Arc<Ticket>> {
        // SAFETY: No requirements.
        let urb = unsafe { bindings::usb_alloc_urb(0, GFP_KERNEL.as_raw()) };
        let urb = NonNull::new(urb).ok_or(ENOMEM)?;
        // SAFETY: It was just allocated.
        unsafe { (*urb.as_ptr()).pipe = number << 15 | u32::from(is_in) << 7 };
        // SAFETY: It comes from `usb_alloc_urb()`, with a reference count.
        Ticket::new(unsafe { UrbRef::from_owned(urb) }, gate.clone())
    }

    #[test]
    fn an_endpoint_is_held_and_others_are_not() -> Result {
        let gate = gate()?;
        let (ours, out) = (ticket_for(&gate, 1, true)?, ticket_for(&gate, 1, false)?);
        let others = [ticket_for(&gate, 2, true)?, ticket(&gate)?, out];
        for _ in 0..2 {
            let hold = gate.fleet().hold(0x81);
            assert_eq!(blocks(&ours), 1);
            let joins = ticket_for(&gate, 1, true)?;
            assert_eq!(blocks(&joins), 1);
            assert!(others.iter().all(|ticket| blocks(ticket) == 0));
            drop(ticket_for(&gate, 1, true)?);
            drop(hold);
            assert_eq!((blocks(&ours), blocks(&joins)), (0, 0));
        }
        Ok(())
    }

    #[test]
    fn what_is_held_and_stopped_is_blocked_twice() -> Result {
        let gate = gate()?;
        let ours = ticket_for(&gate, 15, false)?;
        let hold = gate.fleet().hold(0x0f);
        gate.fleet().stop();
        assert_eq!(blocks(&ours), 2);
        drop(hold);
        assert_eq!(blocks(&ours), 1);
        let hold = gate.fleet().hold(0x0f);
        gate.fleet().release();
        assert_eq!(blocks(&ours), 1);
        drop(hold);
        assert_eq!(blocks(&ours), 0);
        Ok(())
    }

    #[test]
    fn who_joins_or_leaves_a_stopped_fleet_is_left_alone() -> Result {
        let gate = gate()?;
        let (stays, leaves) = (ticket(&gate)?, ticket(&gate)?);
        gate.fleet().stop();
        let joins = ticket(&gate)?;
        drop(leaves);
        assert_eq!((blocks(&stays), blocks(&joins)), (1, 0));
        gate.fleet().release();
        assert_eq!((blocks(&stays), blocks(&joins)), (0, 0));
        Ok(())
    }
}
