// SPDX-License-Identifier: GPL-2.0

//! A handler that resubmits has given the transfer away.
//@ error: E0382
//@ says: borrow of moved value: `done`
//@ says: `Completed::<'a, T, D, H, B>::resubmit` takes ownership of the receiver `self`, which moves `done`

use kernel::usb;

struct Received;

impl usb::Handler<usb::Bulk, usb::In> for Received {
    fn complete(done: usb::Completed<usb::Bulk, usb::In, Self>) {
        #[cfg(not(misuse))]
        let length = done.actual_length();
        let _ = done.resubmit();
        #[cfg(misuse)]
        let length = done.actual_length();
        drop(length);
    }
}
