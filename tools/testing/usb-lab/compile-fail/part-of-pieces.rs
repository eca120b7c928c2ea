// SPDX-License-Identifier: GPL-2.0

//! A part of memory has an address, which memory in pieces has not.
//@ error: E0277
//@ says: a part of `ScatterBuffer` cannot be transferred on its own
//@ says: `usb::Buffer`, `usb::CoherentBuffer`, `usb::NoncoherentBuffer` and `usb::PageBuffer` are

use kernel::{prelude::*, usb};

fn behind_the_header(length: usize) -> Result {
    #[cfg(misuse)]
    let memory = usb::ScatterBuffer::new(length)?;
    #[cfg(not(misuse))]
    let memory = usb::PageBuffer::new(length)?;
    drop(usb::Part::new(memory, 8..length)?);
    Ok(())
}
