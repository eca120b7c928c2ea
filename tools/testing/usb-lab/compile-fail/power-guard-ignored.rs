// SPDX-License-Identifier: GPL-2.0

//! The device is kept awake for as long as somebody has the guard.
//@ error: unused_must_use
//@ says: unused `PowerGuard` that must be used
//@ says: the device may sleep as soon as this is dropped

#![deny(unused_must_use)]

use kernel::{device::Bound, prelude::*, usb};

const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();

fn start(interface: &usb::Interface<Bound>) -> Result {
    #[cfg(misuse)]
    interface.keep_awake()?;
    #[cfg(not(misuse))]
    let _awake = interface.keep_awake()?;
    let request = usb::ControlRequest::<usb::Out>::vendor(usb::Recipient::Device, 1, 0, 0);
    let nothing = usb::Buffer::new(0, GFP_KERNEL)?;
    interface.control(&request, nothing, SECOND)?.result?;
    Ok(())
}
