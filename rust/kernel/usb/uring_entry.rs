// SPDX-License-Identifier: GPL-2.0

//! A request of io_uring for a command, and who completes it.
//!
//! C header: [`include/linux/io_uring/cmd.h`](srctree/include/linux/io_uring/cmd.h)
//!
//! A request must be completed exactly once, and not be touched afterwards. Three may want to do so:
//! the driver's `uring_cmd`, by failing; the driver, whenever it likes to; and io_uring, when the
//! ring or its task goes away. They agree by the [`Entry`]'s stage.
//!
//! | from | to | who |
//! | --- | --- | --- |
//! | `ISSUED` | `PENDING` | `uring_cmd` has succeeded, and the command is with the driver |
//! | `ISSUED` | `ENDED` | the driver has ended it, but `uring_cmd` has not returned |
//! | `ISSUED`, `ENDED` | `OVER` | `uring_cmd` has failed: its error is the result |
//! | `ENDED` | `OVER` | `uring_cmd` has succeeded: the task work is started |
//! | `PENDING` | `OVER` | the driver has ended it: the task work is started |
//! | `ISSUED`, `PENDING` | `OVER` | io_uring has cancelled it |
//!
//! Who makes it `OVER` completes the request. A request cannot be cancelled before `uring_cmd` has
//! succeeded, since one that can be must not fail with `EAGAIN` any more.

use super::{
    deadline::Deadline,
    trace::Record,
    Canceller,
    Timeout,
    UringReply, //
};
use crate::{
    bindings,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Full, //
        },
        Arc,
        SetOnce, //
    }, //
};
use core::{
    cell::UnsafeCell,
    mem::{
        align_of,
        offset_of, //
    },
    ptr::NonNull, //
};

const ISSUED: u32 = 0;
const PENDING: u32 = 1;
const ENDED: u32 = 2;
const OVER: u32 = 3;

/// How many bytes of a submission belong to the command.
pub(super) const PAYLOAD_LENGTH: usize = 16;

/// Where a request has room for a pointer of ours.
const POINTER: usize = offset_of!(bindings::io_uring_cmd, pdu);
static_assert!(POINTER % align_of::<*const Entry>() == 0);

/// How a command ends.
pub(super) enum Outcome {
    Result(Result<u32>),
    Reply(KBox<dyn UringReply>),
}

impl Outcome {
    /// What the program gets to see. `canceled` if its memory may be gone.
    fn into_result(self, canceled: bool) -> i32 {
        let result = match self {
            Self::Result(result) => result,
            Self::Reply(_) if canceled => Err(ECANCELED),
            Self::Reply(mut reply) => reply.deliver(),
        };
        let result = result.and_then(|value| i32::try_from(value).map_err(|_| EOVERFLOW));
        result.unwrap_or_else(|error| to_program(error).to_errno())
    }
}

/// What an error is to a program. Some are not meant for it: they have the caller restart a system
/// call, or wait for a completion.
pub(super) fn to_program(error: Error) -> Error {
    match error {
        ERESTARTSYS | ERESTARTNOINTR | ERESTARTNOHAND | ERESTART_RESTARTBLOCK => EINTR,
        EIOCBQUEUED => EIO,
        error => error,
    }
}

/// What a command does on the bus.
struct Transfer {
    canceller: Canceller,
    deadline: Option<Deadline>,
}

/// A request that is with a driver.
///
/// # Invariants
///
/// - `request` is valid until who has made `stage` `OVER` completes it. It owns a reference to the
///   entry until then.
/// - `outcome` is accessed by who has the command until the stage is changed to `ENDED`, or from
///   `PENDING` to `OVER`, on their behalf; then by the task work.
pub(super) struct Entry {
    request: NonNull<bindings::io_uring_cmd>,
    stage: Atomic<u32>,
    outcome: UnsafeCell<Option<Outcome>>,
    transfer: SetOnce<Transfer>,
    /// For those who watch, who are told by who has made it `OVER`.
    record: SetOnce<Record>,
}

// SAFETY: Requests of io_uring may be completed in any context; everything else is `Send`.
unsafe impl Send for Entry {}

// SAFETY: By the type invariants, `outcome` is accessed by one at a time; all else is `Sync`.
unsafe impl Sync for Entry {}

impl Entry {
    /// # Safety
    ///
    /// `request` must be valid and being issued. One of [`refuse`](Entry::refuse) and
    /// [`wait`](Entry::wait) must be called before that ends.
    pub(super) unsafe fn new(request: NonNull<bindings::io_uring_cmd>) -> Result<Arc<Self>> {
        // INVARIANT: It stays valid, as nobody has completed it. It gets its reference below.
        let entry = Self {
            request,
            stage: Atomic::new(ISSUED),
            outcome: UnsafeCell::new(None),
            transfer: SetOnce::new(),
            record: SetOnce::new(),
        };
        let entry = Arc::new(entry, GFP_KERNEL)?;
        // SAFETY: The request is valid, and the room in it ours until it is completed.
        unsafe { Self::pointer(request).write(Arc::into_raw(entry.clone())) };
        Ok(entry)
    }

    fn pointer(request: NonNull<bindings::io_uring_cmd>) -> *mut *const Self {
        // The offset lies within the request, and is aligned; nothing is accessed here.
        request.as_ptr().wrapping_byte_add(POINTER).cast()
    }

    /// Takes the reference that the request owns.
    ///
    /// # Safety
    ///
    /// `request` must be valid, with an entry that the caller has made `OVER`, and this must be
    /// called once.
    unsafe fn take(request: NonNull<bindings::io_uring_cmd>) -> Arc<Self> {
        // SAFETY: By the safety requirement, it is what `new` has put there.
        unsafe { Arc::from_raw(Self::pointer(request).read()) }
    }

    /// Has the end of the command told.
    pub(super) fn watch(&self, record: Record) {
        self.record.populate(record);
    }

    fn tell_end(&self, result: i32) {
        if let Some(record) = self.record.as_ref() {
            // CAST: It is not narrower.
            record.end(result as isize);
        }
    }

    /// Says what is cancelled together with the command. Returns whether nothing was said before.
    pub(super) fn set_transfer(
        &self,
        canceller: Canceller,
        timeout: Option<Timeout>,
    ) -> Result<bool> {
        let deadline = timeout.map(|timeout| Deadline::new(canceller.clone(), timeout));
        Ok(self.transfer.populate(Transfer {
            canceller,
            deadline: deadline.transpose()?,
        }))
    }

    fn deadline(&self) -> Option<&Deadline> {
        self.transfer.as_ref()?.deadline.as_ref()
    }

    /// Whether the time of the transfer was over before it had ended.
    pub(super) fn has_expired(&self) -> bool {
        self.deadline().is_some_and(Deadline::has_expired)
    }

    /// The driver is done with the command.
    ///
    /// # Context
    ///
    /// Any.
    ///
    /// # Safety
    ///
    /// Only who has the command may call this, and once.
    pub(super) unsafe fn end(&self, outcome: Outcome) {
        // SAFETY: By the type invariants it is the caller's, who has the command.
        unsafe { *self.outcome.get() = Some(outcome) };
        if self.stage.cmpxchg(ISSUED, ENDED, Full).is_ok() {
            // `uring_cmd` is still running. The rest is done when it returns.
            return;
        }
        // Otherwise somebody else has completed it; the outcome is dropped with the entry.
        if self.stage.cmpxchg(PENDING, OVER, Full).is_ok() {
            // SAFETY: We have made it `OVER`.
            unsafe { self.start_task_work() };
        }
    }

    /// `uring_cmd` has failed with that error.
    ///
    /// # Safety
    ///
    /// The request must be being issued, and its issue must fail then.
    pub(super) unsafe fn refuse(&self, error: Error) {
        self.stage.xchg(OVER, Full);
        self.tell_end(to_program(error).to_errno());
        // SAFETY: We have made it `OVER`: nobody can have cancelled it before.
        drop(unsafe { Self::take(self.request) });
    }

    /// `uring_cmd` has succeeded: the driver has the command, or has ended it.
    ///
    /// # Safety
    ///
    /// The request must be being issued with `flags`, and its issue must end with `EIOCBQUEUED`
    /// then.
    pub(super) unsafe fn wait(&self, flags: c_uint) {
        // SAFETY: The request is valid: nobody completes it in this stage. `flags` are those that
        // it was issued with.
        unsafe { bindings::io_uring_cmd_mark_cancelable(self.request.as_ptr(), flags) };
        if let Some(deadline) = self.deadline() {
            deadline.start();
        }
        if self.stage.cmpxchg(ISSUED, PENDING, Full) == Err(ENDED) {
            self.stage.xchg(OVER, Full);
            // SAFETY: We have made it `OVER`: who cancels leaves alone what has ended.
            unsafe { self.start_task_work() };
        }
    }

    /// # Safety
    ///
    /// The caller must have made the entry `OVER`.
    unsafe fn start_task_work(&self) {
        // SAFETY: The request is valid, as it is for us to complete it. `run` does so.
        unsafe { bindings::io_uring_cmd_complete_in_task(self.request.as_ptr(), Some(Self::run)) };
    }

    /// Completes a request, in the task that has submitted it, or, where that is dying, for it.
    ///
    /// # Safety
    ///
    /// `work` must be that of a request of ours that has ended.
    unsafe extern "C" fn run(work: bindings::io_tw_req, state: bindings::io_tw_state) {
        // SAFETY: By the safety requirement; requests are not null.
        let request = unsafe { NonNull::new_unchecked(bindings::io_uring_cmd_from_tw(work)) };
        // SAFETY: The work was started by who had made it `OVER`, once.
        let entry = unsafe { Self::take(request) };
        // SAFETY: By the type invariants it is ours: who had the command has ended it.
        let outcome = unsafe { (*entry.outcome.get()).take() };
        let result = outcome.map(|outcome| outcome.into_result(state.cancel));
        let result = result.unwrap_or(ECANCELED.to_errno());
        entry.tell_end(result);
        drop(entry);
        // SAFETY: It is for us to complete it, and this is task work, which these flags stand for.
        unsafe {
            bindings::io_uring_cmd_done(
                request.as_ptr(),
                result,
                bindings::io_uring_cmd_flags_IO_URING_F_COMPLETE_DEFER as c_uint,
            )
        };
    }

    /// Completes a request whose ring or task goes away, unless somebody else does.
    ///
    /// # Safety
    ///
    /// `request` must be valid, and `flags` those that io_uring cancels it with.
    pub(super) unsafe fn cancel(request: NonNull<bindings::io_uring_cmd>, flags: c_uint) {
        // SAFETY: It can be cancelled, so it has an entry. It owns a reference for as long as it
        // was not completed, which takes the lock that io_uring holds meanwhile.
        let entry = unsafe { &**Self::pointer(request) };
        // In this order: it may become `PENDING` in between.
        let is_ours = entry.stage.cmpxchg(ISSUED, OVER, Full).is_ok()
            || entry.stage.cmpxchg(PENDING, OVER, Full).is_ok();
        if !is_ours {
            return;
        }
        // SAFETY: We have just made it `OVER`.
        let entry = unsafe { Self::take(request) };
        entry.tell_end(ECANCELED.to_errno());
        // SAFETY: So it is for us to complete it; `flags` are those of the core.
        unsafe { bindings::io_uring_cmd_done(request.as_ptr(), ECANCELED.to_errno(), flags) };
        if let Some(transfer) = entry.transfer.as_ref() {
            transfer.canceller.unlink();
        }
    }
}

#[kunit_tests(rust_usb_uring_entry)]
mod tests {
    use super::*;

    struct Delivered(u32);

    impl UringReply for Delivered {
        fn deliver(&mut self) -> Result<u32> {
            Ok(self.0)
        }
    }

    #[test]
    fn a_program_gets_no_error_that_means_something_to_the_core() {
        assert_eq!(to_program(EIOCBQUEUED), EIO);
        assert_eq!(to_program(ERESTARTSYS), EINTR);
        for error in [EAGAIN, ENODEV, ECANCELED, ENOTTY] {
            assert_eq!(to_program(error), error);
        }
    }

    #[test]
    fn results_fit_a_completion() {
        for (value, result) in [
            (0, 0),
            (i32::MAX as u32, i32::MAX),
            (1 << 31, EOVERFLOW.to_errno()),
            (u32::MAX, EOVERFLOW.to_errno()),
        ] {
            assert_eq!(Outcome::Result(Ok(value)).into_result(false), result);
        }
    }

    #[test]
    fn nothing_is_delivered_to_a_task_that_is_gone() -> Result {
        for (canceled, result) in [(false, 7), (true, ECANCELED.to_errno())] {
            let reply = KBox::new(Delivered(7), GFP_KERNEL)?;
            assert_eq!(Outcome::Reply(reply).into_result(canceled), result);
        }
        Ok(())
    }
}
