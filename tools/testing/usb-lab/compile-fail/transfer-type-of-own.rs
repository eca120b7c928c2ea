// SPDX-License-Identifier: GPL-2.0

//! There are four transfer types.
//@ error: E0277
//@ says: `Fast` cannot be made a direction or transfer type
//@ says: use those that `kernel::usb` has

use kernel::usb;

#[cfg(misuse)]
enum Fast {}
#[cfg(not(misuse))]
use usb::Bulk as Fast;

#[cfg(misuse)]
impl usb::TransferType for Fast {
    const KIND: usb::TransferKind = usb::TransferKind::Bulk;
}

fn address(endpoint: &usb::Endpoint<'_, Fast, usb::In>) -> u8 {
    endpoint.address()
}
