// SPDX-License-Identifier: GPL-2.0

//! A claimed interface is bound for as long as it is looked into.
//@ error: lifetime
//@ says: returning this value requires that

use kernel::{device::Bound, prelude::*, usb};

fn class(intf: &usb::Interface<Bound>, data: &usb::Claim) -> Result<(u8, u8, u8)> {
    #[cfg(misuse)]
    let class = data.with(intf, |data| data)?.class();
    #[cfg(not(misuse))]
    let class = data.with(intf, |data| data.class())?;
    Ok(class)
}
