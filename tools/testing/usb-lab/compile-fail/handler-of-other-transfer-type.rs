// SPDX-License-Identifier: GPL-2.0

//! A handler of bulk transfers is of no use for interrupt transfers.
//@ error: E0277
//@ says: `Received` cannot handle the completion of this kind of transfer
//@ says: pass an endpoint of the transfer type and direction that `Received` handles, as from `interface.find_endpoint::<usb::Bulk, usb::Out>()`
//@ says: or implement `usb::Handler<Interrupt, In

use kernel::{prelude::*, usb};

struct Received;

#[cfg(misuse)]
type Kind = usb::Bulk;
#[cfg(not(misuse))]
type Kind = usb::Interrupt;

impl usb::Handler<Kind, usb::In> for Received {
    fn complete(done: usb::Completed<Kind, usb::In, Self>) {
        drop(done);
    }
}

fn prepare(endpoint: &usb::Endpoint<'_, usb::Interrupt, usb::In>) -> Result {
    drop(usb::Urb::new(
        endpoint,
        usb::Buffer::new(8, GFP_KERNEL)?,
        Received,
    )?);
    Ok(())
}
