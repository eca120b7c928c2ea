// SPDX-License-Identifier: GPL-2.0

//! Work that outlives a callback does not take the bound interface along.
//@ error: lifetime
//@ says: must outlive `'static`

use kernel::{device::Bound, prelude::*, sync::aref::ARef, usb, workqueue};

fn later(interface: &usb::Interface<Bound>) -> Result {
    #[cfg(not(misuse))]
    let interface: ARef<usb::Interface> = interface.into();
    let work = move || drop(interface.device().address());
    workqueue::system().try_spawn(GFP_KERNEL, work)?;
    Ok(())
}
