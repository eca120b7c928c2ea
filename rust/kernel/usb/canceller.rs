// SPDX-License-Identifier: GPL-2.0

//! Cancelling a URB that somebody else owns.

use super::{
    flight::UrbRef,
    gate::Gate,
    Interface, //
};
use crate::{
    device,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Full, //
        },
        Arc, //
    }, //
};

/// What a URB and its cancellers share.
pub(super) struct Ticket {
    pub(super) urb: UrbRef,
    pub(super) gate: Arc<Gate>,
    /// Whether the URB refuses submissions, which counts once in the C core.
    poisoned: Atomic<bool>,
}

impl Ticket {
    pub(super) fn new(urb: UrbRef, gate: Arc<Gate>) -> Result<Arc<Self>> {
        let poisoned = Atomic::new(false);
        Ok(Arc::new(
            Self {
                urb,
                gate,
                poisoned,
            },
            GFP_KERNEL,
        )?)
    }
}

/// Cancels a URB that somebody else owns: the host controller, or whom its handler gave it to.
///
/// It may outlive the URB and the binding of its interface; there is nothing to cancel then.
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
    pub fn kill(&self, interface: &Interface<device::Bound>) -> Result {
        self.check(interface)?;
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
    pub fn poison(&self, interface: &Interface<device::Bound>) -> Result {
        self.check(interface)?;
        match self.0.poisoned.xchg(true, Full) {
            false => self.0.urb.poison(),
            true => self.0.urb.kill(),
        }
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
        if !self.0.poisoned.xchg(true, Full) {
            self.0.urb.block();
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
    /// # Context
    ///
    /// Any, but no lock may be held that the handler takes: it may run before this returns.
    #[doc(alias = "usb_unlink_urb")]
    pub fn unlink(&self) {
        self.0.urb.unlink();
    }

    fn check(&self, interface: &Interface<device::Bound>) -> Result {
        match Arc::ptr_eq(&self.0.gate, interface.gate()?) {
            true => Ok(()),
            false => Err(EINVAL),
        }
    }
}
