// SPDX-License-Identifier: GPL-2.0

//! There are two directions.
//@ error: E0277
//@ says: `Sideways` cannot be made a direction or transfer type
//@ says: use those that `kernel::usb` has

use kernel::usb;

#[cfg(misuse)]
enum Sideways {}
#[cfg(not(misuse))]
use usb::Out as Sideways;

#[cfg(misuse)]
impl usb::Direction for Sideways {
    const IS_IN: bool = true;
}

fn address(endpoint: &usb::Endpoint<'_, usb::Bulk, Sideways>) -> u8 {
    endpoint.address()
}
