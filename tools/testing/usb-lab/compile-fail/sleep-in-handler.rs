// SPDX-License-Identifier: GPL-2.0

//! A handler must not sleep: for what sleeps it lacks a bound interface.
//@ error: E0308
//@ says: expected `&Interface<Bound>`, found `&ARef<Interface>`

use kernel::{device::Bound, prelude::*, sync::aref::ARef, usb};

const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();

struct Received(ARef<usb::Interface>);

impl usb::Handler<usb::Bulk, usb::In> for Received {
    fn complete(done: usb::Completed<usb::Bulk, usb::In, Self>) {
        #[cfg(misuse)]
        let _ = reset(&done.handler().0);
        let _ = done.resubmit();
    }
}

fn reset(interface: &usb::Interface<Bound>) -> Result {
    let request = usb::ControlRequest::<usb::Out>::vendor(usb::Recipient::Device, 1, 0, 0);
    let buffer = usb::Buffer::new(0, GFP_KERNEL)?;
    interface.control(&request, buffer, SECOND)?.result?;
    Ok(())
}
