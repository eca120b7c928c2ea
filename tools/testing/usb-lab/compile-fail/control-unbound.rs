// SPDX-License-Identifier: GPL-2.0

//! A reference to an interface that anybody may keep gives no access to it.
//@ error: E0277
//@ says: nothing says that the driver is bound to this `Interface`
//@ says: the callbacks of a driver get one

use kernel::{device::Bound, prelude::*, sync::aref::ARef, usb};

const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();

fn reset(interface: &usb::Interface<Bound>) -> Result {
    let request = usb::ControlRequest::<usb::Out>::vendor(usb::Recipient::Device, 1, 0, 0);
    let buffer = usb::Buffer::new(0, GFP_KERNEL)?;
    #[cfg(misuse)]
    let interface: ARef<usb::Interface> = interface.into();
    interface.control(&request, buffer, SECOND)?.result?;
    Ok(())
}
