// SPDX-License-Identifier: GPL-2.0

//! What is in flight cannot be submitted again.
//@ error: E0382
//@ says: use of moved value: `urb`
//@ says: submit` takes ownership of the receiver `self`, which moves `urb`

use kernel::{device::Bound, prelude::*, usb};

struct Received;

impl usb::Handler<usb::Interrupt, usb::In> for Received {
    fn complete(done: usb::Completed<usb::Interrupt, usb::In, Self>) {
        let _ = done.resubmit();
    }
}

type Urb = usb::Urb<usb::Interrupt, usb::In, Received>;

fn start(interface: &usb::Interface<Bound>, urb: Urb) -> Result {
    #[cfg(misuse)]
    urb.submit(interface)?;
    // Later ones come from the handler.
    urb.submit(interface)?;
    Ok(())
}
