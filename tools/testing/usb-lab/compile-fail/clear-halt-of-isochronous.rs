// SPDX-License-Identifier: GPL-2.0

//! An isochronous endpoint cannot halt (USB 2.0, 5.6.5).
//@ error: E0277
//@ says: this does not work for `Isochronous` endpoints
//@ says: neither of these endpoints stays halted

use kernel::usb;

#[cfg(misuse)]
type Kind = usb::Isochronous;
#[cfg(not(misuse))]
type Kind = usb::Interrupt;

fn recover(endpoint: &usb::Endpoint<'_, Kind, usb::Out>) -> Result<(), usb::TransferError> {
    endpoint.clear_halt()
}
