// SPDX-License-Identifier: GPL-2.0

//! The right to change the altsetting ends with the binding.
//@ error: lifetime
//@ says: must outlive `'static`

use kernel::{device::Bound, prelude::*, usb, workqueue};

fn stop(interface: &usb::Interface<Bound>) -> Result {
    let mut settings = interface.settings()?;
    #[cfg(misuse)]
    workqueue::system().try_spawn(GFP_KERNEL, move || drop(settings.set(0)))?;
    #[cfg(not(misuse))]
    settings.set(0)?;
    Ok(())
}
