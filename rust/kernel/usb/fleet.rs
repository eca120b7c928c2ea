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
    new_spinlock_irq,
    prelude::*,
    sync::{
        Arc,
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
#[pin_data]
pub(super) struct Fleet {
    #[pin]
    lock: SpinLockIrq<()>,
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

// SAFETY: As above.
unsafe impl Sync for Fleet {}

impl Fleet {
    pub(super) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            lock <- new_spinlock_irq!((), "usb::Fleet::lock"),
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
        let _guard = self.lock.lock();
        // SAFETY: By the safety requirements the link is unused; the list is locked.
        unsafe { bindings::list_add_tail(Ticket::link(ticket), self.free.get()) };
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
