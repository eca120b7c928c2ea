// SPDX-License-Identifier: GPL-2.0

//! The ring: it starts what the program submits, and completes what has ended.

use super::{
    kind::Kind,
    mode::Mode,
    port::Done,
    progress::End,
    shared::Shared,
    state::State, //
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
    #[inline]
    pub(super) fn ended(&self, done: Done<'_, T, D>) {
        let slot = done.memory().index();
        let (result, actual) = (done.result(), done.actual_length());
        let late = T::report(&done, &self.shared);
        // Nobody looks at it before the slot is completed.
        self.shared.set_result(slot, actual, status(result));
        let mut after = Aftermath::default();
        let mut state = self.state.lock();
        if state.mode == Mode::Freed {
            drop(state);
            // The URB is freed.
            drop(done);
            return self.stats.count::<D>(result, actual);
        }
        state.tally.count(actual);
        if late != 0 {
            self.count_late(&mut state, late);
        }
        let end = self.judge(&mut state, result, actual, &mut after);
        state.progress.end(slot, end);
        self.tell(&mut state, &mut after);
        self.start_again(&mut state, done, &mut after);
        // Nobody starts more meanwhile, and a ring that is full needs no kick.
        if !state.progress.is_full() {
            self.go_on(&mut state, &mut after);
        }
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
        self.stats.count_error(error);
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

    /// Tells of what was completed.
    #[inline]
    fn tell(&self, state: &mut State<T, D>, after: &mut Aftermath) {
        match state.mode {
            Mode::Running => self.publish(state, after),
            _ => self.wind_down(state, after),
        }
    }

    /// Starts what was submitted.
    #[inline]
    fn go_on(&self, state: &mut State<T, D>, after: &mut Aftermath) {
        loop {
            // Once is enough while something is in flight: its handler looks again.
            while self.start_next(state, after) {}
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

    /// Tells of what was completed, and starts what was submitted.
    pub(super) fn tell_and_go_on(&self, state: &mut State<T, D>, after: &mut Aftermath) {
        self.tell(state, after);
        self.go_on(state, after);
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

    /// The slot to be started next, if there is one and it may be.
    #[inline]
    fn next(&self, state: &mut State<T, D>, after: &mut Aftermath) -> Option<usize> {
        if state.mode != Mode::Running {
            return None;
        }
        let submitted = self.shared.submitted();
        match state.progress.next(submitted) {
            Ok(None) => None,
            Ok(Some(slot)) => {
                state.raise_high_water(submitted, &self.stats);
                // CAST: At least as wide.
                Some(slot as usize)
            }
            Err(error) => {
                self.stop(state, error, after);
                None
            }
        }
    }

    /// Starts the next transfer with a URB whose own has just ended, if it is its turn: where the
    /// ring was full it is. Else puts it with the others.
    #[inline]
    fn start_again(
        &self,
        state: &mut State<T, D>,
        mut done: Done<'_, T, D>,
        after: &mut Aftermath,
    ) {
        let is_its_turn = state.progress.turn() == done.handler().index();
        let next = match is_its_turn {
            true => self.next(state, after),
            false => None,
        };
        let Some(slot) = next else {
            return state.idle.put(done.into_urb());
        };
        if let Err(error) = T::prepare_again(&mut done, slot, &self.shared) {
            state.idle.put(done.into_urb());
            return self.stop(state, error, after);
        }
        match done.resubmit() {
            Ok(()) => state.progress.start(),
            Err(usb::SubmitError { error, urb }) => {
                state.idle.put(urb);
                self.refused(state, error, after);
            }
        }
    }

    /// Starts one transfer. Returns whether it did.
    fn start_next(&self, state: &mut State<T, D>, after: &mut Aftermath) -> bool {
        let Some(slot) = self.next(state, after) else {
            return false;
        };
        let Some(mut urb) = state.idle.take(state.progress.turn()) else {
            return false;
        };
        if let Err(error) = T::prepare(&mut urb, slot, &self.shared) {
            state.idle.put(urb);
            self.stop(state, error, after);
            return false;
        }
        match urb.submit_atomic() {
            Ok(()) => {
                state.progress.start();
                true
            }
            Err(usb::SubmitError { error, urb }) => {
                state.idle.put(urb);
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
