// SPDX-License-Identifier: GPL-2.0

//! A URB is finished by the handler that it was made with, so it is of no other type than that,
//! not even of a supertype, through which another handler could be put into it.
//@ error: E0308
//@ says: mismatched types
//@ says: one type is more general than the other

use kernel::{prelude::*, usb};

struct Shown<F>(F);

type OfAny = Shown<for<'a> fn(&'a [u8])>;
type OfStatic = Shown<fn(&'static [u8])>;

impl usb::Handler<usb::Bulk, usb::In> for OfAny {
    fn complete(done: usb::Completed<usb::Bulk, usb::In, Self>) {
        (done.handler().0)(done.data());
    }
}

impl usb::Handler<usb::Bulk, usb::In> for OfStatic {
    fn complete(done: usb::Completed<usb::Bulk, usb::In, Self>) {
        (done.handler().0)(b"nothing");
    }
}

#[cfg(misuse)]
type Shows = OfStatic;
#[cfg(not(misuse))]
type Shows = OfAny;

fn shown_by(
    urb: usb::Urb<usb::Bulk, usb::In, OfAny>,
    shows: Shows,
) -> usb::Urb<usb::Bulk, usb::In, Shows> {
    let mut urb: usb::Urb<usb::Bulk, usb::In, Shows> = urb;
    *urb.handler_mut() = shows;
    urb
}
