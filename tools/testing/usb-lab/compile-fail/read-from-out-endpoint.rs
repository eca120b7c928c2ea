// SPDX-License-Identifier: GPL-2.0

//! An OUT transfer brings no data.
//@ error: E0277
//@ says: does not receive data
//@ says: take an endpoint that can be read from, as from `interface.find_endpoint::<usb::Bulk, usb::In>()`

use kernel::usb;

struct Sent;

impl usb::Handler<usb::Bulk, usb::Out> for Sent {
    fn complete(done: usb::Completed<usb::Bulk, usb::Out, Self>) {
        #[cfg(misuse)]
        let length = done.data().len();
        #[cfg(not(misuse))]
        let length = done.actual_length();
        drop(length);
    }
}
