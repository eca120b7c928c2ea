// SPDX-License-Identifier: GPL-2.0

//! How a ring stops, goes on, and ends; and those who wait for it.

use super::{
    engine::{
        Aftermath,
        Ring, //
    },
    idle::Idle,
    kind::Kind,
    mode::Mode,
    state::State,
    wake::has_reached, //
};
use core::mem;
use kernel::{
    device::Bound,
    mm::virt::VmaNew,
    prelude::*,
    uapi,
    usb, //
};

/// What can be done with a ring, whatever it moves.
pub(super) trait Operations: Send + Sync {
    /// bEndpointAddress.
    fn address(&self) -> u8;

    /// The offset that it is mapped at.
    fn map_offset(&self) -> u64;

    /// Maps its memory.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: the mapping has another length, or is private.
    /// - `ENOMEM`.
    fn map(&self, vma: &VmaNew) -> Result;

    /// Starts what was submitted, and waits.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: what is waited for was not submitted.
    /// - `ENODEV`: the device is gone, or the ring was freed.
    /// - `ETIMEDOUT`: the time is over.
    /// - `EINTR`: there is a signal.
    /// - Why the ring has stopped.
    fn enter(&self, operation: &usb::Operation<'_>, enter: &mut uapi::usbpipe_ring_enter)
        -> Result;

    /// What `poll()` says of it.
    fn poll(&self) -> usb::PollEvents;

    /// Tells the counters of the node what was moved.
    fn tell_stats(&self);

    /// I/O is possible again after a pause.
    fn resume(&self);

    /// The device was reset: it may have forgotten anything, of which the program is told.
    fn reset(&self);

    /// The device is gone.
    fn lose(&self);

    /// Ends it: nothing is in flight when this returns, if the interface is still bound.
    fn free(&self, interface: Option<&usb::Interface<Bound>>);
}

impl<T: Kind, D: usb::Direction> Operations for Ring<T, D> {
    fn address(&self) -> u8 {
        self.shared.layout().address
    }

    fn map_offset(&self) -> u64 {
        self.shared.layout().map_offset()
    }

    fn map(&self, vma: &VmaNew) -> Result {
        self.shared.map(vma)
    }

    fn enter(
        &self,
        operation: &usb::Operation<'_>,
        enter: &mut uapi::usbpipe_ring_enter,
    ) -> Result {
        let mut result = Ok(());
        if u32::from(enter.flags) & uapi::USBPIPE_RING_ENTER_RESTART != 0 {
            result = self.restart(operation);
        }
        result = result.and_then(|()| self.kick());
        if enter.timeout_ms != 0 {
            result = result.and_then(|()| self.wait(operation, enter));
        }
        if result == Err(ENODEV) {
            self.lose();
        } else if result.is_err() {
            // Who learns that it has stopped finds everything in order.
            let _ = self.wait_quiet(operation);
        }
        enter.completed = self.state.lock().published;
        result
    }

    fn poll(&self) -> usb::PollEvents {
        let submitted = self.shared.submitted();
        let mut state = self.state.lock();
        state.wake.on_any();
        let trouble = match state.mode {
            Mode::Running | Mode::Paused => usb::PollEvents::NONE,
            Mode::Stopped(_) if state.is_stopping() => usb::PollEvents::NONE,
            Mode::Stopped(_) => usb::PollEvents::ERROR,
            Mode::Gone | Mode::Freed => usb::PollEvents::GONE,
        };
        match trouble != usb::PollEvents::NONE || state.has_news::<D>(submitted, self.slots()) {
            true => trouble.with(ready::<D>()),
            false => usb::PollEvents::NONE,
        }
    }

    fn tell_stats(&self) {
        self.state.lock().tally.tell::<D>(&self.stats);
    }

    fn resume(&self) {
        self.locked(|state, after| {
            if state.mode == Mode::Paused {
                self.set_mode(state, Mode::Running);
                self.tell_and_go_on(state, after);
            }
        });
    }

    fn reset(&self) {
        self.locked(|state, after| {
            if matches!(state.mode, Mode::Running | Mode::Paused) {
                self.set_mode(state, Mode::Stopped(ECONNRESET));
                after.changed = true;
            }
        });
    }

    fn lose(&self) {
        self.locked(|state, after| {
            if !state.mode.is_final() {
                self.set_mode(state, Mode::Gone);
                after.changed = true;
            }
        });
    }

    fn free(&self, interface: Option<&usb::Interface<Bound>>) {
        let mut state = self.state.lock();
        self.set_mode(&mut state, Mode::Freed);
        state.tally.tell::<D>(&self.stats);
        let urbs = mem::replace(&mut state.idle, Idle::none());
        drop(state);
        drop(urbs);
        // All at once, and only then one after the other.
        self.unlink();
        for canceller in self.cancellers.as_ref().into_iter().flatten() {
            // If it fails, nothing is in flight: the driver is being unbound.
            let _ = interface.map(|interface| canceller.kill(interface));
        }
        let held = self.held.lock().take();
        drop(held);
        self.events.notify();
    }
}

/// A wait with a timeout must not begin anew after a signal.
fn interrupted(error: Error) -> Error {
    match error {
        ERESTARTSYS => EINTR,
        error => error,
    }
}

/// What is said of a ring that somebody can go on with.
fn ready<D: usb::Direction>() -> usb::PollEvents {
    match D::IS_IN {
        true => usb::PollEvents::READABLE,
        false => usb::PollEvents::WRITABLE,
    }
}

impl<T: Kind, D: usb::Direction> State<T, D> {
    /// Whether there is something for the program to do: of an IN endpoint, a slot that was
    /// completed and not submitted again; of an OUT endpoint, any that was not submitted.
    fn has_news<Way: usb::Direction>(&self, submitted: u32, slots: u32) -> bool {
        let has_any = self.has_completed || !Way::IS_IN;
        has_any && self.progress.with_driver(submitted) != Ok(slots)
    }
}

impl<T: Kind, D: usb::Direction> Ring<T, D> {
    fn slots(&self) -> u32 {
        // CAST: At most `USBPIPE_RING_MAX_SLOTS`.
        self.shared.layout().slots as u32
    }

    /// Changes the state, and does what follows from that.
    fn locked<R>(&self, f: impl FnOnce(&mut State<T, D>, &mut Aftermath) -> R) -> R {
        let mut after = Aftermath::default();
        let mut state = self.state.lock();
        let result = f(&mut state, &mut after);
        drop(state);
        self.follow_up(after);
        result
    }

    /// What must not be done with the state locked: handlers take it, and may run in here.
    #[inline]
    pub(super) fn follow_up(&self, after: Aftermath) {
        if after.cancel {
            self.cancel();
        }
        if after.changed {
            self.events.notify();
        } else if after.completed {
            self.events.notify_of(ready::<D>());
        }
    }

    /// Cancels in the order of submission.
    fn unlink(&self) {
        let first = self.state.lock().progress.first_turn();
        let Some(cancellers) = self.cancellers.as_ref() else {
            return;
        };
        let (later, earlier) = cancellers.split_at(first.min(cancellers.len()));
        for canceller in [earlier, later].into_iter().flatten() {
            canceller.unlink();
        }
    }

    /// Cancels what is in flight. It does not get any further before this is over.
    #[cold]
    fn cancel(&self) {
        self.unlink();
        self.locked(|state, after| {
            state.cancelling -= 1;
            self.tell_and_go_on(state, after);
        });
    }

    /// Starts what was submitted.
    fn kick(&self) -> Result {
        self.locked(|state, after| {
            // Whoever has paused it refuses to start anything, if he still does.
            if state.mode == Mode::Paused && state.is_quiet() {
                self.set_mode(state, Mode::Running);
            }
            if state.mode == Mode::Running {
                self.tell_and_go_on(state, after);
            }
            state.mode.check()
        })
    }

    /// Waits until the counter has reached `wait_for`, whatever the file's flags say.
    fn wait(&self, operation: &usb::Operation<'_>, enter: &uapi::usbpipe_ring_enter) -> Result {
        let timeout = usb::Timeout::try_from_millis(enter.timeout_ms)?;
        let waits_for = enter.wait_for.wrapping_sub(1);
        let submitted = self.shared.submitted();
        let state = self.state.lock();
        let is_ahead = !has_reached(state.published, enter.wait_for);
        drop(state);
        if is_ahead && has_reached(waits_for, submitted) {
            return Err(EINVAL);
        }
        operation
            .blocking()
            .wait_timeout(timeout, || self.look(enter.wait_for))
            .map_err(interrupted)?
    }

    /// Whether the wait is over; if not, the one who waits is woken.
    fn look(&self, wait_for: u32) -> Option<Result> {
        let mut state = self.state.lock();
        if has_reached(state.published, wait_for) {
            return Some(Ok(()));
        }
        match state.mode.check() {
            // It is not over: what is still in flight may be what is waited for.
            Err(_) if state.is_stopping() => (),
            Err(error) => return Some(Err(error)),
            Ok(()) => (),
        }
        state.wake.at(wait_for);
        None
    }

    /// Waits until a ring that has stopped has nothing in flight any more: not for long, as all of
    /// it is being cancelled.
    fn wait_quiet(&self, operation: &usb::Operation<'_>) -> Result {
        let is_quiet = || (!self.state.lock().is_stopping()).then_some(());
        operation.blocking().wait(is_quiet).map_err(interrupted)
    }

    /// Makes a ring that has stopped ready to go on.
    ///
    /// # Errors
    ///
    /// - `EINTR`: there is a signal.
    /// - `ENODEV`, and those of clearing a halt.
    fn restart(&self, operation: &usb::Operation<'_>) -> Result {
        let _restarting = self.restarting.lock();
        let Mode::Stopped(error) = self.state.lock().mode else {
            return Ok(());
        };
        self.wait_quiet(operation)?;
        if error == EPIPE {
            T::clear_halt::<D>(operation.interface(), self.shared.layout().address)?;
        }
        self.locked(|state, _| {
            if matches!(state.mode, Mode::Stopped(_)) {
                self.set_mode(state, Mode::Running);
            }
        });
        Ok(())
    }
}
