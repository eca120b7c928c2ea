// SPDX-License-Identifier: GPL-2.0

//! `USBPIPE_IOC_TRANSFER`: one bulk or interrupt transfer.

use crate::{
    any_endpoint::AnyEndpoint,
    exchange,
    lane::Purpose,
    pipe::Pipe,
    recovery::diagnose,
    room::{
        deliver,
        Room, //
    },
    user, //
};
use kernel::{
    prelude::*,
    uapi,
    usb, //
};

/// # Errors
///
/// See `Documentation/usb/usbpipe.rst`.
pub(crate) fn ioctl(pipe: &Pipe, operation: &usb::Operation<'_>, arg: usize) -> Result {
    user::update(arg, |transfer: &mut uapi::usbpipe_transfer| {
        transfer.actual = 0;
        carry_out(pipe, operation, transfer)
    })
}

fn carry_out(
    pipe: &Pipe,
    operation: &usb::Operation<'_>,
    transfer: &mut uapi::usbpipe_transfer,
) -> Result {
    let interface = operation.interface();
    let endpoint = AnyEndpoint::find(interface, transfer.endpoint)?;
    let timeout = check(transfer, &endpoint)?;
    let _lane = pipe.enter(interface, transfer.endpoint, Purpose::Transfer)?;
    match endpoint.is_in() {
        true => receive(pipe, &endpoint, transfer, timeout),
        false => send(pipe, &endpoint, transfer, timeout),
    }
    .map_err(|error| diagnose(error, operation))
}

fn check(transfer: &uapi::usbpipe_transfer, endpoint: &AnyEndpoint<'_>) -> Result<usb::Timeout> {
    let allowed = match endpoint.is_in() {
        true => uapi::USBPIPE_TRANSFER_SHORT_NOT_OK,
        false => uapi::USBPIPE_TRANSFER_ZERO_PACKET,
    };
    if transfer.reserved0 != 0 || transfer.reserved != 0 {
        return Err(EINVAL);
    }
    if u32::from(transfer.flags) & !allowed != 0 {
        return Err(EINVAL);
    }
    if transfer.length > uapi::USBPIPE_MAX_TRANSFER {
        return Err(EMSGSIZE);
    }
    if endpoint.is_isochronous() {
        return Err(EOPNOTSUPP);
    }
    usb::Timeout::try_from_millis(transfer.timeout_ms)
}

fn send(
    pipe: &Pipe,
    endpoint: &AnyEndpoint<'_>,
    transfer: &mut uapi::usbpipe_transfer,
    timeout: usb::Timeout,
) -> Result {
    let length = transfer.length as usize;
    let _charge = pipe.budget.charge(length)?;
    let mut buffer = usb::Buffer::new(length, GFP_KERNEL)?;
    user::memory(transfer.data, length)?
        .reader()
        .read_slice(&mut buffer)?;
    let zero_packet = u32::from(transfer.flags) & uapi::USBPIPE_TRANSFER_ZERO_PACKET != 0;
    let done = exchange::send(endpoint, &pipe.stats, buffer, timeout, zero_packet)?;
    // CAST: At most `length`, which has 32 bits.
    transfer.actual = done.actual_length as u32;
    Ok(done.result?)
}

fn receive(
    pipe: &Pipe,
    endpoint: &AnyEndpoint<'_>,
    transfer: &mut uapi::usbpipe_transfer,
    timeout: usb::Timeout,
) -> Result {
    let room = Room::new(pipe, endpoint, transfer.length)?;
    let done = exchange::receive(endpoint, &pipe.stats, room.buffer, timeout)?;
    let delivered = deliver(
        done.data(),
        transfer.data,
        transfer.length,
        &mut transfer.actual,
    );
    done.result?;
    delivered?;
    let short_not_ok = u32::from(transfer.flags) & uapi::USBPIPE_TRANSFER_SHORT_NOT_OK != 0;
    match short_not_ok && transfer.actual < transfer.length {
        true => Err(EREMOTEIO),
        false => Ok(()),
    }
}
