// SPDX-License-Identifier: GPL-2.0

//! `USBPIPE_IOC_CONTROL`: one vendor request.

use kernel::{
    device::Bound,
    prelude::*,
    uaccess::{
        UserPtr,
        UserSlice, //
    },
    uapi,
    usb, //
};

/// bmRequestType bits 6:5 of a vendor request (USB 2.0, table 9-2).
const TYPE_MASK: u8 = 0x60;
const TYPE_VENDOR: u8 = 0x40;

/// bmRequestType bit 7: the data stage goes to the host.
const DIRECTION_IN: u8 = 0x80;

pub(crate) fn ioctl(operation: &usb::Operation<'_>, arg: usize) -> Result {
    let size = size_of::<uapi::usbpipe_control>();
    let (mut reader, mut writer) = UserSlice::new(UserPtr::from_addr(arg), size).reader_writer();
    let mut control: uapi::usbpipe_control = Zeroable::zeroed();
    reader.read_slice(control.as_mut_bytes())?;
    control.actual = 0;
    let result = carry_out(operation.interface(), &mut control);
    writer.write_slice(control.as_bytes())?;
    result
}

fn carry_out(interface: &usb::Interface<Bound>, control: &mut uapi::usbpipe_control) -> Result {
    let recipient = check(interface, control)?;
    let timeout = usb::Timeout::try_from_millis(control.timeout_ms)?;
    if control.request_type & DIRECTION_IN != 0 {
        receive(interface, recipient, timeout, control)
    } else {
        send(interface, recipient, timeout, control)
    }
}

/// Refuses what is malformed, and what is none of this interface's business.
fn check(
    interface: &usb::Interface<Bound>,
    control: &uapi::usbpipe_control,
) -> Result<usb::Recipient> {
    if control.reserved != 0 {
        return Err(EINVAL);
    }
    if u32::from(control.length) > uapi::USBPIPE_CONTROL_MAX_LENGTH {
        return Err(EMSGSIZE);
    }
    if control.request_type & TYPE_MASK != TYPE_VENDOR {
        return Err(EPERM);
    }
    // CAST: The low byte of `wIndex` names the interface or endpoint (USB 2.0, 9.3.4).
    let index = control.index as u8;
    let recipient = usb::Recipient::from_request_type(control.request_type);
    let ours = match recipient {
        usb::Recipient::Device => true,
        usb::Recipient::Interface => index == interface.number(),
        usb::Recipient::Endpoint => interface.endpoints().any(|e| e.address() == index),
        usb::Recipient::Other | usb::Recipient::Reserved(_) => return Err(EINVAL),
    };
    ours.then_some(recipient).ok_or(EPERM)
}

fn request<D: usb::Direction>(
    recipient: usb::Recipient,
    control: &uapi::usbpipe_control,
) -> usb::ControlRequest<D> {
    usb::ControlRequest::vendor(recipient, control.request, control.value, control.index)
}

fn user_data(control: &uapi::usbpipe_control, length: usize) -> Result<UserSlice> {
    let address = usize::try_from(control.data).map_err(|_| EFAULT)?;
    Ok(UserSlice::new(UserPtr::from_addr(address), length))
}

fn send(
    interface: &usb::Interface<Bound>,
    recipient: usb::Recipient,
    timeout: usb::Timeout,
    control: &mut uapi::usbpipe_control,
) -> Result {
    let mut buffer = usb::Buffer::new(control.length.into(), GFP_KERNEL)?;
    user_data(control, buffer.len())?
        .reader()
        .read_slice(&mut buffer)?;
    let request = request::<usb::Out>(recipient, control);
    let done = interface.control(&request, buffer, timeout)?;
    // CAST: At most `length`, which is 16 bits wide.
    control.actual = done.actual_length as u32;
    Ok(done.result?)
}

fn receive(
    interface: &usb::Interface<Bound>,
    recipient: usb::Recipient,
    timeout: usb::Timeout,
    control: &mut uapi::usbpipe_control,
) -> Result {
    let buffer = usb::Buffer::new(control.length.into(), GFP_KERNEL)?;
    let request = request::<usb::In>(recipient, control);
    let done = interface.control(&request, buffer, timeout)?;
    // CAST: At most `length`, which is 16 bits wide.
    control.actual = done.actual_length as u32;
    user_data(control, done.actual_length)?
        .writer()
        .write_slice(&done.buffer[..done.actual_length])?;
    Ok(done.result?)
}
