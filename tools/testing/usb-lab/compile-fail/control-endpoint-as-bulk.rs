// SPDX-License-Identifier: GPL-2.0

//! A message endpoint takes requests, not a stream of bytes.
//@ error: E0277
//@ says: this does not work for `Control` endpoints
//@ says: requests to endpoint 0 by `usb::Interface::control`

use kernel::{prelude::*, usb};

#[cfg(misuse)]
type Kind = usb::Control;
#[cfg(not(misuse))]
type Kind = usb::Bulk;

struct Sent;

impl usb::Handler<Kind, usb::Out> for Sent {
    fn complete(done: usb::Completed<Kind, usb::Out, Self>) {
        drop(done);
    }
}

fn prepare(endpoint: &usb::Endpoint<'_, Kind, usb::Out>, buffer: usb::Buffer) -> Result {
    drop(usb::Urb::new(endpoint, buffer, Sent)?);
    Ok(())
}
