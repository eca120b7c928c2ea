// SPDX-License-Identifier: GPL-2.0

//! A time has a unit and a limit.
//@ error: E0277
//@ says: the trait `From<u32>` is not implemented for `Sleep`
//@ says: but trait `From<Timeout>` is implemented for it

use kernel::{device::Bound, prelude::*, usb};

#[cfg(misuse)]
const LIMIT: u32 = 1000;
#[cfg(not(misuse))]
const LIMIT: usb::Timeout = usb::Timeout::from_millis::<1000>();

fn reset(interface: &usb::Interface<Bound>) -> Result {
    let request = usb::ControlRequest::<usb::Out>::vendor(usb::Recipient::Device, 1, 0, 0);
    let buffer = usb::Buffer::new(0, GFP_KERNEL)?;
    interface.control(&request, buffer, LIMIT)?.result?;
    Ok(())
}
