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
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Full,
            Relaxed, //
        },
        barrier::smp_mb,
        Arc,
        CondVar,
        SpinLockIrqGuard, //
    }, //
};
use core::ptr::NonNull;

/// What an [`Anchor`] and its URBs share.
///
/// A URB goes from the flight to those that are completing, under the lock of the flight, and out
/// when its handler has returned.
#[pin_data]
pub(super) struct Chain {
    #[pin]
    flight: Flight,
    /// How many handlers are running; it grows with the flight locked.
    completing: Atomic<usize>,
    /// Changed with the flight locked.
    poisoned: Atomic<bool>,
    /// Those who kill it now: nothing is submitted meanwhile. Changed with the flight locked.
    killers: Atomic<usize>,
    /// Those who wait: with none there is nothing to notify.
    waiters: Atomic<usize>,
    /// Notified when one has left.
    #[pin]
    left: CondVar,
}

impl Chain {
    fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            flight <- Flight::new(),
            completing: Atomic::new(0),
            poisoned: Atomic::new(false),
            killers: Atomic::new(0),
            waiters: Atomic::new(0),
            left <- new_condvar!("usb::Anchor::left"),
        })
    }

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
    #[inline]
    pub(super) unsafe fn add(&self, raw: NonNull<RawUrb>) -> Result {
        // SAFETY: The requirements are the same.
        unsafe { self.flight.add(raw, || self.admit()) }
    }

    fn admit(&self) -> Result {
        match self.poisoned.load(Relaxed) || self.killers.load(Relaxed) != 0 {
            true => Err(EPERM),
            false => Ok(()),
        }
    }

    /// Takes a URB out that was not submitted after all.
    ///
    /// # Safety
    ///
    /// It must be in.
    pub(super) unsafe fn remove(&self, raw: NonNull<RawUrb>) {
        // SAFETY: The requirement is the same.
        unsafe { self.flight.remove(raw, || ()) };
        smp_mb(Full);
        self.notify();
    }

    /// Takes a URB out and runs its handler.
    ///
    /// # Safety
    ///
    /// It must be in.
    #[inline]
    pub(super) unsafe fn complete<R>(
        &self,
        raw: NonNull<RawUrb>,
        handler: impl FnOnce() -> R,
    ) -> R {
        let also = || self.completing.add(1, Relaxed);
        // SAFETY: The requirement is the same.
        unsafe { self.flight.remove(raw, also) };
        let result = handler();
        self.count_out();
        result
    }

    fn count_out(&self) {
        self.completing.fetch_sub(1, Full);
        self.notify();
    }

    /// Wakes those up who wait for what the caller did before a full barrier.
    ///
    /// Each of them has counted himself before a barrier of his own, and then looks whether there
    /// is something to wait for: if he is not counted here, he sees what was done.
    #[inline]
    fn notify(&self) {
        if self.waiters.load(Relaxed) != 0 {
            self.wake();
        }
    }

    #[cold]
    fn wake(&self) {
        // Who has looked before, with the lock held, sleeps by now.
        drop(self.flight.lock());
        self.left.notify_all();
    }

    /// Counts the caller among those who wait, as long as he does.
    fn waits<R>(&self, wait: impl FnOnce() -> R) -> R {
        self.waiters.fetch_add(1, Full);
        let result = wait();
        self.waiters.fetch_sub(1, Full);
        result
    }

    /// Sleeps until `condition` holds, which is asked with the flight locked.
    fn wait_until(&self, condition: impl Fn(&SpinLockIrqGuard<'_, ()>) -> bool) {
        self.waits(|| {
            let mut locked = self.flight.lock();
            while !condition(&locked) {
                self.left.wait(&mut locked);
            }
        })
    }

    fn no_handler_runs(&self) -> bool {
        // Whoever sees none sees all that they did.
        self.completing.load(Acquire) == 0
    }

    fn is_empty(&self, locked: &SpinLockIrqGuard<'_, ()>) -> bool {
        self.flight.is_empty(locked) && self.no_handler_runs()
    }

    fn set_poisoned(&self, poisoned: bool) {
        let _locked = self.flight.lock();
        self.poisoned.store(poisoned, Relaxed);
    }

    /// Cancels a URB that has just been submitted if the anchor was poisoned meanwhile: who did
    /// that may have looked before there was anything to cancel. It may have completed by now.
    #[inline]
    pub(super) fn submitted(&self, raw: NonNull<RawUrb>) {
        // Either we see the poison, or the poisoner, who has such a barrier too, sees the URB that
        // the C core was given.
        smp_mb(Full);
        if self.poisoned.load(Relaxed) {
            self.flight.unlink(raw);
        }
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
        Ok(Self(Arc::pin_init(Chain::new(), GFP_KERNEL)?))
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
        self.0.is_empty(&self.0.flight.lock())
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
        let chain = &self.0;
        let locked = chain.flight.lock();
        chain.killers.add(1, Relaxed);
        drop(locked);
        chain.flight.kill_all();
        chain.wait_until(|_| chain.no_handler_runs());
        chain.killers.fetch_sub(1, Full);
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
        self.0.wait_until(|locked| self.0.is_empty(locked));
    }

    /// Makes submissions fail with `EPERM` until [`unpoison`](Anchor::unpoison), and cancels
    /// nothing.
    ///
    /// # Context
    ///
    /// Any.
    pub fn block(&self) {
        self.0.set_poisoned(true);
        // As in `Chain::submitted`: what is cancelled after this is looked for after it.
        smp_mb(Full);
    }

    /// Makes submissions possible again.
    ///
    /// # Context
    ///
    /// Any.
    #[doc(alias = "usb_unpoison_anchored_urbs")]
    pub fn unpoison(&self) {
        self.0.set_poisoned(false);
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
        let chain = &self.0;
        chain.waits(|| sleep_until(&chain.left, patience, || self.is_empty()))
    }
}

#[kunit_tests(rust_usb_anchor)]
mod tests {
    use super::*;
    use crate::{
        time::{
            delay::fsleep,
            Delta,
            Instant,
            Monotonic, //
        },
        usb::{
            gate::Gate,
            Timeout, //
        }, //
    };
    use core::ptr::null_mut;

    const MOMENT: Timeout = Timeout::from_millis::<1>();

    /// Long enough to be told from a moment on any machine.
    const LONG: Timeout = Timeout::from_millis::<10_000>();

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
        anchor.0.completing.add(2, Relaxed);
        assert!(!anchor.wait(Patience::new(MOMENT.into(), &gate))?);
        anchor.0.count_out();
        assert!(!anchor.is_empty());
        anchor.0.count_out();
        assert!(anchor.wait(Patience::new(MOMENT.into(), &gate))?);
        Ok(())
    }

    #[test]
    fn the_last_one_wakes_who_waits() -> Result {
        let gate = gate()?;
        let anchor = Anchor::new()?;
        anchor.0.completing.add(1, Relaxed);
        let chain = anchor.0.clone();
        let begin = Instant::<Monotonic>::now();
        crate::workqueue::system_long().try_spawn(GFP_KERNEL, move || {
            // Whoever is counted sleeps, or is about to.
            while chain.waiters.load(Relaxed) == 0 {
                fsleep(Delta::from_millis(1));
            }
            fsleep(Delta::from_millis(20));
            chain.count_out();
        })?;
        assert!(anchor.wait(Patience::new(LONG.into(), &gate))?);
        assert!(begin.elapsed().as_millis() < 5000);
        assert_eq!(anchor.0.waiters.load(Relaxed), 0);
        Ok(())
    }

    #[test]
    fn nobody_comes_in_who_is_refused() -> Result {
        let anchor = Anchor::new()?;
        assert_eq!(anchor.0.admit(), Ok(()));
        anchor.block();
        assert_eq!(anchor.0.admit(), Err(EPERM));
        anchor.unpoison();
        assert_eq!(anchor.0.admit(), Ok(()));
        anchor.0.killers.add(1, Relaxed);
        assert_eq!(anchor.0.admit(), Err(EPERM));
        Ok(())
    }
}
