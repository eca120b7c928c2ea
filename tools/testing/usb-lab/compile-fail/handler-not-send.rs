// SPDX-License-Identifier: GPL-2.0

//! A handler runs wherever the host controller's interrupt does.
//@ error: E0277
//@ says: cannot be sent between threads safely
//@ says: required by a bound in `Handler`

use kernel::{prelude::*, sync::Arc, usb};

struct Received {
    #[cfg(misuse)]
    state: *mut u32,
    #[cfg(not(misuse))]
    state: Arc<u32>,
}

impl usb::Handler<usb::Bulk, usb::In> for Received {
    fn complete(done: usb::Completed<usb::Bulk, usb::In, Self>) {
        drop(done);
    }
}
