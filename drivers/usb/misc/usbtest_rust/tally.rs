// SPDX-License-Identifier: GPL-2.0

//! What handlers count, for the case that waits until all of them are done.

use crate::bench::LIMIT_MS;
use kernel::{
    new_condvar,
    new_spinlock_irq,
    prelude::*,
    sync::{
        Arc,
        CondVar,
        CondVarTimeoutResult,
        SpinLockIrq, //
    },
    time::msecs_to_jiffies, //
};

/// How far transfers have got.
pub(crate) trait Progress: Unpin {
    /// Whether nothing is in flight any more.
    fn is_over(&self) -> bool;

    /// How many transfers have ended, in whatever way.
    fn ended(&self) -> u64;
}

/// A count that somebody waits for.
#[pin_data]
pub(crate) struct Tally<S: Progress> {
    #[pin]
    pub(crate) state: SpinLockIrq<S>,
    #[pin]
    over: CondVar,
}

impl<S: Progress> Tally<S> {
    pub(crate) fn new(state: S) -> Result<Arc<Self>> {
        Arc::pin_init(
            pin_init!(Self {
                state <- new_spinlock_irq!(state, "usbtest_rust::Tally::state"),
                over <- new_condvar!("usbtest_rust::Tally::over"),
            }),
            GFP_KERNEL,
        )
    }

    /// Changes the count, and wakes the one who waits if that is the end.
    pub(crate) fn update<R>(&self, change: impl FnOnce(&mut S) -> R) -> R {
        let mut state = self.state.lock();
        let result = change(&mut state);
        if state.is_over() {
            self.over.notify_all();
        }
        result
    }

    /// Waits until nothing is in flight any more.
    ///
    /// # Errors
    ///
    /// - `ETIMEDOUT`: nothing has ended for as long as one transfer may take.
    /// - `EINTR`: there is a signal.
    pub(crate) fn wait(&self) -> Result {
        let mut state = self.state.lock();
        let limit = msecs_to_jiffies(LIMIT_MS);
        let (mut left, mut ended) = (limit, state.ended());
        while !state.is_over() {
            match self.over.wait_interruptible_timeout(&mut state, left) {
                CondVarTimeoutResult::Woken { jiffies } => left = jiffies,
                CondVarTimeoutResult::Signal { .. } => return Err(EINTR),
                CondVarTimeoutResult::Timeout if state.is_over() => break,
                CondVarTimeoutResult::Timeout if state.ended() == ended => return Err(ETIMEDOUT),
                CondVarTimeoutResult::Timeout => (left, ended) = (limit, state.ended()),
            }
        }
        Ok(())
    }
}
