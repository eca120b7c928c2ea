// SPDX-License-Identifier: GPL-2.0

//! Another altsetting has other endpoints.
//@ error: E0502
//@ says: cannot borrow `settings` as mutable because it is also borrowed as immutable

use kernel::{device::Bound, prelude::*, usb};

fn start(interface: &usb::Interface<Bound>) -> Result<u16> {
    let mut settings = interface.settings()?;
    #[cfg(misuse)]
    let stream = settings.find_endpoint::<usb::Isochronous, usb::In>();
    settings.set(1)?;
    #[cfg(not(misuse))]
    let stream = settings.find_endpoint::<usb::Isochronous, usb::In>();
    Ok(stream.ok_or(ENXIO)?.max_packet())
}
