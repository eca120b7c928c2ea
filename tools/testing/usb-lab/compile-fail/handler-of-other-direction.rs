// SPDX-License-Identifier: GPL-2.0

//! A handler of IN transfers is of no use for OUT transfers.
//@ error: E0277
//@ says: `Received` cannot handle the completion of this kind of transfer
//@ says: pass an endpoint of the transfer type and direction that `Received` handles, as from `interface.find_endpoint::<usb::Bulk, usb::Out>()`
//@ says: or implement `usb::Handler<Bulk, Out

use kernel::{prelude::*, usb};

struct Received;

impl usb::Handler<usb::Bulk, usb::In> for Received {
    fn complete(done: usb::Completed<usb::Bulk, usb::In, Self>) {
        drop(done);
    }
}

#[cfg(misuse)]
type Source<'a> = usb::Endpoint<'a, usb::Bulk, usb::Out>;
#[cfg(not(misuse))]
type Source<'a> = usb::Endpoint<'a, usb::Bulk, usb::In>;

fn prepare(source: &Source<'_>) -> Result {
    drop(usb::Urb::new(
        source,
        usb::Buffer::new(8, GFP_KERNEL)?,
        Received,
    )?);
    Ok(())
}
