// SPDX-License-Identifier: GPL-2.0

//! Cancelling a URB that somebody else owns.

use super::{
    flight::UrbRef,
    gate::Gate,
    proof::IsBound,
    raw::address_of,
    Interface, //
};
use crate::{
    bindings,
    device,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Full,
            Relaxed, //
        },
        Arc,
        UniqueArc, //
    },
    types::Opaque, //
};
use core::{
    mem::{
        self,
        offset_of, //
    },
    ptr::NonNull, //
};

/// What a URB and its cancellers share.
///
/// # Invariants
///
/// It is in the fleet of `gate`.
pub(super) struct Ticket {
    pub(super) urb: UrbRef,
    pub(super) gate: Arc<Gate>,
    /// Whether the URB refuses submissions, which counts once in the C core.
    poisoned: Atomic<bool>,
    /// References that were kept for handlers that were still running.
    kept: Atomic<u32>,
    /// Whether the fleet holds the URB's endpoint, which counts once in the C core; accessed with
    /// the fleet's lock held.
    held: Atomic<bool>,
    /// Of the fleet.
    link: Opaque<bindings::list_head>,
}

// SAFETY: The link is accessed with the fleet's lock held only; everything else is `Send`.
unsafe impl Send for Ticket {}

// SAFETY: As above; everything else is `Sync`.
unsafe impl Sync for Ticket {}

impl Ticket {
    pub(super) fn new(urb: UrbRef, gate: Arc<Gate>) -> Result<Arc<Self>> {
        let poisoned = Atomic::new(false);
        let link = Opaque::uninit();
        let memory = UniqueArc::new_uninit(GFP_KERNEL)?;
        // INVARIANT: It is added below, before anybody else sees it.
        let ticket: Arc<Self> = memory
            .write(Self {
                urb,
                gate,
                poisoned,
                kept: Atomic::new(0),
                held: Atomic::new(false),
                link,
            })
            .into();
        // SAFETY: It is new. It stays where it is until it is dropped, and is taken out then.
        unsafe { ticket.gate.fleet().add(NonNull::from(&*ticket)) };
        Ok(ticket)
    }

    /// Drops a reference at the end of a handler of the URB.
    ///
    /// Another run of the handler may not have returned yet: it has resubmitted the URB, which
    /// completed meanwhile on another CPU. The URB stays in the fleet then, for who stops it to
    /// wait for that.
    #[inline(never)]
    pub(super) fn release(this: Arc<Self>) {
        if this.urb.uses() <= 1 {
            // Other runs have returned, and this one is about to.
            drop(this.take_kept());
            drop(this);
        } else if this.kept.xchg(1, Full) == 0 {
            // One is enough.
            mem::forget(this);
        }
    }

    /// Starts to cancel the URB, as [`UrbRef::unlink`], unless its driver was unbound: the core asks
    /// that nobody is still about to do so when `disconnect` returns.
    ///
    /// # Context
    ///
    /// Any. The handler may run before this returns.
    pub(super) fn unlink(&self) -> bool {
        let visit = self.gate.visit();
        visit.is_ok() && self.urb.unlink()
    }

    /// Takes the reference back that was kept, if one was.
    pub(super) fn take_kept(&self) -> Option<Arc<Self>> {
        if self.kept.load(Relaxed) == 0 || self.kept.xchg(0, Full) == 0 {
            return None;
        }
        // SAFETY: All tickets are in an `Arc`, and a reference was forgotten for the count that has
        // just been taken away.
        Some(unsafe { Arc::from_raw(self) })
    }

    /// The address of the URB's endpoint.
    pub(super) fn address(&self) -> u8 {
        // SAFETY: The URB is valid, and its pipe stays as it was when this was made.
        let pipe = unsafe { (*self.urb.as_non_null().as_ptr()).pipe };
        address_of(pipe)
    }

    /// Blocks the URB for its fleet, which has locked its lists.
    pub(super) fn hold(&self) {
        if !self.held.load(Relaxed) {
            self.held.store(true, Relaxed);
            self.urb.block();
        }
    }

    /// Takes [`hold`](Ticket::hold) back, if need be.
    pub(super) fn let_go(&self) {
        if self.held.load(Relaxed) {
            self.held.store(false, Relaxed);
            self.urb.unpoison();
        }
    }

    pub(super) fn link(this: NonNull<Self>) -> *mut bindings::list_head {
        // The offset lies within the `Ticket`; nothing is accessed here.
        this.as_ptr()
            .wrapping_byte_add(offset_of!(Self, link))
            .cast()
    }

    /// # Safety
    ///
    /// `link` must be the link of a `Ticket`.
    pub(super) unsafe fn from_link(link: *mut bindings::list_head) -> NonNull<Self> {
        // SAFETY: By the safety requirement the result is the address of a `Ticket`.
        unsafe { NonNull::new_unchecked(link.byte_sub(offset_of!(Self, link)).cast()) }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        // SAFETY: By the type invariants it is in.
        unsafe { self.gate.fleet().remove(NonNull::from(&*self)) };
    }
}

/// Cancels a URB that somebody else owns: the host controller, or whom its handler gave it to.
///
/// It may outlive the URB and the binding of its interface; there is nothing to cancel then.
///
/// # Examples
///
/// ```
/// use kernel::{device::Bound, prelude::*, usb};
///
/// /// A sensor that is read again and again by a handler of its own.
/// struct Sensor {
///     read: usb::Canceller,
/// }
///
/// impl Sensor {
///     fn start<H>(
///         intf: &usb::Interface<Bound>,
///         urb: usb::Urb<usb::Bulk, usb::In, H>,
///     ) -> Result<Self>
///     where
///         H: usb::Handler<usb::Bulk, usb::In>,
///     {
///         let read = urb.canceller();
///         urb.submit(intf)?;
///         Ok(Self { read })
///     }
///
///     /// Begins to end the readings, in any context.
///     fn mute(&self) {
///         self.read.block();
///         self.read.unlink();
///     }
///
///     /// As long as `f` runs there are no readings; the URB is with its handler, or freed.
///     fn without(&self, intf: &usb::Interface<Bound>, f: impl FnOnce() -> Result) -> Result {
///         self.read.poison(intf)?;
///         let result = f();
///         self.read.unpoison();
///         result
///     }
///
///     /// Ends the reading that is under way. Whether there is another, the handler decides.
///     fn skip(&self, intf: &usb::Interface<Bound>) -> Result {
///         self.read.kill(intf)
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Canceller(pub(super) Arc<Ticket>);

impl Canceller {
    /// Cancels the URB if it is in flight, and waits until its handler has returned. While this
    /// runs, a resubmission fails with `EPERM`. An idle URB stays as it is.
    ///
    /// # Context
    ///
    /// May sleep, which the bound interface proves: no handler has one. Must not be called with
    /// a lock held that the handler takes.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: the URB was made for another interface than `interface`.
    /// - `ENODEV`: the driver's data is being dropped; nothing is in flight then.
    #[doc(alias = "usb_kill_urb")]
    pub fn kill<Ctx: device::DeviceContext>(&self, interface: &Interface<Ctx>) -> Result
    where
        Interface<Ctx>: IsBound,
    {
        self.check(interface.bound())?;
        self.0.urb.kill();
        Ok(())
    }

    /// As [`kill`](Canceller::kill), and submissions fail with `EPERM` until
    /// [`unpoison`](Canceller::unpoison).
    ///
    /// # Context
    ///
    /// As [`kill`](Canceller::kill).
    ///
    /// # Errors
    ///
    /// As [`kill`](Canceller::kill).
    #[doc(alias = "usb_poison_urb")]
    pub fn poison<Ctx: device::DeviceContext>(&self, interface: &Interface<Ctx>) -> Result
    where
        Interface<Ctx>: IsBound,
    {
        self.check(interface.bound())?;
        self.block();
        self.0.urb.kill();
        Ok(())
    }

    /// Makes submissions fail with `EPERM` until [`unpoison`](Canceller::unpoison), and cancels
    /// nothing.
    ///
    /// # Context
    ///
    /// Any.
    #[doc(alias = "usb_block_urb")]
    pub fn block(&self) {
        // Counted before it is said. Otherwise somebody might take back what does not count yet,
        // and who waits for the URB would not be told of its end.
        self.0.urb.block();
        if self.0.poisoned.xchg(true, Full) {
            self.0.urb.unpoison();
        }
    }

    /// Makes submissions possible again.
    ///
    /// # Context
    ///
    /// Any.
    #[doc(alias = "usb_unpoison_urb")]
    pub fn unpoison(&self) {
        if self.0.poisoned.xchg(false, Full) {
            self.0.urb.unpoison();
        }
    }

    /// Starts to cancel the URB if it is in flight; its handler learns of it.
    ///
    /// Returns whether the host controller had it, so that the transfer ends with `ECONNRESET`. If
    /// not, it was idle, cancelled before, or about to complete.
    ///
    /// # Context
    ///
    /// Any, but no lock may be held that the handler takes: it may run before this returns.
    #[doc(alias = "usb_unlink_urb")]
    pub fn unlink(&self) -> bool {
        self.0.unlink()
    }

    fn check(&self, interface: &Interface<device::Bound>) -> Result {
        match Arc::ptr_eq(&self.0.gate, interface.gate()?) {
            true => Ok(()),
            false => Err(EINVAL),
        }
    }
}
