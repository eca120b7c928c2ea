// SPDX-License-Identifier: GPL-2.0

//! What may be done with a device while a driver is bound ends with the binding.
//@ error: lifetime
//@ says: must outlive `'static`

use kernel::{device::Bound, prelude::*, sync::aref::ARef, usb, workqueue};

fn later(interface: &usb::Interface<Bound>) -> Result {
    let device = interface.bound_device();
    #[cfg(not(misuse))]
    let device: ARef<usb::Device> = interface.device().into();
    workqueue::system().try_spawn(GFP_KERNEL, move || drop(device.address()))?;
    Ok(())
}
