// SPDX-License-Identifier: GPL-2.0

//! The I/O gate of a bound interface.
//!
//! The USB core asks that a driver's I/O has ceased before `disconnect()`, `suspend()` and
//! `pre_reset()` return, and before a failing `probe()` returns. The adapter does not trust a
//! driver with that: every transfer of this API is started through the [`Gate`] of its interface
//! and known to it, and the adapter pauses and closes the gate itself.
//!
//! A transfer passes through these states:
//!
//! 1. *idle*: its [`Urb`](super::Urb) is owned by the driver;
//! 2. *in flight*: the host controller owns it;
//! 3. *completing*: its handler runs, and may make it in flight again;
//! 4. *idle* again, owned by whom the handler gave it to.
//!
//! In all of them it is in the gate's [`Fleet`], from its allocation until it is freed.
//!
//! Pausing shuts the door for submissions and waits for those that are half way, blocks and kills
//! every URB of the fleet, which waits for their handlers, and waits for synchronous callers to
//! leave. All of these are bounded: nobody sleeps inside of a submission for longer than an
//! allocation takes, handlers are atomic, and a synchronous caller whose URB was killed returns at
//! once. Closing is a pause that never ends.
//!
//! A handler that resubmits its URB need not ask at the door: while it runs, whoever pauses waits
//! for it, and from when the URB is blocked the C core refuses it. A handler that gives its URB
//! away keeps it in the fleet until it has returned, also if it is freed before that.
//!
//! Two more doors are shut only when the gate closes: that of *visitors*, who use the bound
//! interface in another way than by a transfer, and, as the last one of all, that of the [`Vault`],
//! for those who look into DMA memory that belongs to the device.

use super::{
    drain::{
        Drain,
        Inside, //
    },
    fleet::Fleet,
    power::Wakes,
    raw::RawUrb,
    stream::StreamNumbers,
    tasks::Tasks,
    vault::Vault, //
};
use crate::{
    bindings,
    new_condvar,
    new_mutex,
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Full,
            Release, //
        },
        Arc,
        CondVar,
        Mutex, //
    }, //
};
use core::ptr::NonNull;

/// Why I/O is paused; several reasons may hold at once.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(super) enum Pause {
    /// The device is suspended, from `suspend()` to `resume()` or `reset_resume()`.
    Suspend = 1,
    /// The device is being reset, from `pre_reset()` to `post_reset()`.
    Reset = 2,
    /// The endpoints are being replaced: another altsetting, or streams.
    Endpoints = 4,
}

/// Who may open and shut the doors, and why they are shut.
struct Control {
    pauses: u8,
    closed: bool,
}

/// Through which all I/O of one bound interface goes.
///
/// # Invariants
///
/// - While the gate is not closed, `udev` and `intf` are valid: the gate is created for an
///   interface that is bound, and closed before that interface is unbound.
/// - When the gate is paused or closed, no URB of it is in flight and no handler runs.
#[pin_data]
pub(super) struct Gate {
    udev: *mut bindings::usb_device,
    intf: *mut bindings::usb_interface,
    /// What tasks are doing for the driver.
    tasks: Arc<Tasks>,
    closed: Atomic<bool>,
    #[pin]
    control: Mutex<Control>,
    /// Submissions that are half way.
    #[pin]
    submissions: Drain,
    /// Callers of synchronous transfers.
    #[pin]
    active: Drain,
    #[pin]
    fleet: Fleet,
    /// Those who use the bound interface otherwise.
    #[pin]
    visitors: Drain,
    /// DMA memory of the device.
    vault: Arc<Vault>,
    /// Whether the interface is the driver's own, and not one that it has claimed.
    is_own: bool,
    /// Somebody is replacing endpoints.
    replacing: Atomic<bool>,
    /// The bulk streams that there are now.
    streams: StreamNumbers,
    /// The visitors have left for ever.
    emptied: Atomic<bool>,
    /// How often the device is kept awake; undone when the gate closes.
    pub(super) wakes: Wakes,
    /// Notified when the gate closes, and by [`Gate::notify`].
    #[pin]
    news: CondVar,
}

// SAFETY: The pointers are used only as the C API allows from any thread.
unsafe impl Send for Gate {}

// SAFETY: As above; everything else is `Sync`.
unsafe impl Sync for Gate {}

impl Gate {
    /// An open gate.
    ///
    /// # Safety
    ///
    /// `intf`, an interface of `udev`, must be valid and bound until the gate was closed with
    /// [`Gate::close`] and emptied with [`Gate::free_memory`].
    pub(super) unsafe fn new(
        udev: *mut bindings::usb_device,
        intf: *mut bindings::usb_interface,
    ) -> Result<Arc<Self>> {
        // SAFETY: The requirement is the same.
        unsafe { Self::make(udev, intf, Tasks::new()?, Vault::new()?, true) }
    }

    /// The gate of an interface that was claimed by the one that `owner` is of.
    ///
    /// # Safety
    ///
    /// `intf`, another interface of the same device, must be valid and bound until the gate was
    /// closed with [`Gate::close`], which must be before `owner` is emptied.
    pub(super) unsafe fn claimed(
        owner: &Arc<Gate>,
        intf: *mut bindings::usb_interface,
    ) -> Result<Arc<Self>> {
        let (tasks, vault) = (owner.tasks.clone(), owner.vault.clone());
        // SAFETY: By the safety requirement; it is the owner's to empty the vault.
        unsafe { Self::make(owner.udev, intf, tasks, vault, false) }
    }

    /// # Safety
    ///
    /// As [`new`](Gate::new).
    unsafe fn make(
        udev: *mut bindings::usb_device,
        intf: *mut bindings::usb_interface,
        tasks: Arc<Tasks>,
        vault: Arc<Vault>,
        is_own: bool,
    ) -> Result<Arc<Self>> {
        // INVARIANT: By the safety requirement; nothing has been submitted yet.
        Arc::pin_init(
            pin_init!(Self {
                udev,
                intf,
                tasks,
                closed: Atomic::new(false),
                control <- new_mutex!(Control { pauses: 0, closed: false }, "usb::Gate::control"),
                submissions <- Drain::new(),
                active <- Drain::new(),
                fleet <- Fleet::new(),
                visitors <- Drain::new(),
                vault,
                is_own,
                replacing: Atomic::new(false),
                streams: StreamNumbers::new(),
                emptied: Atomic::new(false),
                wakes: Wakes::new(),
                news <- new_condvar!("usb::Gate::news"),
            }),
            GFP_KERNEL,
        )
    }

    /// The device whose endpoints are behind this gate. Not to be looked into once closed.
    pub(super) fn udev(&self) -> *mut bindings::usb_device {
        self.udev
    }

    /// The interface whose gate this is. Not to be looked into once closed.
    pub(super) fn intf(&self) -> *mut bindings::usb_interface {
        self.intf
    }

    /// What tasks are doing for the driver of the interface.
    pub(super) fn tasks(&self) -> &Arc<Tasks> {
        &self.tasks
    }

    /// All URBs behind this gate.
    pub(super) fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// Why nobody is let in: `ENODEV` if that is for ever, `EHOSTUNREACH` if I/O is paused.
    pub(super) fn refusal(&self) -> Error {
        match self.is_closed() {
            true => ENODEV,
            false => EHOSTUNREACH,
        }
    }

    /// Whether transfers are refused now.
    pub(super) fn is_refusing(&self) -> bool {
        self.submissions.is_shut()
    }

    /// Whether nobody is let in for ever.
    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Acquire)
    }

    /// Hands `raw` to the host controller.
    ///
    /// On success the host controller owns it, until its completion. On an error the caller still
    /// does.
    ///
    /// # Errors
    ///
    /// - `ENODEV` if the gate is closed or the endpoint disabled: the driver is being unbound.
    /// - `EHOSTUNREACH` if it is paused.
    /// - `ESTALE` if the altsetting was changed since the URB was made, or its stream is gone.
    /// - `EPERM` if its anchor is poisoned.
    /// - Everything else `usb_submit_urb()` returns.
    ///
    /// # Safety
    ///
    /// - `raw` must be valid, idle, prepared for submission, and of this gate.
    /// - The caller gives up its ownership on success.
    pub(super) unsafe fn submit(&self, raw: NonNull<RawUrb>, gfp: bindings::gfp_t) -> Result {
        if !self.submissions.enter() {
            return Err(self.refusal());
        }
        // SAFETY: The requirements are the caller's; we are counted as a submission.
        let result = unsafe { self.submit_inside(raw, gfp) };
        self.submissions.leave();
        result.map_err(|error| self.explain(error))
    }

    /// # Safety
    ///
    /// As [`Gate::submit`]; also the caller must be counted in `submissions`.
    unsafe fn submit_inside(&self, raw: NonNull<RawUrb>, gfp: bindings::gfp_t) -> Result {
        // SAFETY: `raw` is valid and idle. The interface is valid, and its altsetting is not
        // changed by us: for that the doors are shut, and `submissions` drained.
        unsafe { raw.as_ref().check_setting(self.intf)? };
        // SAFETY: `raw` is valid, so is its URB, which is ours.
        let (stream, pipe) = unsafe {
            let urb = raw.as_ref().urb().as_ptr();
            ((*urb).stream_id, (*urb).pipe)
        };
        if stream != 0 && !self.streams.has(stream, pipe) {
            return Err(ESTALE);
        }
        // SAFETY: `raw` is valid, idle and in the fleet. The device is valid: `submissions` cannot
        // be drained while we are inside, so that the gate is not closed.
        unsafe { RawUrb::start(raw, gfp) }
    }

    /// What an error of the C core means here.
    #[cold]
    pub(super) fn explain(&self, error: Error) -> Error {
        match error {
            // The core has disabled the endpoints: that is how unbinding begins.
            ENOENT | ESHUTDOWN => ENODEV,
            // The fleet is being stopped.
            EPERM if self.submissions.is_shut() => self.refusal(),
            error => error,
        }
    }

    /// Counts the caller of a synchronous transfer in, for as long as the returned guard lives.
    ///
    /// # Errors
    ///
    /// `ENODEV` and `EHOSTUNREACH` as [`submit`](Gate::submit).
    pub(super) fn enter(&self) -> Result<Inside<'_>> {
        Inside::new(&self.active).ok_or_else(|| self.refusal())
    }

    /// Counts somebody in who uses the bound interface in another way than by a transfer. While
    /// the guard lives, `udev` and `intf` are valid, and the interface is bound.
    ///
    /// # Context
    ///
    /// Any. The guard's holder must not wait for anything that unbinding has to do first.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the gate is closed.
    pub(super) fn visit(&self) -> Result<Inside<'_>> {
        Inside::new(&self.visitors).ok_or(ENODEV)
    }

    /// As [`visit`](Gate::visit), until [`end_visit`](Gate::end_visit). Returns whether he may.
    pub(super) fn begin_visit(&self) -> bool {
        self.visitors.enter()
    }

    /// See [`begin_visit`](Gate::begin_visit).
    pub(super) fn end_visit(&self) {
        self.visitors.leave();
    }

    /// Where DMA memory of the device is kept.
    pub(super) fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Ends all I/O until [`resume`](Gate::resume) is called for the same reason. Whoever replaces
    /// endpoints may finish first: that is I/O, too, on endpoint 0.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the gate is closed.
    pub(super) fn pause(&self, reason: Pause) -> Result {
        let mut control = self.control.lock();
        while !control.closed && control.pauses & Pause::Endpoints as u8 != 0 {
            self.news.wait(&mut control);
        }
        self.pause_with(&mut control, reason)
    }

    /// As [`pause`](Gate::pause), for replacing endpoints. The caller is the only one who does.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `ENODEV` if the gate is closed.
    /// - `EHOSTUNREACH` if I/O is paused.
    pub(super) fn pause_to_replace(&self) -> Result {
        let mut control = self.control.lock();
        if !control.closed && control.pauses != 0 {
            return Err(EHOSTUNREACH);
        }
        self.pause_with(&mut control, Pause::Endpoints)
    }

    fn pause_with(&self, control: &mut Control, reason: Pause) -> Result {
        if control.closed {
            return Err(ENODEV);
        }
        if control.pauses == 0 {
            self.stop();
        }
        control.pauses |= reason as u8;
        Ok(())
    }

    /// Makes I/O possible again, unless it is paused for another reason too.
    pub(super) fn resume(&self, reason: Pause) {
        let mut control = self.control.lock();
        let was = control.pauses;
        control.pauses &= !(reason as u8);
        self.news.notify_all();
        if was != 0 && control.pauses == 0 && !control.closed {
            self.fleet.release();
            self.active.open();
            self.submissions.open();
        }
    }

    /// As [`resume`](Gate::resume), for a device that was reset meanwhile. It has no bulk streams any
    /// more, whoever thinks that it has: the host controller would take their transfers for ones
    /// without a stream.
    pub(super) fn resume_after_reset(&self, reason: Pause) {
        self.streams.clear();
        self.resume(reason);
    }

    /// Ends all I/O for ever: nothing is in flight and no handler runs when this returns, and
    /// nothing can be submitted from then on. Visitors may still be there.
    ///
    /// # Context
    ///
    /// May sleep.
    pub(super) fn end_io(&self) {
        let mut control = self.control.lock();
        if control.closed {
            return;
        }
        control.closed = true;
        self.closed.store(true, Release);
        self.news.notify_all();
        if control.pauses == 0 {
            self.stop();
        }
        self.visitors.shut();
    }

    /// As [`end_io`](Gate::end_io), and nobody is visiting any more.
    ///
    /// # Context
    ///
    /// May sleep. The caller holds the device lock: calls don't overlap.
    pub(super) fn close(&self) {
        self.end_io();
        self.visitors.wait_empty();
        if !self.emptied.xchg(true, Full) {
            // SAFETY: The interface is still bound; nobody visits any more, now and in future.
            unsafe { self.wakes.undo(self.intf) };
        }
    }

    /// Sleeps until `ready` has something, or the gate closes. `ready` is asked at first, and
    /// whenever somebody called [`notify`](Gate::notify). Unbinding does not wait for this.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the gate closes, or is closed, before `ready` has something.
    pub(super) fn wait_closed_or<R>(&self, mut ready: impl FnMut() -> Option<R>) -> Result<R> {
        let mut control = self.control.lock();
        loop {
            if let Some(result) = ready() {
                return Ok(result);
            }
            if control.closed {
                return Err(ENODEV);
            }
            self.news.wait(&mut control);
        }
    }

    /// Wakes those who sleep in [`wait_closed_or`](Gate::wait_closed_or).
    ///
    /// # Context
    ///
    /// May sleep.
    pub(super) fn notify(&self) {
        // With the lock: whoever has asked in vain sleeps by now, or sees what is new.
        let _control = self.control.lock();
        self.news.notify_all();
    }

    /// Shuts the doors and waits until everybody has left. The caller holds `control`.
    fn stop(&self) {
        self.submissions.shut();
        self.submissions.wait_empty();
        self.fleet.stop();
        self.active.shut();
        self.active.wait_empty();
    }

    /// Makes the caller the only one who may replace endpoints, until
    /// [`end_replacing`](Gate::end_replacing).
    ///
    /// # Errors
    ///
    /// `EBUSY` if somebody else is.
    pub(super) fn begin_replacing(&self) -> Result {
        match self.replacing.cmpxchg(false, true, Full) {
            Ok(_) => Ok(()),
            Err(_) => Err(EBUSY),
        }
    }

    /// Which bulk streams there are. To change that, the gate must be paused: URBs of other streams
    /// are refused from then on.
    pub(super) fn streams(&self) -> &StreamNumbers {
        &self.streams
    }

    pub(super) fn end_replacing(&self) {
        self.replacing.store(false, Release);
    }

    /// Frees the DMA memory of the device, if the interface is the driver's own. Its gate and those of
    /// all that it has claimed must be closed.
    ///
    /// # Context
    ///
    /// May sleep. The caller holds the device lock: calls don't overlap.
    pub(super) fn free_memory(&self) {
        if self.is_own {
            // SAFETY: The device is valid until this returns, and the gates are closed.
            unsafe { self.vault.empty() };
        }
    }
}

#[kunit_tests(rust_usb_gate)]
mod tests {
    use super::*;
    use crate::time::{
        delay::fsleep,
        Delta, //
    };
    use core::ptr::null_mut;

    fn gate() -> Result<Arc<Gate>> {
        // SAFETY: There is no interface. No I/O is started, and nobody looks into it.
        unsafe { Gate::new(null_mut(), null_mut()) }
    }

    #[test]
    fn endpoints_are_replaced_only_while_io_is_possible() -> Result {
        let gate = gate()?;
        for reason in [Pause::Suspend, Pause::Reset] {
            gate.pause(reason)?;
            assert_eq!(gate.pause_to_replace(), Err(EHOSTUNREACH));
            gate.resume(reason);
            gate.pause_to_replace()?;
            assert_eq!(gate.enter().err(), Some(EHOSTUNREACH));
            gate.resume(Pause::Endpoints);
            drop(gate.enter()?);
        }
        gate.close();
        assert_eq!(gate.pause_to_replace(), Err(ENODEV));
        Ok(())
    }

    #[test]
    fn a_pause_waits_for_who_replaces_endpoints() -> Result {
        let gate = gate()?;
        gate.pause_to_replace()?;
        let (theirs, over) = (gate.clone(), Arc::new(Atomic::new(false), GFP_KERNEL)?);
        let seen = over.clone();
        crate::workqueue::system_long().try_spawn(GFP_KERNEL, move || {
            fsleep(Delta::from_millis(20));
            over.store(true, Release);
            theirs.resume(Pause::Endpoints);
        })?;
        gate.pause(Pause::Reset)?;
        assert!(seen.load(Acquire));
        assert_eq!(gate.enter().err(), Some(EHOSTUNREACH));
        gate.close();
        Ok(())
    }

    #[test]
    fn a_reset_ends_streams_and_another_pause_does_not() -> Result {
        let gate = gate()?;
        gate.streams.set(4, &[0x81]);
        gate.pause(Pause::Suspend)?;
        gate.resume(Pause::Suspend);
        assert_eq!(gate.streams.count(), 4);
        for pause in [Pause::Reset, Pause::Suspend] {
            gate.streams.set(4, &[0x81]);
            gate.pause(pause)?;
            gate.resume_after_reset(pause);
            assert_eq!(gate.streams.count(), 0);
            drop(gate.enter()?);
        }
        gate.close();
        Ok(())
    }

    #[test]
    fn who_is_refused_is_not_counted() -> Result {
        let gate = gate()?;
        drop(gate.enter()?);
        drop(gate.visit()?);
        gate.pause(Pause::Suspend)?;
        // Many times: each one that counts would bring the door closer to being open.
        for _ in 0..3 {
            assert_eq!(gate.enter().err(), Some(EHOSTUNREACH));
        }
        gate.resume(Pause::Suspend);
        drop(gate.enter()?);
        gate.close();
        for _ in 0..3 {
            assert_eq!(gate.enter().err(), Some(ENODEV));
            assert_eq!(gate.visit().err(), Some(ENODEV));
        }
        Ok(())
    }
}
