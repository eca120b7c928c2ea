// SPDX-License-Identifier: GPL-2.0

//! The ring: it starts what the program submits, and completes what has ended.

use super::{
    kind::Kind,
    mode::Mode,
    progress::{
        End,
        Progress, //
    },
    shared::{
        Shared,
        SlotMemory, //
    },
    wake::Wake, //
};
use crate::{
    budget::Charge,
    lane::LaneGuard,
    stats::Stats, //
};
use kernel::{
    prelude::*,
    sync::{
        barrier::{
            smp_mb,
            Full, //
        },
        Arc,
        Mutex,
        SetOnce,
        SpinLockIrq, //
    },
    uapi,
    usb, //
};

const NEED_KICK: u32 = uapi::USBPIPE_RING_NEED_KICK;

/// The URB of a slot.
pub(super) type SlotUrb<T, D> = usb::Urb<T, D, Port<T, D>, SlotMemory>;

/// One whose transfer has ended.
pub(super) type Done<'a, T, D> = usb::Completed<'a, T, D, Port<T, D>, SlotMemory>;

/// What changes.
pub(super) struct State<T: Kind, D: usb::Direction> {
    pub(super) mode: Mode,
    pub(super) progress: Progress,
    pub(super) wake: Wake,
    /// By index; those that are not in flight. Empty once the ring was freed.
    pub(super) urbs: KVec<Option<SlotUrb<T, D>>>,
    /// Those who are cancelling what is in flight, and have not finished.
    pub(super) cancelling: u32,
    /// As in the memory, as well as the flags.
    pub(super) published: u32,
    flags: u32,
    late: u32,
    pub(super) has_completed: bool,
    /// Most slots that were with the driver.
    high_water: u32,
}

impl<T: Kind, D: usb::Direction> State<T, D> {
    pub(super) fn new(slots: usize, depth: usize) -> Result<Self> {
        Ok(Self {
            mode: Mode::Running,
            // CAST: At most `USBPIPE_RING_MAX_SLOTS`.
            progress: Progress::new(slots as u32, depth as u32)?,
            wake: Wake::default(),
            urbs: KVec::with_capacity(slots, GFP_KERNEL)?,
            cancelling: 0,
            published: 0,
            flags: NEED_KICK,
            late: 0,
            has_completed: false,
            high_water: 0,
        })
    }

    #[inline]
    fn raise_high_water(&mut self, submitted: u32, stats: &Stats) {
        let count = submitted.wrapping_sub(self.published);
        if count > self.high_water {
            self.high_water = count;
            stats.ring_high_water.raise(count.into());
        }
    }

    /// Whether no transfer is in flight, nor will be without somebody who starts one.
    pub(super) fn is_quiet(&self) -> bool {
        self.progress.is_idle() && self.cancelling == 0
    }

    /// Whether it will have stopped when what is in flight has come back.
    pub(super) fn is_stopping(&self) -> bool {
        matches!(self.mode, Mode::Stopped(_)) && !self.is_quiet()
    }
}

/// What is to be done when the state is unlocked.
#[must_use]
#[derive(Default)]
pub(super) struct Aftermath {
    /// What is in flight is to be cancelled.
    pub(super) cancel: bool,
    /// There is news for those who wait for slots.
    pub(super) completed: bool,
    /// There is news for everybody.
    pub(super) changed: bool,
}

/// A ring.
///
/// Its URBs hold references to it, which is undone when it is freed.
#[pin_data]
pub(super) struct Ring<T: Kind, D: usb::Direction> {
    pub(super) shared: Shared,
    #[pin]
    pub(super) state: SpinLockIrq<State<T, D>>,
    /// Of the URBs; there once all of them have been made.
    pub(super) cancellers: SetOnce<KVec<usb::Canceller>>,
    /// Keeps those apart who restart it.
    #[pin]
    pub(super) restarting: Mutex<()>,
    pub(super) events: Arc<usb::Events>,
    pub(super) stats: Arc<Stats>,
    /// The use of the endpoint, until it is freed.
    #[pin]
    pub(super) held: Mutex<Option<(LaneGuard, usb::PowerGuard)>>,
    pub(super) _charge: Charge,
}

/// The handler of the URB of a slot.
pub(super) struct Port<T: Kind, D: usb::Direction> {
    ring: Arc<Ring<T, D>>,
    index: u32,
}

impl<T: Kind, D: usb::Direction> Port<T, D> {
    pub(super) fn new(ring: Arc<Ring<T, D>>, index: u32) -> Self {
        Self { ring, index }
    }

    /// Of the slot.
    #[inline]
    pub(super) fn index(&self) -> usize {
        // CAST: At least as wide.
        self.index as usize
    }
}

impl<T: Kind, D: usb::Direction> usb::Handler<T, D, SlotMemory> for Port<T, D> {
    fn complete(done: Done<'_, T, D>) {
        let ring = done.handler().ring.clone();
        ring.ended(done);
    }
}

/// Whether a transfer did not fail, but was taken back: by us, or since there must not be any.
fn is_taken_back(error: usb::TransferError) -> bool {
    error.is_cancelled() || error.is_gone()
}

/// As `usbpipe_slot.status`.
#[inline]
fn status(result: Result<(), usb::TransferError>) -> i32 {
    match result {
        Ok(()) => 0,
        Err(error) if is_taken_back(error) => ECANCELED.to_errno(),
        Err(error) => Error::from(error).to_errno(),
    }
}

impl<T: Kind, D: usb::Direction> Ring<T, D> {
    /// Deals with a transfer that has ended.
    fn ended(&self, done: Done<'_, T, D>) {
        let (slot, index) = (done.handler().index(), done.handler().index);
        let (result, actual) = (done.result(), done.actual_length());
        let late = T::report(&done, &self.shared);
        // Nobody looks at it before the slot is completed.
        self.shared.set_result(slot, actual, status(result));
        self.stats.count::<D>(result, actual);
        let urb = done.into_urb();
        let mut after = Aftermath::default();
        let mut state = self.state.lock();
        let Some(place) = state.urbs.get_mut(slot) else {
            // The ring was freed, and so is the URB.
            drop(state);
            return;
        };
        *place = Some(urb);
        if late != 0 {
            self.count_late(&mut state, late);
        }
        let end = self.judge(&mut state, result, actual, &mut after);
        state.progress.end(index, end);
        self.go_on(&mut state, &mut after);
        drop(state);
        self.follow_up(after);
    }

    fn count_late(&self, state: &mut State<T, D>, late: u32) {
        state.late = state.late.wrapping_add(late);
        self.shared.set_late(state.late);
        self.stats.late_packets.add(late.into());
    }

    /// What a transfer that has ended is for its slot, and for the ring.
    #[inline]
    fn judge(
        &self,
        state: &mut State<T, D>,
        result: Result<(), usb::TransferError>,
        actual: usize,
        after: &mut Aftermath,
    ) -> End {
        match result {
            Ok(()) => End::Told,
            Err(error) => self.judge_error(state, error, actual, after),
        }
    }

    #[cold]
    fn judge_error(
        &self,
        state: &mut State<T, D>,
        error: usb::TransferError,
        actual: usize,
        after: &mut Aftermath,
    ) -> End {
        let runs = state.mode == Mode::Running;
        let taken_back = is_taken_back(error);
        if runs && taken_back {
            self.set_mode(state, Mode::Paused);
        } else if runs && T::STOPS {
            self.stop(state, error.into(), after);
        }
        // Some host controllers let all transfers fail that wait behind the one that did.
        let may_be_undone = taken_back || (T::STOPS && !runs);
        match may_be_undone && actual == 0 {
            true => End::Undone,
            false => End::Told,
        }
    }

    /// Tells of what was completed, and starts what was submitted.
    #[inline]
    pub(super) fn go_on(&self, state: &mut State<T, D>, after: &mut Aftermath) {
        match state.mode {
            Mode::Running => self.publish(state, after),
            _ => self.wind_down(state, after),
        }
        loop {
            // Once is enough while something is in flight: its handler looks again.
            let submitted = self.shared.submitted();
            while self.start_next(state, submitted, after) {}
            let needs_kick = state.progress.is_idle();
            if needs_kick == (state.flags & NEED_KICK != 0) {
                return;
            }
            self.set_flags(state, state.flags ^ NEED_KICK);
            if !needs_kick {
                return;
            }
            // Pairs with the one between storing `submitted` and loading the flags: one of the
            // two sees what the other has stored.
            smp_mb(Full);
        }
    }

    /// Puts things in order once nothing is in flight any more. A ring that has stopped says so
    /// then, and not before: all that it has completed is there.
    #[cold]
    fn wind_down(&self, state: &mut State<T, D>, after: &mut Aftermath) {
        if state.is_quiet() {
            let shared = &self.shared;
            // CAST: At least as wide.
            let cancelled = |index| shared.set_result(index as usize, 0, ECANCELED.to_errno());
            state.progress.settle(cancelled);
            after.changed = true;
        }
        if !state.is_stopping() {
            self.show(state);
            self.publish(state, after);
        }
    }

    #[inline]
    fn publish(&self, state: &mut State<T, D>, after: &mut Aftermath) {
        let completed = state.progress.completed();
        if completed == state.published {
            return;
        }
        state.published = completed;
        state.has_completed = true;
        self.shared.set_completed(completed);
        after.completed |= state.wake.is_due(completed);
    }

    /// Starts one transfer, if there is one and it may be. Returns whether it did.
    #[inline]
    fn start_next(&self, state: &mut State<T, D>, submitted: u32, after: &mut Aftermath) -> bool {
        if state.mode != Mode::Running {
            return false;
        }
        match state.progress.next(submitted) {
            Ok(None) => false,
            Ok(Some(index)) => {
                state.raise_high_water(submitted, &self.stats);
                self.start(state, index, after)
            }
            Err(error) => {
                self.stop(state, error, after);
                false
            }
        }
    }

    #[inline]
    fn start(&self, state: &mut State<T, D>, index: u32, after: &mut Aftermath) -> bool {
        // CAST: At least as wide.
        let Some(place) = state.urbs.get_mut(index as usize) else {
            return false;
        };
        let Some(mut urb) = place.take() else {
            return false;
        };
        if let Err(error) = T::prepare(&mut urb, &self.shared) {
            *place = Some(urb);
            self.stop(state, error, after);
            return false;
        }
        match urb.submit_atomic() {
            Ok(()) => {
                state.progress.start();
                true
            }
            Err(usb::SubmitError { error, urb }) => {
                *place = Some(urb);
                self.refused(state, error, after);
                false
            }
        }
    }

    #[cold]
    fn refused(&self, state: &mut State<T, D>, error: usb::TransferError, after: &mut Aftermath) {
        use usb::TransferError::{
            NoMemory,
            Rejected,
            Suspended, //
        };

        match error {
            Suspended | Rejected => self.set_mode(state, Mode::Paused),
            // The next that ends tries again.
            NoMemory if !state.progress.is_idle() => (),
            error if error.is_gone() => {
                self.set_mode(state, Mode::Gone);
                after.changed = true;
            }
            error => self.stop(state, error.into(), after),
        }
    }

    /// Stops the ring; that is complete when all that is in flight has come back.
    #[cold]
    fn stop(&self, state: &mut State<T, D>, error: Error, after: &mut Aftermath) {
        state.mode = Mode::Stopped(error);
        state.cancelling += 1;
        after.cancel = true;
    }

    pub(super) fn set_mode(&self, state: &mut State<T, D>, mode: Mode) {
        state.mode = mode;
        self.show(state);
    }

    /// Before the counter: who sees a slot that failed sees that the ring has stopped.
    fn show(&self, state: &mut State<T, D>) {
        let (flags, error) = state.mode.show();
        self.shared.set_error(error);
        let kick = if state.progress.is_idle() {
            NEED_KICK
        } else {
            0
        };
        self.set_flags(state, flags | kick);
    }

    fn set_flags(&self, state: &mut State<T, D>, flags: u32) {
        state.flags = flags;
        self.shared.set_flags(flags);
    }
}
