// SPDX-License-Identifier: GPL-2.0

//! Commands that can be watched: trace events, and messages for dynamic debug.
//!
//! C header: [`include/linux/usb/rust_command.h`](srctree/include/linux/usb/rust_command.h)
//!
//! Each command is told of twice, when it starts and when it ends, with the same sequence number:
//! as the events `usb_rust:usb_command_start` and `usb_rust:usb_command_end`, and as debug messages
//! of `drivers/usb/core/rust_command.c`. Both are off until somebody turns them on;
//! `Documentation/usb/usbpipe.rst` says how, and what they look like. While they are off, a command
//! costs two calls that do next to nothing.

use super::{
    proof::IsBound,
    Interface, //
};
use crate::{
    bindings,
    device,
    prelude::*, //
};
use core::mem::MaybeUninit;

/// What was told of a command when it started.
///
/// # Invariants
///
/// It was filled in by `usb_rust_command_start()`.
pub(super) struct Record(bindings::usb_rust_command);

// SAFETY: Nothing is done with its pointer but to read a string that stays unchanged for ever.
unsafe impl Send for Record {}

// SAFETY: As above; nothing else of it changes.
unsafe impl Sync for Record {}

impl Record {
    /// Tells that a command starts.
    pub(super) fn start(interface: &Interface<device::Bound>, name: &'static CStr) -> Self {
        let mut record = MaybeUninit::uninit();
        // SAFETY:
        // - `record` is valid for writes.
        // - The interface is valid by its type invariants. It is bound, so that its device is
        //   there, and configured.
        // - The name is NUL-terminated, and stays for ever.
        unsafe {
            bindings::usb_rust_command_start(
                record.as_mut_ptr(),
                interface.as_raw(),
                name.as_char_ptr(),
            )
        };
        // INVARIANT: It is filled in, just now.
        //
        // SAFETY: All of it is initialised, as above.
        Self(unsafe { record.assume_init() })
    }

    /// Tells that it has ended, with that count, or a negative errno.
    ///
    /// # Context
    ///
    /// Any. The device may be gone.
    pub(super) fn end(&self, result: isize) {
        // SAFETY: By the type invariants it is what `usb_rust_command_start()` has filled in.
        unsafe { bindings::usb_rust_command_end(&self.0, result) };
    }
}

/// A count or an errno, as one number.
pub(super) fn to_number(result: Result<usize>) -> isize {
    match result {
        Ok(count) => isize::try_from(count).unwrap_or(isize::MAX),
        // CAST: An errno is a small number.
        Err(error) => error.to_errno() as isize,
    }
}

/// A command that is being carried out, for those who watch the driver.
///
/// Commands of programs that open the [node](super::FileOperations) of a driver, by ioctl or
/// io_uring, are watched without that, see
/// [`command_name`](super::FileOperations::command_name). This is for what else a driver counts as
/// a command: parts of those, or what it is told in other ways.
///
/// One that is dropped without [`end`](Self::end) has ended with `ECANCELED`.
///
/// # Examples
///
/// A lamp that is switched on by an attribute, which takes so long that one wants to know when:
///
/// ```
/// use kernel::{device::Bound, prelude::*, usb};
///
/// fn switch(
///     interface: &usb::Interface<Bound>,
///     request: &usb::ControlRequest<usb::Out>,
/// ) -> Result {
///     const LIMIT: usb::Timeout = usb::Timeout::from_millis::<5000>();
///     let command = usb::TracedCommand::start(interface, c"switch");
///     let result = interface.control_send(request, &[], LIMIT).map_err(Error::from);
///     command.end(result.map(|()| 0));
///     result
/// }
/// ```
#[must_use = "a command that is dropped has ended with ECANCELED"]
pub struct TracedCommand {
    record: Record,
    result: isize,
}

impl TracedCommand {
    /// Tells that a command starts, and what it is called.
    ///
    /// # Context
    ///
    /// Any.
    pub fn start<Ctx: device::DeviceContext>(
        interface: &Interface<Ctx>,
        name: &'static CStr,
    ) -> Self
    where
        Interface<Ctx>: IsBound,
    {
        Self {
            record: Record::start(interface.bound(), name),
            result: to_number(Err(ECANCELED)),
        }
    }

    /// Tells how it has ended: with a number of bytes, say, or an error.
    ///
    /// # Context
    ///
    /// Any. The driver may have been unbound meanwhile.
    pub fn end(mut self, result: Result<usize>) {
        self.result = to_number(result);
    }
}

impl Drop for TracedCommand {
    fn drop(&mut self) {
        self.record.end(self.result);
    }
}

#[kunit_tests(rust_usb_trace)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_errors_are_told_apart() {
        for (result, number) in [
            (Ok(0), 0),
            (Ok(1), 1),
            (Ok(isize::MAX as usize), isize::MAX),
            (Ok(isize::MAX as usize + 1), isize::MAX),
            (Ok(usize::MAX), isize::MAX),
            (Err(ENODEV), -19),
        ] {
            assert_eq!(to_number(result), number);
        }
    }
}
