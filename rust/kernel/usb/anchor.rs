// SPDX-License-Identifier: GPL-2.0

//! Groups of URBs that are cancelled and waited for together.
//!
//! C reference: [`Documentation/driver-api/usb/anchors.rst`]. Unlike `struct usb_anchor`, an anchor
//! takes a URB in as part of its submission, so that it never waits for one that was anchored and
//! forgotten, and poisoning leaves no trace in URBs that it does not hold any more.
//!
//! [`Documentation/driver-api/usb/anchors.rst`]: srctree/Documentation/driver-api/usb/anchors.rst

use super::{
    flight::Flight,
    raw::RawUrb,
    waiter::{
        sleep_until,
        Patience, //
    },
    Interface,
    Sleep, //
};
use crate::{
    device,
    new_condvar,
    new_spinlock_irq,
    prelude::*,
    sync::{
        Arc,
        CondVar,
        SpinLockIrq, //
    }, //
};
use core::ptr::NonNull;

/// Who is anchored, and whether others may come.
struct State {
    /// URBs from their submission until their handler has returned.
    count: usize,
    /// Those of them whose handler is running.
    completing: usize,
    poisoned: bool,
    /// Those who kill it now: nothing is submitted meanwhile.
    killers: usize,
}

/// What an [`Anchor`] and its URBs share.
#[pin_data]
pub(super) struct Chain {
    #[pin]
    state: SpinLockIrq<State>,
    /// Notified when `count` or `completing` becomes 0.
    #[pin]
    empty: CondVar,
    #[pin]
    flight: Flight,
}

impl Chain {
    /// Takes a URB in whose submission begins.
    ///
    /// # Errors
    ///
    /// `EPERM` if the anchor is poisoned.
    ///
    /// # Safety
    ///
    /// As [`Flight::add`]; the URB must be taken out with [`remove`](Chain::remove) or
    /// [`complete`](Chain::complete).
    pub(super) unsafe fn add(&self, raw: NonNull<RawUrb>) -> Result {
        let mut state = self.state.lock();
        if state.poisoned || state.killers != 0 {
            return Err(EPERM);
        }
        state.count += 1;
        drop(state);
        // SAFETY: The requirements are the same.
        unsafe { self.flight.add(raw) };
        Ok(())
    }

    /// Takes a URB out that was not submitted after all.
    ///
    /// # Safety
    ///
    /// It must be in.
    pub(super) unsafe fn remove(&self, raw: NonNull<RawUrb>) {
        // SAFETY: The requirement is the same.
        unsafe { self.flight.remove(raw) };
        self.count_out(0);
    }

    /// Takes a URB out and runs its handler.
    ///
    /// # Safety
    ///
    /// It must be in.
    pub(super) unsafe fn complete<R>(
        &self,
        raw: NonNull<RawUrb>,
        handler: impl FnOnce() -> R,
    ) -> R {
        self.state.lock().completing += 1;
        // SAFETY: The requirement is the same.
        unsafe { self.flight.remove(raw) };
        let result = handler();
        self.count_out(1);
        result
    }

    fn count_out(&self, completing: usize) {
        let mut state = self.state.lock();
        state.count -= 1;
        state.completing -= completing;
        if state.count == 0 || state.completing == 0 {
            self.empty.notify_all();
        }
    }

    /// Whether a URB that has just been submitted must be cancelled again.
    pub(super) fn is_poisoned(&self) -> bool {
        self.state.lock().poisoned
    }
}

/// A group of URBs that are cancelled and waited for together.
///
/// A URB is made a member with [`Urb::set_anchor`](super::Urb::set_anchor), and is in the anchor
/// from each submission until its handler has returned. Dropping or forgetting the anchor changes
/// nothing for its URBs.
///
/// # Examples
///
/// ```
/// use kernel::{device::Bound, prelude::*, usb};
///
/// /// Gives what was written a second to arrive, whoever is being killed meanwhile.
/// fn draw_down(intf: &usb::Interface<Bound>, writes: &usb::Anchor) {
///     const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();
///     if writes.wait_empty(intf, usb::Sleep::Uninterruptible(SECOND)) != Ok(true) {
///         writes.kill(intf);
///     }
/// }
/// ```
///
/// ```
/// use kernel::{device::Bound, prelude::*, usb};
///
/// /// Prints a page; `all` cancels them all, other than those that a program waits for.
/// fn print<H>(
///     mut page: usb::Urb<usb::Bulk, usb::Out, H>,
///     intf: &usb::Interface<Bound>,
///     all: &usb::Anchor,
///     is_awaited: bool,
/// ) -> Result
/// where
///     H: usb::Handler<usb::Bulk, usb::Out>,
/// {
///     match is_awaited {
///         true => page.clear_anchor(),
///         false => page.set_anchor(all),
///     }
///     page.submit(intf)?;
///     Ok(())
/// }
/// ```
#[doc(alias("usb_anchor", "init_usb_anchor"))]
#[derive(Clone)]
pub struct Anchor(Arc<Chain>);

impl Anchor {
    /// An anchor without URBs.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::Anchor;
    ///
    /// let reads = Anchor::new()?;
    /// // URBs can be made members, but are not submitted until this is taken back.
    /// reads.block();
    /// reads.unpoison();
    ///
    /// // Asks for the end of all of them.
    /// reads.unlink();
    /// assert!(reads.is_empty());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new() -> Result<Self> {
        let chain = Arc::pin_init(
            pin_init!(Chain {
                state <- new_spinlock_irq!(
                    State { count: 0, completing: 0, poisoned: false, killers: 0 },
                    "usb::Anchor::state"
                ),
                empty <- new_condvar!("usb::Anchor::empty"),
                flight <- Flight::new(),
            }),
            GFP_KERNEL,
        )?;
        Ok(Self(chain))
    }

    pub(super) fn chain(&self) -> Arc<Chain> {
        self.0.clone()
    }

    /// Whether none of its URBs is in flight or completing.
    ///
    /// # Context
    ///
    /// Any.
    #[doc(alias = "usb_anchor_empty")]
    pub fn is_empty(&self) -> bool {
        self.0.state.lock().count == 0
    }

    /// Starts to cancel what is in flight now.
    ///
    /// # Context
    ///
    /// Any, but no lock may be held that the handlers take: they may run before this returns.
    #[doc(alias = "usb_unlink_anchored_urbs")]
    pub fn unlink(&self) {
        self.0.flight.unlink_all();
    }

    /// Cancels what is in flight now and waits for the handlers. Until that is done, submissions
    /// fail with `EPERM`, those by handlers and by others.
    ///
    /// # Context
    ///
    /// May sleep, which `_proof` proves. Must not be called with a lock held that a handler takes.
    #[doc(alias = "usb_kill_anchored_urbs")]
    pub fn kill(&self, _proof: &Interface<device::Bound>) {
        self.0.state.lock().killers += 1;
        self.0.flight.kill_all();
        let mut state = self.0.state.lock();
        while state.completing != 0 {
            self.0.empty.wait(&mut state);
        }
        state.killers -= 1;
    }

    /// As [`kill`](Anchor::kill), and submissions fail with `EPERM` until
    /// [`unpoison`](Anchor::unpoison). The anchor is empty when this returns.
    ///
    /// # Context
    ///
    /// As [`kill`](Anchor::kill).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb};
    ///
    /// /// Runs `update` while no command is under way, nor can one be sent.
    /// fn update_firmware(
    ///     intf: &usb::Interface<Bound>,
    ///     commands: &usb::Anchor,
    ///     update: impl FnOnce() -> Result,
    /// ) -> Result {
    ///     commands.poison(intf);
    ///     let result = update();
    ///     commands.unpoison();
    ///     result
    /// }
    /// ```
    #[doc(alias = "usb_poison_anchored_urbs")]
    pub fn poison(&self, _proof: &Interface<device::Bound>) {
        self.block();
        self.0.flight.kill_all();
        // A submission that was half way sees the poison and cancels itself.
        let mut state = self.0.state.lock();
        while state.count != 0 {
            self.0.empty.wait(&mut state);
        }
    }

    /// Makes submissions fail with `EPERM` until [`unpoison`](Anchor::unpoison), and cancels
    /// nothing.
    ///
    /// # Context
    ///
    /// Any.
    pub fn block(&self) {
        self.0.state.lock().poisoned = true;
    }

    /// Makes submissions possible again.
    ///
    /// # Context
    ///
    /// Any.
    #[doc(alias = "usb_unpoison_anchored_urbs")]
    pub fn unpoison(&self) {
        self.0.state.lock().poisoned = false;
    }

    /// Waits until the anchor is empty. Returns whether it was in time.
    ///
    /// # Context
    ///
    /// May sleep, which the bound interface proves. Must not be called with a lock held that a
    /// handler takes.
    ///
    /// # Errors
    ///
    /// - `EINTR`: there is a signal that ends this kind of [`Sleep`].
    /// - `ENODEV`: the driver's data is being dropped, or the caller is [waited
    ///   for](super::Claim::with).
    #[doc(alias = "usb_wait_anchor_empty_timeout")]
    pub fn wait_empty(
        &self,
        interface: &Interface<device::Bound>,
        sleep: impl Into<Sleep>,
    ) -> Result<bool> {
        self.wait(Patience::new(sleep.into(), interface.gate()?))
    }

    fn wait(&self, patience: Patience<'_>) -> Result<bool> {
        sleep_until(&self.0.empty, patience, || self.is_empty())
    }
}

#[kunit_tests(rust_usb_anchor)]
mod tests {
    use super::*;
    use crate::usb::{
        gate::Gate,
        Timeout, //
    };
    use core::ptr::null_mut;

    const MOMENT: Timeout = Timeout::from_millis::<1>();

    fn gate() -> Result<Arc<Gate>> {
        // SAFETY: There is no interface, and nobody looks for one.
        unsafe { Gate::new(null_mut(), null_mut()) }
    }

    #[test]
    fn nobody_is_waited_for_in_an_empty_anchor() -> Result {
        let gate = gate()?;
        let anchor = Anchor::new()?;
        assert!(anchor.is_empty());
        assert!(anchor.wait(Patience::new(MOMENT.into(), &gate))?);
        anchor.unlink();
        Ok(())
    }

    #[test]
    fn waits_for_those_who_are_counted_until_the_deadline() -> Result {
        let gate = gate()?;
        let anchor = Anchor::new()?;
        anchor.0.state.lock().count = 2;
        assert!(!anchor.wait(Patience::new(MOMENT.into(), &gate))?);
        anchor.0.count_out(0);
        assert!(!anchor.is_empty());
        anchor.0.count_out(0);
        assert!(anchor.wait(Patience::new(MOMENT.into(), &gate))?);
        Ok(())
    }
}
