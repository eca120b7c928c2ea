// SPDX-License-Identifier: GPL-2.0

//! Where somebody sleeps until transfers have ended.

use super::{
    deadline::now,
    gate::Gate,
    Sleep, //
};
use crate::{
    bindings,
    prelude::*,
    sync::CondVar,
    task::MAX_SCHEDULE_TIMEOUT,
    time::{
        msecs_to_jiffies,
        Delta, //
    },
    types::Opaque, //
};

/// How long somebody sleeps who is waited for without a chance to say so: as long as a device may
/// take for a request (USB 2.0, 9.2.6.4).
const HURRIED: Delta = Delta::from_secs(5);

/// How often somebody looks who may be waited for.
const LOOK: Delta = Delta::from_millis(20);

/// How somebody sleeps, and for how long he still may.
pub(super) struct Patience<'a> {
    sleep: Sleep,
    /// What is left, in jiffies.
    left: c_long,
    /// When that is over, for who sleeps in many small pieces, each of which may take longer.
    end: c_ulong,
    /// What he waits for is behind this gate, and he looks now and then whether he is waited for.
    watch: Option<&'a Gate>,
}

impl<'a> Patience<'a> {
    /// That of the caller, who waits for something behind `gate`.
    pub(super) fn new(sleep: Sleep, gate: &'a Gate) -> Self {
        let (tasks, mut left) = (gate.tasks(), sleep.jiffies());
        if tasks.is_hurried() {
            left = left.min(to_jiffies(HURRIED));
        }
        let watch = tasks.may_be_awaited().then_some(gate);
        // CAST: It is not negative.
        let end = now().wrapping_add(left as c_ulong);
        Self {
            sleep,
            left,
            end,
            watch,
        }
    }

    /// How long the next sleep may be.
    pub(super) fn next(&self) -> c_long {
        match self.watch {
            Some(_) => self.left.min(to_jiffies(LOOK)),
            None => self.left,
        }
    }

    /// Takes that away which was slept.
    pub(super) fn wear(&mut self, slept: c_long) {
        if self.left == MAX_SCHEDULE_TIMEOUT {
            return;
        }
        self.left = match self.watch {
            // CAST: The difference of two times, which wraps as they do.
            Some(_) => (self.end.wrapping_sub(now()) as c_long).max(0),
            None => self.left - slept,
        };
    }

    /// Whether nothing is left.
    pub(super) fn is_over(&self) -> bool {
        self.left == 0
    }

    /// Whether one can go on waiting; errors as
    /// [`check_awaited`](super::tasks::Tasks::check_awaited).
    pub(super) fn check(&self) -> Result {
        self.watch
            .map_or(Ok(()), |gate| gate.tasks().check_awaited(gate))
    }
}

fn to_jiffies(delta: Delta) -> c_long {
    // CAST: A few seconds.
    msecs_to_jiffies(delta.as_millis() as u32) as c_long
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
    /// - `ENODEV`: somebody waits for the caller.
    pub(super) fn wait(&self, patience: &mut Patience<'_>) -> Result {
        loop {
            let moment = patience.next();
            match self.sleep(patience.sleep, moment) {
                0 => patience.wear(moment),
                left if left > 0 => {
                    patience.wear(moment - left);
                    return Ok(());
                }
                _ => return Err(EINTR),
            }
            if patience.is_over() {
                return Err(ETIMEDOUT);
            }
            patience.check()?;
        }
    }

    /// As [`wait`](Waiter::wait), but at most one jiffy. Returns whether a transfer has ended.
    pub(super) fn wait_briefly(&self, patience: &mut Patience<'_>) -> Result<bool> {
        let moment = patience.left.min(1);
        match self.sleep(patience.sleep, moment) {
            0 if patience.is_over() => Err(ETIMEDOUT),
            0 => {
                patience.wear(moment);
                patience.check()?;
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
/// - `EINTR`: there is a signal that ends this kind of sleep.
/// - Those of [`Patience::check`].
pub(super) fn sleep_until(
    queue: &CondVar,
    mut patience: Patience<'_>,
    mut condition: impl FnMut() -> bool,
) -> Result<bool> {
    let state = match patience.sleep {
        Sleep::Interruptible(_) => bindings::TASK_INTERRUPTIBLE,
        Sleep::Killable(_) => bindings::TASK_WAKEKILL | bindings::TASK_UNINTERRUPTIBLE,
        Sleep::Uninterruptible(_) => bindings::TASK_UNINTERRUPTIBLE,
    };
    let queue = queue.wait_queue_head.get();
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
        if patience.is_over() {
            break Ok(false);
        }
        if signal != 0 {
            break Err(EINTR);
        }
        let moment = patience.next();
        // SAFETY: By the contract of our callers we may sleep; the time is not negative.
        patience.wear(moment - unsafe { bindings::schedule_timeout(moment) });
        // Here, since it takes a mutex: from `prepare_to_wait_event()` on we are about to sleep.
        if let Err(error) = patience.check() {
            break Err(error);
        }
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
            tasks::CallbackKind,
            LongTimeout,
            Timeout, //
        },
        workqueue, //
    };
    use core::ptr::null_mut;

    const MOMENT: Timeout = Timeout::from_millis::<20>();

    fn gate() -> Result<Arc<Gate>> {
        // SAFETY: There is no interface, and nobody looks for one.
        unsafe { Gate::new(null_mut(), null_mut()) }
    }

    fn all_kinds() -> [Sleep; 3] {
        [
            Sleep::Interruptible(MOMENT),
            Sleep::Killable(MOMENT.into()),
            Sleep::Uninterruptible(MOMENT),
        ]
    }

    #[test]
    fn each_signal_ends_one_wait() -> Result {
        let gate = gate()?;
        for sleep in all_kinds() {
            let waiter = Arc::pin_init(Waiter::new(), GFP_KERNEL)?;
            let mut patience = Patience::new(sleep, &gate);
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
        let gate = gate()?;
        for sleep in all_kinds() {
            let waiter = Arc::pin_init(Waiter::new(), GFP_KERNEL)?;
            let mut patience = Patience::new(sleep, &gate);
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
        let gate = gate()?;
        let waiter = Arc::pin_init(Waiter::new(), GFP_KERNEL)?;
        let mut patience = Patience::new(Sleep::Killable(LongTimeout::FOREVER), &gate);
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
        let gate = gate()?;
        let queue = Arc::pin_init(new_condvar!("test::queue"), GFP_KERNEL)?;
        for sleep in all_kinds() {
            assert_eq!(
                sleep_until(&queue, Patience::new(sleep, &gate), || true),
                Ok(true)
            );
            assert_eq!(
                sleep_until(&queue, Patience::new(sleep, &gate), || false),
                Ok(false)
            );
            let mut looks = 0;
            let second_time = || {
                looks += 1;
                looks == 2
            };
            assert_eq!(
                sleep_until(&queue, Patience::new(sleep, &gate), second_time),
                Ok(true)
            );
        }
        Ok(())
    }

    #[test]
    fn the_one_who_notifies_ends_the_sleep() -> Result {
        let gate = gate()?;
        let queue = Arc::pin_init(new_condvar!("test::queue"), GFP_KERNEL)?;
        let ready = Arc::new(Atomic::new(false), GFP_KERNEL)?;
        let (their_queue, theirs) = (queue.clone(), ready.clone());
        workqueue::system_long().try_spawn(GFP_KERNEL, move || {
            theirs.store(true, Release);
            their_queue.notify_all();
        })?;
        let forever = Sleep::Killable(LongTimeout::FOREVER);
        assert_eq!(
            sleep_until(&queue, Patience::new(forever, &gate), || ready
                .load(Acquire)),
            Ok(true)
        );
        Ok(())
    }

    #[test]
    fn who_is_waited_for_does_not_wait_for_long() -> Result {
        let gate = gate()?;
        let forever = Sleep::Killable(LongTimeout::FOREVER);
        gate.tasks().callback(CallbackKind::Locked, || {
            assert_eq!(Patience::new(forever, &gate).left, to_jiffies(HURRIED));
            let short = Patience::new(Sleep::Uninterruptible(MOMENT), &gate);
            assert_eq!(short.left, Sleep::Uninterruptible(MOMENT).jiffies());
        });
        assert_eq!(Patience::new(forever, &gate).left, MAX_SCHEDULE_TIMEOUT);
        Ok(())
    }

    #[test]
    fn who_is_waited_for_ends_its_wait() -> Result {
        let owner = gate()?;
        // SAFETY: There is no claimed interface either, and nobody looks for one.
        let claimed = unsafe { Gate::claimed(&owner, null_mut())? };
        let forever = Sleep::Killable(LongTimeout::FOREVER);
        let (waiter, queue) = (
            Arc::pin_init(Waiter::new(), GFP_KERNEL)?,
            Arc::pin_init(new_condvar!("test::queue"), GFP_KERNEL)?,
        );
        owner.tasks().visiting(&claimed, || {
            let theirs = claimed.clone();
            workqueue::system_long().try_spawn(GFP_KERNEL, move || theirs.end_io())?;
            let mut patience = Patience::new(forever, &owner);
            assert_eq!(waiter.wait(&mut patience), Err(ENODEV));
            let patience = Patience::new(forever, &owner);
            assert_eq!(sleep_until(&queue, patience, || false), Err(ENODEV));
            Ok::<(), Error>(())
        })??;
        claimed.close();
        Ok(())
    }
}
