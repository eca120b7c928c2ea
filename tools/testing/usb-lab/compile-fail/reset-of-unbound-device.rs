// SPDX-License-Identifier: GPL-2.0

//! Only a driver that is bound to one of its interfaces resets a device.
//@ error: E0599
//@ says: no method named `reset` found for reference `&Device`

use kernel::{device::Bound, prelude::*, usb};

fn recover(interface: &usb::Interface<Bound>) -> Result {
    #[cfg(misuse)]
    let device = interface.device();
    #[cfg(not(misuse))]
    let device = interface.bound_device();
    device.reset()
}
