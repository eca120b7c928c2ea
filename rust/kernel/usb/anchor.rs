// SPDX-License-Identifier: GPL-2.0

//! Groups of URBs that are cancelled and waited for together.
//!
//! C reference: [`Documentation/driver-api/usb/anchors.rst`]. Unlike `struct usb_anchor`, an anchor
//! takes a URB in as part of its submission, so that it never waits for one that was anchored and
//! forgotten, and poisoning leaves no trace in URBs that it does not hold any more.
//!
//! [`Documentation/driver-api/usb/anchors.rst`]: srctree/Documentation/driver-api/usb/anchors.rst

use super::{
    flight::{
        Flight,
        Locked,
        Number, //
    },
    proof::IsBound,
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
        CondVar, //
    }, //
};
use core::ptr::NonNull;

/// What an [`Anchor`] and its URBs share.
///
/// A URB goes from the flight to those that are busy, under the lock of the flight, and out when its
/// handler has returned.
#[pin_data]
pub(super) struct Chain {
    #[pin]
    flight: Flight,
    /// How many handlers are running, and how many URBs somebody is about to cancel, who must not
    /// find that they were submitted again since. It grows with the flight locked.
    busy: Atomic<usize>,
    /// Changed with the flight locked.
    poisoned: Atomic<bool>,
    /// Those who empty it now: nothing comes in meanwhile. It grows with the flight locked.
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
            busy: Atomic::new(0),
            poisoned: Atomic::new(false),
            killers: Atomic::new(0),
            waiters: Atomic::new(0),
            left <- new_condvar!("usb::Anchor::left"),
        })
    }

    /// Takes a URB in whose submission begins. Returns what [`submitted`](Chain::submitted) wants to
    /// know.
    ///
    /// # Errors
    ///
    /// `EPERM` if the anchor is poisoned, or being killed.
    ///
    /// # Safety
    ///
    /// As [`Flight::add`]; the URB must be taken out with [`remove`](Chain::remove) or
    /// [`complete`](Chain::complete).
    #[inline]
    pub(super) unsafe fn add(&self, raw: NonNull<RawUrb>) -> Result<Number> {
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
        // SAFETY: The requirement is the same.
        unsafe { self.flight.remove(raw, || self.count_in()) };
        let result = handler();
        self.count_out();
        result
    }

    fn count_in(&self) {
        self.busy.add(1, Relaxed);
    }

    fn count_out(&self) {
        self.busy.fetch_sub(1, Full);
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
        if self.is_empty(&self.flight.lock()) {
            self.left.notify_all();
        }
    }

    /// Counts the caller among those who wait, as long as he does.
    fn waits<R>(&self, wait: impl FnOnce() -> R) -> R {
        self.waiters.fetch_add(1, Full);
        let result = wait();
        self.waiters.fetch_sub(1, Full);
        result
    }

    fn wait_until_empty(&self) {
        self.waits(|| {
            let mut locked = self.flight.lock();
            while !self.is_empty(&locked) {
                self.left.wait(&mut locked);
            }
        })
    }

    /// Cancels what is in flight and waits for its end, while nothing comes in: what is half way
    /// finds out and cancels itself.
    fn drain(&self) {
        let locked = self.flight.lock();
        self.killers.add(1, Relaxed);
        drop(locked);
        self.unlink_all();
        self.wait_until_empty();
        self.killers.fetch_sub(1, Full);
    }

    fn is_empty(&self, locked: &Locked<'_>) -> bool {
        // Whoever sees that no handler runs sees all that they did.
        self.flight.is_empty(locked) && self.busy.load(Acquire) == 0
    }

    fn set_poisoned(&self, poisoned: bool) {
        let _locked = self.flight.lock();
        self.poisoned.store(poisoned, Relaxed);
    }

    /// Starts to cancel what is in flight now.
    fn unlink_all(&self) {
        let mut numbers = self.flight.begin_to_cancel();
        while let Some((number, ticket)) = self.flight.first_of(&numbers, || self.count_in()) {
            ticket.unlink();
            self.count_out();
            numbers.start = number + 1;
        }
    }

    /// Cancels a URB that has just been submitted if all of them were cancelled meanwhile. It may
    /// have completed by now.
    #[inline]
    pub(super) fn submitted(&self, raw: NonNull<RawUrb>, number: Number) {
        if self.flight.is_cancelled(number) {
            self.unlink(raw);
        }
    }

    #[cold]
    fn unlink(&self, raw: NonNull<RawUrb>) {
        if let Some(ticket) = self.flight.cancelled_at(raw, || self.count_in()) {
            ticket.unlink();
            self.count_out();
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

    /// Whether none of its URBs is in flight, completing or being cancelled.
    ///
    /// # Context
    ///
    /// Any.
    #[doc(alias = "usb_anchor_empty")]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty(&self.0.flight.lock())
    }

    /// Starts to cancel what is in flight now, or is being submitted.
    ///
    /// # Context
    ///
    /// Any, but no lock may be held that the handlers take: they may run before this returns.
    #[doc(alias = "usb_unlink_anchored_urbs")]
    pub fn unlink(&self) {
        self.0.unlink_all();
    }

    /// Cancels what is in flight now and waits for the handlers. Until that is done, submissions
    /// fail with `EPERM`, those by handlers and by others.
    ///
    /// # Context
    ///
    /// May sleep, which `_proof` proves. Must not be called with a lock held that a handler takes.
    #[doc(alias = "usb_kill_anchored_urbs")]
    pub fn kill<Ctx: device::DeviceContext>(&self, _proof: &Interface<Ctx>)
    where
        Interface<Ctx>: IsBound,
    {
        self.0.drain();
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
    pub fn poison<Ctx: device::DeviceContext>(&self, _proof: &Interface<Ctx>)
    where
        Interface<Ctx>: IsBound,
    {
        self.block();
        self.0.drain();
    }

    /// Makes submissions fail with `EPERM` until [`unpoison`](Anchor::unpoison), and cancels
    /// nothing.
    ///
    /// # Context
    ///
    /// Any.
    pub fn block(&self) {
        self.0.set_poisoned(true);
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
    pub fn wait_empty<Ctx: device::DeviceContext>(
        &self,
        interface: &Interface<Ctx>,
        sleep: impl Into<Sleep>,
    ) -> Result<bool>
    where
        Interface<Ctx>: IsBound,
    {
        self.wait(Patience::new(sleep.into(), interface.bound().gate()?))
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
            idle,
            Timeout, //
        }, //
    };
    use core::ptr::null_mut;

    const MOMENT: Timeout = Timeout::from_millis::<1>();

    /// Long enough to be told from a moment on any machine.
    const LONG: Timeout = Timeout::from_millis::<10_000>();

    /// Whether it comes true, of what another thread does.
    fn comes_true(condition: impl Fn() -> bool) -> bool {
        let begin = Instant::<Monotonic>::now();
        while !condition() {
            if begin.elapsed().as_millis() > 10_000 {
                return false;
            }
            fsleep(Delta::from_millis(1));
        }
        true
    }

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
        anchor.0.busy.add(2, Relaxed);
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
        anchor.0.count_in();
        let chain = anchor.0.clone();
        let begin = Instant::<Monotonic>::now();
        crate::workqueue::system_long().try_spawn(GFP_KERNEL, move || {
            // Whoever is counted sleeps, or is about to.
            comes_true(|| chain.waiters.load(Relaxed) != 0);
            fsleep(Delta::from_millis(20));
            chain.count_out();
        })?;
        assert!(anchor.wait(Patience::new(LONG.into(), &gate))?);
        assert!(begin.elapsed().as_millis() < 5000);
        assert_eq!(anchor.0.waiters.load(Relaxed), 0);
        Ok(())
    }

    /// Without a device, a URB never gets any further than half way.
    #[test]
    fn who_empties_it_waits_for_who_is_half_way() -> Result {
        let anchor = Anchor::new()?;
        idle::with_two(|[raw, _]| {
            // SAFETY: It is valid until it is taken out.
            let number = unsafe { anchor.0.add(raw)? };
            let chain = anchor.0.clone();
            crate::workqueue::system_long().try_spawn(GFP_KERNEL, move || chain.drain())?;
            assert!(comes_true(|| anchor.0.waiters.load(Relaxed) != 0));
            assert_eq!(anchor.0.admit(), Err(EPERM));
            assert!(anchor.0.flight.is_cancelled(number));
            // SAFETY: It is in.
            unsafe { anchor.0.remove(raw) };
            assert!(comes_true(|| anchor.0.admit().is_ok()));
            assert!(anchor.is_empty());
            Ok(())
        })
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
