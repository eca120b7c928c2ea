// SPDX-License-Identifier: GPL-2.0

//! Whoever waits says for how long.
//@ error: E0061
//@ says: this method takes 2 arguments but 1 argument was supplied

use kernel::{prelude::*, usb};

fn receive(source: &usb::Endpoint<'_, usb::Bulk, usb::In>, buffer: usb::Buffer) -> Result {
    #[cfg(misuse)]
    let transferred = source.read(buffer)?;
    #[cfg(not(misuse))]
    let transferred = source.read(buffer, usb::Timeout::from_millis::<1000>())?;
    Ok(transferred.result?)
}
