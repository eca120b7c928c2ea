// SPDX-License-Identifier: GPL-2.0

//! A claimed interface is bound for as long as it is looked into.
//@ error: lifetime
//@ says: returning this value requires that

use kernel::{prelude::*, usb};

fn number(data: &usb::Claim) -> Result<u8> {
    #[cfg(misuse)]
    let number = data.with(|interface| interface)?.number();
    #[cfg(not(misuse))]
    let number = data.with(|interface| interface.number())?;
    Ok(number)
}
