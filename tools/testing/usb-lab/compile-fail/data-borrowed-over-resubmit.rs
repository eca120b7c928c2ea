// SPDX-License-Identifier: GPL-2.0

//! What the device sent is gone once the transfer is started again.
//@ error: E0505
//@ says: cannot move out of `done` because it is borrowed

use kernel::usb;

struct Received;

fn consume(_data: &[u8]) {}

impl usb::Handler<usb::Bulk, usb::In> for Received {
    fn complete(done: usb::Completed<usb::Bulk, usb::In, Self>) {
        let data = done.data();
        #[cfg(not(misuse))]
        consume(data);
        let _ = done.resubmit();
        #[cfg(misuse)]
        consume(data);
    }
}
