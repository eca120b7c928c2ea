// SPDX-License-Identifier: GPL-2.0

//! An IN endpoint cannot be written to while one waits, either.
//@ error: E0277
//@ says: `Endpoint<'_, Bulk, In>` does not send data
//@ says: take an endpoint that can be written to, as from `interface.find_endpoint::<usb::Bulk, usb::Out>()`

use kernel::{prelude::*, usb};

const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();

#[cfg(misuse)]
type Target<'a> = usb::Endpoint<'a, usb::Bulk, usb::In>;
#[cfg(not(misuse))]
type Target<'a> = usb::Endpoint<'a, usb::Bulk, usb::Out>;

fn send(target: &Target<'_>, buffer: usb::Buffer) -> Result {
    target.write(buffer, SECOND)?.result?;
    Ok(())
}
