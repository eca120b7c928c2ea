// SPDX-License-Identifier: GPL-2.0

//! What to do about an endpoint whose transfer failed.

use kernel::{
    device::Bound,
    prelude::*,
    usb, //
};

/// How long a device may take to say that it is there.
const SIGN_OF_LIFE: usb::Timeout = usb::Timeout::from_millis::<1000>();

/// Says what an error really was: the first sign that a device was unplugged is often a transfer
/// that fails on the bus, long before the hub notices.
pub(crate) fn diagnose(error: Error, operation: &usb::Operation<'_>) -> Error {
    match error {
        EPROTO | EILSEQ | ETIME if !is_alive(operation.interface()) => ENODEV,
        ESHUTDOWN => ENODEV,
        error => error,
    }
}

/// Asks the device for its status (USB 2.0, 9.4.5), which every device has.
fn is_alive(interface: &usb::Interface<Bound>) -> bool {
    const GET_STATUS: u8 = 0;
    let request = usb::ControlRequest::<usb::In>::new(
        usb::RequestType::Standard,
        usb::Recipient::Device,
        GET_STATUS,
        0,
        0,
    );
    usb::Buffer::new(2, GFP_KERNEL)
        .and_then(|buffer| Ok(interface.control(&request, buffer, SIGN_OF_LIFE)?.result?))
        .is_ok()
}

/// Ends the halt of an endpoint, if `error` says that there is one.
pub(crate) fn clear_halt<T: usb::BulkOrInterrupt, D: usb::Direction>(
    error: Error,
    interface: &usb::Interface<Bound>,
    address: u8,
) -> Result {
    match error {
        EPIPE => {
            let endpoint = interface.endpoint::<T, D>(address).ok_or(EOPNOTSUPP)?;
            Ok(endpoint.clear_halt()?)
        }
        _ => Ok(()),
    }
}
