// SPDX-License-Identifier: GPL-2.0

//! What user space has mapped may change at any time: there is no slice of it.
//@ error: E0599
//@ says: no method named `buffer_mut` found

use kernel::{prelude::*, usb};

struct Done;

impl usb::Handler<usb::Bulk, usb::Out, usb::PageBuffer> for Done {
    fn complete(done: usb::Completed<usb::Bulk, usb::Out, Self, usb::PageBuffer>) {
        drop(done);
    }
}

fn fill(urb: &mut usb::Urb<usb::Bulk, usb::Out, Done, usb::PageBuffer>, bytes: &[u8]) -> Result {
    #[cfg(misuse)]
    urb.buffer_mut().copy_from_slice(bytes);
    #[cfg(not(misuse))]
    urb.memory_mut().copy_from_slice(0, bytes)?;
    Ok(())
}
