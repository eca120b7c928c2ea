// SPDX-License-Identifier: GPL-2.0

//! `USBPIPE_IOC_CONTROL`: one control request.

use crate::{
    filter::Setup,
    pipe::Pipe,
    user, //
};
use kernel::{
    device::Bound,
    prelude::*,
    uapi,
    usb, //
};

/// # Errors
///
/// See `Documentation/usb/usbpipe.rst`.
pub(crate) fn ioctl(pipe: &Pipe, operation: &usb::Operation<'_>, arg: usize) -> Result {
    user::update(arg, |control: &mut uapi::usbpipe_control| {
        control.actual = 0;
        let setup = check(operation.interface(), control)?;
        let timeout = usb::Timeout::try_from_millis(control.timeout_ms)?;
        let (actual, result) = carry_out(pipe, operation, setup, control.data, timeout)?;
        control.actual = actual;
        result
    })
}

/// Refuses what is malformed, and what is none of this interface's business.
fn check(interface: &usb::Interface<Bound>, control: &uapi::usbpipe_control) -> Result<Setup> {
    if control.reserved != 0 {
        return Err(EINVAL);
    }
    if u32::from(control.length) > uapi::USBPIPE_CONTROL_MAX_LENGTH {
        return Err(EMSGSIZE);
    }
    let setup = Setup {
        request_type: control.request_type,
        request: control.request,
        value: control.value,
        index: control.index,
        length: control.length,
    };
    setup.check(interface).map(|()| setup)
}

/// Carries out a request that was checked. Returns how many bytes were moved, and how it ended.
///
/// # Errors
///
/// What kept it from being begun; `EFAULT`.
pub(crate) fn carry_out(
    pipe: &Pipe,
    operation: &usb::Operation<'_>,
    setup: Setup,
    data: u64,
    timeout: usb::Timeout,
) -> Result<(u32, Result)> {
    pipe.stats.control_requests.add(1);
    let interface = operation.interface();
    let (actual, result) = match setup.is_in() {
        true => receive(interface, setup, data, timeout)?,
        false => send(interface, setup, data, timeout)?,
    };
    if let Err(error) = result {
        pipe.stats.count_error(error);
    }
    // CAST: At most `wLength`, which is 16 bits wide.
    Ok((actual as u32, result.map_err(Error::from)))
}

fn request<D: usb::Direction>(setup: Setup) -> usb::ControlRequest<D> {
    usb::ControlRequest::new(
        setup.kind(),
        setup.recipient(),
        setup.request,
        setup.value,
        setup.index,
    )
}

/// How many bytes were moved, and how the request ended.
type Outcome = Result<(usize, Result<(), usb::TransferError>)>;

fn send(
    interface: &usb::Interface<Bound>,
    setup: Setup,
    data: u64,
    timeout: usb::Timeout,
) -> Outcome {
    let mut buffer = usb::Buffer::new(setup.length.into(), GFP_KERNEL)?;
    user::memory(data, buffer.len())?
        .reader()
        .read_slice(&mut buffer)?;
    let done = interface.control(&request::<usb::Out>(setup), buffer, timeout)?;
    Ok((done.actual_length, done.result))
}

fn receive(
    interface: &usb::Interface<Bound>,
    setup: Setup,
    data: u64,
    timeout: usb::Timeout,
) -> Outcome {
    let buffer = usb::Buffer::new(setup.length.into(), GFP_KERNEL)?;
    let done = interface.control(&request::<usb::In>(setup), buffer, timeout)?;
    user::memory(data, done.actual_length)?
        .writer()
        .write_slice(&done.buffer[..done.actual_length])?;
    Ok((done.actual_length, done.result))
}
