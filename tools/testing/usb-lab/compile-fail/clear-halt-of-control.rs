// SPDX-License-Identifier: GPL-2.0

//! Endpoint 0 never stays halted (USB 2.0, 8.5.3.4).
//@ error: E0277
//@ says: this does not work for `Control` endpoints
//@ says: neither of these endpoints stays halted

use kernel::usb;

#[cfg(misuse)]
type Kind = usb::Control;
#[cfg(not(misuse))]
type Kind = usb::Bulk;

fn recover(endpoint: &usb::Endpoint<'_, Kind, usb::In>) -> Result<(), usb::TransferError> {
    endpoint.clear_halt()
}
