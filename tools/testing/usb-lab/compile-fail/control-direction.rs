// SPDX-License-Identifier: GPL-2.0

//! A request that says IN does not send.
//@ error: E0277
//@ says: this needs a control request of direction `Out`
//@ says: say so where the request is made, as in `usb::ControlRequest::<usb::Out>::vendor(..)`

use kernel::{device::Bound, prelude::*, usb};

const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();

#[cfg(misuse)]
type Request = usb::ControlRequest<usb::In>;
#[cfg(not(misuse))]
type Request = usb::ControlRequest<usb::Out>;

fn send(interface: &usb::Interface<Bound>, bytes: &[u8]) -> Result {
    let request = Request::vendor(usb::Recipient::Device, 1, 0, 0);
    Ok(interface.control_send(&request, bytes, SECOND)?)
}
