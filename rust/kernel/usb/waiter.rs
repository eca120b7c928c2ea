// SPDX-License-Identifier: GPL-2.0

//! Where somebody sleeps until transfers have ended.

use super::Sleep;
use crate::{
    bindings,
    prelude::*,
    sync::CondVar,
    task::MAX_SCHEDULE_TIMEOUT,
    types::Opaque, //
};

/// How somebody sleeps, and for how long he still may.
pub(super) struct Patience {
    sleep: Sleep,
    /// What is left, in jiffies.
    left: c_long,
}

impl Patience {
    pub(super) fn new(sleep: Sleep) -> Self {
        let left = sleep.jiffies();
        Self { sleep, left }
    }
}

/// Counts transfers that have ended, for the one who waits for them.
#[pin_data]
pub(super) struct Waiter {
    #[pin]
    ended: Opaque<bindings::completion>,
}

// SAFETY: A `struct completion` belongs to no thread.
unsafe impl Send for Waiter {}

// SAFETY: The functions on a `struct completion` take its own lock.
unsafe impl Sync for Waiter {}

impl Waiter {
    pub(super) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            ended <- Opaque::ffi_init(|slot: *mut bindings::completion| {
                // SAFETY: `slot` is valid for writes, and pinned from then on.
                unsafe { bindings::init_completion(slot) }
            }),
        })
    }

    /// Says that a transfer has ended.
    ///
    /// The caller keeps the waiter alive until this returns.
    ///
    /// # Context
    ///
    /// Any.
    pub(super) fn signal(&self) {
        // SAFETY: The completion was initialised by `new`, the only constructor, and `self` is
        // borrowed for longer than this call takes.
        unsafe { bindings::complete(self.ended.get()) };
    }

    /// Sleeps until one more transfer has ended.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `ETIMEDOUT`: the time is over.
    /// - `EINTR`: there is a signal that ends this kind of sleep.
    pub(super) fn wait(&self, patience: &mut Patience) -> Result {
        match self.sleep(patience.sleep, patience.left) {
            0 => {
                patience.left = 0;
                Err(ETIMEDOUT)
            }
            left if left > 0 => {
                patience.left = left;
                Ok(())
            }
            _ => Err(EINTR),
        }
    }

    /// As [`wait`](Waiter::wait), but at most one jiffy. Returns whether a transfer has ended.
    pub(super) fn wait_briefly(&self, patience: &mut Patience) -> Result<bool> {
        let moment = patience.left.min(1);
        match self.sleep(patience.sleep, moment) {
            0 if patience.left == 0 => Err(ETIMEDOUT),
            0 => {
                if patience.left != MAX_SCHEDULE_TIMEOUT {
                    patience.left -= moment;
                }
                Ok(false)
            }
            left if left > 0 => Ok(true),
            _ => Err(EINTR),
        }
    }

    /// Returns what is left, at least 1; 0 if the time is over; less if there is a signal.
    fn sleep(&self, sleep: Sleep, jiffies: c_long) -> c_long {
        let ended = self.ended.get();
        // CAST: A patience is never negative.
        let jiffies = jiffies as c_ulong;
        // SAFETY: The completion is initialised. By the contract of our callers we may sleep.
        unsafe {
            match sleep {
                Sleep::Interruptible(_) => {
                    bindings::wait_for_completion_interruptible_timeout(ended, jiffies)
                }
                Sleep::Killable(_) => {
                    bindings::wait_for_completion_killable_timeout(ended, jiffies)
                }
                Sleep::Uninterruptible(_) => {
                    // CAST: No more than what went in.
                    bindings::wait_for_completion_timeout(ended, jiffies) as c_long
                }
            }
        }
    }
}

/// Sleeps until `condition` holds, which is looked at whenever `queue` is notified. Returns whether
/// it was in time.
///
/// # Context
///
/// May sleep, but not in `condition`.
///
/// # Errors
///
/// `EINTR`: there is a signal that ends this kind of sleep.
pub(super) fn sleep_until(
    queue: &CondVar,
    sleep: Sleep,
    mut condition: impl FnMut() -> bool,
) -> Result<bool> {
    let state = match sleep {
        Sleep::Interruptible(_) => bindings::TASK_INTERRUPTIBLE,
        Sleep::Killable(_) => bindings::TASK_WAKEKILL | bindings::TASK_UNINTERRUPTIBLE,
        Sleep::Uninterruptible(_) => bindings::TASK_UNINTERRUPTIBLE,
    };
    let queue = queue.wait_queue_head.get();
    let mut left = sleep.jiffies();
    let entry = Opaque::<bindings::wait_queue_entry>::uninit();
    // SAFETY: `entry` is valid for writes, and does not move before `finish_wait()`.
    unsafe { bindings::init_wait_entry(entry.get(), 0) };
    let result = loop {
        // CAST: Small constants.
        let state = state as c_int;
        // SAFETY: The queue was initialised by the constructor of its `CondVar`, the entry above.
        let signal = unsafe { bindings::prepare_to_wait_event(queue, entry.get(), state) };
        if condition() {
            break Ok(true);
        }
        if left == 0 {
            break Ok(false);
        }
        if signal != 0 {
            break Err(EINTR);
        }
        // SAFETY: By the contract of our callers we may sleep; the time is not negative.
        left = unsafe { bindings::schedule_timeout(left) };
    };
    // SAFETY: Both are still there; the entry leaves the queue before it is dropped.
    unsafe { bindings::finish_wait(queue, entry.get()) };
    result
}

#[kunit_tests(rust_usb_waiter)]
mod tests {
    use super::*;
    use crate::{
        new_condvar,
        sync::{
            atomic::{
                Acquire,
                Atomic,
                Release, //
            },
            Arc, //
        },
        usb::{
            LongTimeout,
            Timeout, //
        },
        workqueue, //
    };

    const MOMENT: Timeout = Timeout::from_millis::<20>();

    fn all_kinds() -> [Sleep; 3] {
        [
            Sleep::Interruptible(MOMENT),
            Sleep::Killable(MOMENT.into()),
            Sleep::Uninterruptible(MOMENT),
        ]
    }

    #[test]
    fn each_signal_ends_one_wait() -> Result {
        for sleep in all_kinds() {
            let waiter = Arc::pin_init(Waiter::new(), GFP_KERNEL)?;
            let mut patience = Patience::new(sleep);
            waiter.signal();
            waiter.signal();
            assert!(waiter.wait(&mut patience).is_ok());
            assert!(waiter.wait(&mut patience).is_ok());
            assert_eq!(waiter.wait(&mut patience), Err(ETIMEDOUT));
            // It does not begin anew.
            assert_eq!(patience.left, 0);
            assert_eq!(waiter.wait_briefly(&mut patience), Err(ETIMEDOUT));
            // What has ended has ended, also when the time is over.
            waiter.signal();
            assert!(waiter.wait(&mut patience).is_ok());
        }
        Ok(())
    }

    #[test]
    fn brief_waits_add_up_to_the_whole() -> Result {
        for sleep in all_kinds() {
            let waiter = Arc::pin_init(Waiter::new(), GFP_KERNEL)?;
            let mut patience = Patience::new(sleep);
            let mut rounds = 0;
            while let Ok(ended) = waiter.wait_briefly(&mut patience) {
                assert!(!ended);
                rounds += 1;
            }
            assert_eq!(rounds, sleep.jiffies());
        }
        Ok(())
    }

    #[test]
    fn for_ever_does_not_wear_off() -> Result {
        let waiter = Arc::pin_init(Waiter::new(), GFP_KERNEL)?;
        let mut patience = Patience::new(Sleep::Killable(LongTimeout::FOREVER));
        assert_eq!(waiter.wait_briefly(&mut patience), Ok(false));
        waiter.signal();
        assert_eq!(waiter.wait_briefly(&mut patience), Ok(true));
        waiter.signal();
        assert!(waiter.wait(&mut patience).is_ok());
        assert_eq!(patience.left, MAX_SCHEDULE_TIMEOUT);
        Ok(())
    }

    #[test]
    fn the_condition_is_looked_at_first_and_last() -> Result {
        let queue = Arc::pin_init(new_condvar!("test::queue"), GFP_KERNEL)?;
        for sleep in all_kinds() {
            assert_eq!(sleep_until(&queue, sleep, || true), Ok(true));
            assert_eq!(sleep_until(&queue, sleep, || false), Ok(false));
            let mut looks = 0;
            let second_time = || {
                looks += 1;
                looks == 2
            };
            assert_eq!(sleep_until(&queue, sleep, second_time), Ok(true));
        }
        Ok(())
    }

    #[test]
    fn the_one_who_notifies_ends_the_sleep() -> Result {
        let queue = Arc::pin_init(new_condvar!("test::queue"), GFP_KERNEL)?;
        let ready = Arc::new(Atomic::new(false), GFP_KERNEL)?;
        let (their_queue, theirs) = (queue.clone(), ready.clone());
        workqueue::system_long().try_spawn(GFP_KERNEL, move || {
            theirs.store(true, Release);
            their_queue.notify_all();
        })?;
        let forever = Sleep::Killable(LongTimeout::FOREVER);
        assert_eq!(
            sleep_until(&queue, forever, || ready.load(Acquire)),
            Ok(true)
        );
        Ok(())
    }
}
