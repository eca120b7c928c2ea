// SPDX-License-Identifier: GPL-2.0

//! Commands of io_uring (`IORING_OP_URING_CMD`) for device nodes.
//!
//! C header: [`include/linux/io_uring/cmd.h`](srctree/include/linux/io_uring/cmd.h)

use super::{
    proof::IsBound,
    trace::Record,
    uring_entry::{
        to_program,
        Entry,
        Outcome,
        PAYLOAD_LENGTH, //
    },
    Canceller,
    Interface,
    Timeout, //
};
use crate::{
    bindings,
    device,
    error::from_result,
    prelude::*,
    sync::Arc, //
};
use core::ptr::NonNull;

/// What is left to do in the task that submitted a [`UringCommand`].
///
/// It may be dropped without that, and in any context, where the task is gone or the command was
/// cancelled.
pub trait UringReply: Send + 'static {
    /// Copies to the memory of the program. Returns the result of the command: a number of bytes,
    /// or what else the driver has agreed upon with programs, but no more than `i32::MAX`.
    ///
    /// # Context
    ///
    /// May sleep, but not for long: the lock of the ring is held. The driver may have been unbound.
    ///
    /// # Errors
    ///
    /// Any: it becomes the result of the command. `EFAULT` is for memory that is not there.
    fn deliver(&mut self) -> Result<u32>;
}

/// A command of io_uring that is with the driver, see
/// [`FileOperations::uring_cmd`](super::FileOperations::uring_cmd).
///
/// The driver keeps it for as long as the command takes, with the handler of a URB for example, and
/// ends it in any context: by [`complete`](Self::complete), by [`reply`](Self::reply) if there is
/// something to copy to the program, or by dropping it, which is `ECANCELED`.
///
/// When the ring or the task goes away, io_uring does not wait for the driver: the command is
/// completed with `ECANCELED`, and its [transfer](Self::set_transfer) cancelled. What the driver
/// does with it then has no effect. So one that is forgotten leaks memory, and nothing else.
///
/// It keeps the file open, and with it the driver's module loaded, until it is completed.
///
/// # Examples
///
/// A device that is asked by io_uring for its next measurement:
///
/// ```
/// use kernel::{
///     prelude::*,
///     sync::ArcBorrow,
///     uaccess::{UserPtr, UserSlice},
///     usb,
/// };
///
/// const MEASURE: u32 = kernel::ioctl::_IO(b'M' as u32, 1);
///
/// struct Meter;
///
/// /// What is to be copied, and to where.
/// struct Measurement {
///     place: usize,
///     length: usize,
///     buffer: usb::Buffer,
/// }
///
/// impl usb::UringReply for Measurement {
///     fn deliver(&mut self) -> Result<u32> {
///         let user = UserSlice::new(UserPtr::from_addr(self.place), self.length);
///         user.writer().write_slice(&self.buffer[..self.length])?;
///         Ok(self.length as u32)
///     }
/// }
///
/// struct Measuring {
///     command: usb::UringCommand,
///     reply: KBox<Measurement>,
/// }
///
/// impl usb::Handler<usb::Bulk, usb::In> for Measuring {
///     fn complete(done: usb::Completed<'_, usb::Bulk, usb::In, Self>) {
///         let (length, error) = (done.actual_length(), done.error());
///         let (buffer, Measuring { command, mut reply }) = done.into_urb().into_parts();
///         match error {
///             None => {
///                 (reply.buffer, reply.length) = (buffer, length);
///                 command.reply(reply);
///             }
///             Some(_) if command.has_expired() => command.complete(Err(ETIMEDOUT)),
///             Some(error) => command.complete(Err(error.into())),
///         }
///     }
/// }
///
/// #[vtable]
/// impl usb::FileOperations for Meter {
///     type OpenFile = ();
///
///     const NAME: &'static CStr = c"meter";
///
///     fn open(_this: ArcBorrow<'_, Self>, _operation: &usb::Operation<'_>) -> Result {
///         Ok(())
///     }
///
///     fn uring_cmd(
///         _this: ArcBorrow<'_, Self>,
///         _file: &(),
///         operation: &usb::Operation<'_>,
///         command: usb::UringCommand,
///     ) -> Result {
///         if command.cmd_op() != MEASURE {
///             return Err(ENOTTY);
///         }
///         let place = usize::try_from(command.payload::<u64>()).map_err(|_| EFAULT)?;
///         let intf = operation.interface();
///         let from = intf.find_endpoint().ok_or(ENXIO)?;
///         let buffer = usb::Buffer::new(0, GFP_KERNEL)?;
///         let reply = KBox::new(Measurement { place, length: 0, buffer }, GFP_KERNEL)?;
///         let measuring = Measuring { command, reply };
///         let urb = usb::Urb::new(&from, usb::Buffer::new(512, GFP_KERNEL)?, measuring)?;
///         let limit = usb::Timeout::from_millis::<1000>();
///         urb.handler().command.set_transfer(intf, urb.canceller(), Some(limit))?;
///         Ok(urb.submit(intf)?)
///     }
/// }
/// ```
pub struct UringCommand {
    entry: Arc<Entry>,
    cmd_op: u32,
    payload: [u8; PAYLOAD_LENGTH],
    outcome: Option<Outcome>,
}

// SAFETY: Through a shared reference nobody reaches the outcome; everything else is `Sync`.
unsafe impl Sync for UringCommand {}

impl UringCommand {
    /// What the program wants, `cmd_op` of its submission.
    pub fn cmd_op(&self) -> u32 {
        self.cmd_op
    }

    /// The beginning of what the program has put into `cmd` of its submission.
    ///
    /// The program may write to that at any time, so that it was copied before the driver saw it.
    /// There are 16 bytes; a `T` that is longer does not compile. In rings that have larger
    /// submissions (`IORING_SETUP_SQE128`), those behind them are not looked at.
    pub fn payload<T: FromBytes>(&self) -> T {
        const_assert!(size_of::<T>() <= PAYLOAD_LENGTH);
        // SAFETY: It is valid for reads of that many bytes, and a `T` may consist of any.
        unsafe { self.payload.as_ptr().cast::<T>().read_unaligned() }
    }

    /// Says which transfer the command is about: it is cancelled together with the command, and
    /// when `timeout` is over, which begins when
    /// [`uring_cmd`](super::FileOperations::uring_cmd) has returned.
    ///
    /// # Context
    ///
    /// May sleep, which `_proof` proves. To be called before `uring_cmd` returns: later, there may be a cancellation that
    /// does not know of it.
    ///
    /// # Errors
    ///
    /// - `EBUSY`: it has a transfer.
    /// - `ENOMEM`.
    pub fn set_transfer<Ctx: device::DeviceContext>(
        &self,
        _proof: &Interface<Ctx>,
        transfer: Canceller,
        timeout: Option<Timeout>,
    ) -> Result
    where
        Interface<Ctx>: IsBound,
    {
        match self.entry.set_transfer(transfer, timeout)? {
            true => Ok(()),
            false => Err(EBUSY),
        }
    }

    /// Whether the transfer was cancelled because its time was over. It may have ended well
    /// nevertheless, if that was just then.
    pub fn has_expired(&self) -> bool {
        self.entry.has_expired()
    }

    /// Has its end told.
    pub(super) fn watch(&self, record: Record) {
        self.entry.watch(record);
    }

    /// Ends the command with that result: a number of bytes, or what else the driver has agreed
    /// upon with programs. Above `i32::MAX` it is `EOVERFLOW`.
    ///
    /// # Context
    ///
    /// Any.
    pub fn complete(mut self, result: Result<u32>) {
        self.outcome = Some(Outcome::Result(result));
    }

    /// Ends the command with what `reply` returns, which runs in the task that has submitted it.
    ///
    /// # Context
    ///
    /// Any.
    pub fn reply(mut self, reply: KBox<dyn UringReply>) {
        self.outcome = Some(Outcome::Reply(reply));
    }
}

impl Drop for UringCommand {
    fn drop(&mut self) {
        let outcome = self.outcome.take();
        let outcome = outcome.unwrap_or(Outcome::Result(Err(ECANCELED)));
        // SAFETY: We are the command, and this is our end.
        unsafe { self.entry.end(outcome) };
    }
}

/// Hands a request of io_uring to `f`. Returns what `uring_cmd` has to.
///
/// # Safety
///
/// `request` must be valid and being issued with `flags`.
pub(super) unsafe fn issue(
    request: *mut bindings::io_uring_cmd,
    flags: c_uint,
    f: impl FnOnce(UringCommand) -> Result,
) -> c_int {
    from_result(|| {
        // Registered buffers and multishot commands, which we know nothing of.
        //
        // SAFETY: The request is valid.
        if unsafe { (*request).flags } & bindings::IORING_URING_CMD_MASK != 0 {
            return Err(EINVAL);
        }
        let request = NonNull::new(request).ok_or(EINVAL)?;
        // SAFETY: As the caller promises. Below, we do what is asked for.
        let entry = unsafe { Entry::new(request)? };
        let command = UringCommand {
            // SAFETY: The request is valid.
            cmd_op: unsafe { request.as_ref().cmd_op },
            // SAFETY: It is being issued.
            payload: unsafe { read_payload(request) },
            entry: entry.clone(),
            outcome: None,
        };
        match f(command) {
            Ok(()) => {
                // SAFETY: It is still being issued with these flags.
                unsafe { entry.wait(flags) };
                Err(EIOCBQUEUED)
            }
            Err(error) => {
                // SAFETY: It is still being issued, and fails.
                unsafe { entry.refuse(error) };
                Err(to_program(error))
            }
        }
    })
}

/// Completes a request whose ring or task goes away, unless that is being done.
///
/// # Safety
///
/// `request` must be valid, and `flags` those that io_uring cancels it with.
pub(super) unsafe fn cancel(request: *mut bindings::io_uring_cmd, flags: c_uint) {
    if let Some(request) = NonNull::new(request) {
        // SAFETY: The requirements are the same.
        unsafe { Entry::cancel(request, flags) };
    }
}

/// Reads what a program may be writing to, once.
///
/// # Safety
///
/// `request` must be valid and being issued.
unsafe fn read_payload(request: NonNull<bindings::io_uring_cmd>) -> [u8; PAYLOAD_LENGTH] {
    // SAFETY: The request is being issued, so its submission is valid.
    let payload = unsafe { bindings::io_uring_sqe_cmd(request.as_ref().sqe) };
    // SAFETY: A submission ends with 16 bytes for the command, or more, at a multiple of 8. Whoever
    // may write to them is a program: any value will do.
    unsafe { payload.cast::<[u8; PAYLOAD_LENGTH]>().read_volatile() }
}
