// SPDX-License-Identifier: GPL-2.0

//! Only bulk endpoints have streams (USB 3.2, 8.12.1.4).
//@ error: E0599
//@ says: no method named `set_stream` found
//@ says: the method was found for

use kernel::{prelude::*, usb};

#[cfg(misuse)]
type Kind = usb::Interrupt;
#[cfg(not(misuse))]
type Kind = usb::Bulk;

struct Done;

impl usb::Handler<Kind, usb::Out> for Done {
    fn complete(done: usb::Completed<Kind, usb::Out, Self>) {
        drop(done);
    }
}

fn prepare(
    mut urb: usb::Urb<Kind, usb::Out, Done>,
    streams: &usb::Streams<'_>,
    endpoint: &usb::Endpoint<'_, Kind, usb::Out>,
) -> Result {
    urb.set_stream(streams, endpoint, 1)
}
