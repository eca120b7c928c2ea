// SPDX-License-Identifier: GPL-2.0

//! Lies about requests to endpoint 0.

use super::{
    ends_as_told,
    errno_name,
    only_what_was_sent,
    sent,
    ASKED,
    SECONDS, //
};
use crate::{
    bench::{
        code,
        Bench, //
    },
    tray::{
        launch,
        Catcher, //
    },
    verdict::{
        equal,
        expect,
        same_bytes,
        Verdict, //
    }, //
};
use kernel::{
    prelude::*,
    str::CString,
    usb::{
        Addressee,
        Buffer,
        ControlRequest,
        In,
        Out,
        Recipient,
        Urb, //
    }, //
};

/// The answer is empty.
fn question() -> ControlRequest<In> {
    ControlRequest::vendor(Recipient::Device, code::SCRATCH_READ, 0, 0)
}

pub(crate) fn control(bench: &Bench<'_>) -> Verdict {
    let buffer = Buffer::new(ASKED, GFP_KERNEL)?;
    let answer = bench.interface.control(&question(), buffer, SECONDS)?;
    expect(answer.actual_length <= ASKED, "no more than was asked for")?;
    only_what_was_sent(&answer.buffer, &[])?;
    ends_as_told(bench, answer.result, answer.actual_length)
}

pub(crate) fn control_urb(bench: &Bench<'_>) -> Verdict {
    let buffer = Buffer::new(ASKED, GFP_KERNEL)?;
    let urb = Urb::control(bench.interface, &question(), buffer, Catcher::new()?)?;
    let done = launch(bench.interface, urb)?.wait()?;
    equal(done.actual_length(), done.data().len(), "bytes to look at")?;
    only_what_was_sent(done.memory(), &[])?;
    ends_as_told(bench, done.result(), done.data().len())
}

/// A request with 100 bytes, first in a URB, then waited for. Both end in the same way.
pub(crate) fn control_out(bench: &Bench<'_>) -> Verdict {
    let order = ControlRequest::<Out>::vendor(Recipient::Device, code::SCRATCH_WRITE, 0, 0);
    let buffer = || {
        let mut buffer = Buffer::new(sent().len(), GFP_KERNEL)?;
        buffer.copy_from_slice(&sent());
        Ok::<_, Error>(buffer)
    };
    let urb = Urb::control(bench.interface, &order, buffer()?, Catcher::new()?)?;
    let done = launch(bench.interface, urb)?.wait()?;
    same_bytes(&sent(), done.memory(), "memory that nobody writes to")?;
    let complete = done.result().is_ok() && done.actual_length() == sent().len();
    equal(complete, done.is_complete(), "whether it is complete")?;
    ends_as_told(bench, done.result(), done.actual_length())?;
    let done = bench.interface.control(&order, buffer()?, SECONDS)?;
    same_bytes(&sent(), &done.buffer, "memory that nobody writes to")?;
    ends_as_told(bench, done.result, done.actual_length)
}

/// A descriptor of a kind that the core does not ask for.
pub(crate) fn descriptor(bench: &Bench<'_>) -> Verdict {
    let buffer = Buffer::new(ASKED, GFP_KERNEL)?;
    let device = bench.interface.bound_device();
    let answer = device.descriptor(0x77, 0, buffer)?;
    expect(answer.actual_length <= ASKED, "no more than was asked for")?;
    // At most four bytes are sent, which may be any.
    only_what_was_sent(&answer.buffer, &answer.buffer[..4])?;
    ends_as_told(bench, answer.result, answer.actual_length)
}

/// The status of the device in hexadecimal, or the error of asking for it, must be the argument.
pub(crate) fn status(bench: &Bench<'_>) -> Verdict {
    let status = bench.interface.bound_device().status(Addressee::Device);
    let found = match status {
        Ok(status) => CString::try_from_fmt(fmt!("{:x}", status.bits()))?,
        Err(error) => CString::try_from_fmt(fmt!("{}", errno_name(error.into())))?,
    };
    same_bytes(bench.argument, found.to_bytes(), "a status, or an error")
}

/// The string of the product, or the error of reading it, must be the argument.
pub(crate) fn string(bench: &Bench<'_>) -> Verdict {
    let string = bench.interface.bound_device().string(2);
    let found = match &string {
        Ok(string) => string,
        Err(error) => errno_name((*error).into()),
    };
    same_bytes(bench.argument, found.as_bytes(), "a string, or an error")
}
