// SPDX-License-Identifier: GPL-2.0

//! First the transfer type, then the direction.
//@ error: E0277
//@ says: `In` is not a transfer type
//@ says: use `usb::Bulk`, `usb::Interrupt`
//@ says: `Bulk` is not a direction
//@ says: use `usb::In` or `usb::Out`

use kernel::{device::Bound, usb};

fn has_input(interface: &usb::Interface<Bound>) -> bool {
    #[cfg(misuse)]
    let endpoint = interface.find_endpoint::<usb::In, usb::Bulk>();
    #[cfg(not(misuse))]
    let endpoint = interface.find_endpoint::<usb::Bulk, usb::In>();
    endpoint.is_some()
}
