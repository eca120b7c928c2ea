// SPDX-License-Identifier: GPL-2.0

//! The handler of a request is one for the direction of its data.
//@ error: E0277
//@ says: `Done` cannot handle the completion of this kind of transfer
//@ says: or a request of that direction, as a `usb::ControlRequest::<usb::Out>`
//@ says: or implement `usb::Handler<Control, In

use kernel::{device::Bound, prelude::*, usb};

struct Done;

impl usb::Handler<usb::Control, usb::Out> for Done {
    fn complete(done: usb::Completed<usb::Control, usb::Out, Self>) {
        drop(done);
    }
}

fn prepare(interface: &usb::Interface<Bound>, buffer: usb::Buffer) -> Result {
    #[cfg(misuse)]
    let request = usb::ControlRequest::<usb::In>::vendor(usb::Recipient::Device, 1, 0, 0);
    #[cfg(not(misuse))]
    let request = usb::ControlRequest::<usb::Out>::vendor(usb::Recipient::Device, 1, 0, 0);
    drop(usb::Urb::control(interface, &request, buffer, Done)?);
    Ok(())
}
