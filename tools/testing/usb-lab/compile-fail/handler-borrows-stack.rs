// SPDX-License-Identifier: GPL-2.0

//! What a handler shares with others is counted, not borrowed.
//@ error: E0597
//@ says: `count` does not live long enough
//@ says: requires that `count` is borrowed for `'static`

use kernel::{
    prelude::*,
    sync::{
        Arc,
        atomic::{Atomic, Relaxed},
    },
    usb,
};

#[cfg(misuse)]
type Count = &'static Atomic<i32>;
#[cfg(not(misuse))]
type Count = Arc<Atomic<i32>>;

struct Received(Count);

impl usb::Handler<usb::Bulk, usb::In> for Received {
    fn complete(done: usb::Completed<usb::Bulk, usb::In, Self>) {
        done.handler().0.store(1, Relaxed);
    }
}

fn prepare(endpoint: &usb::Endpoint<'_, usb::Bulk, usb::In>) -> Result {
    let buffer = usb::Buffer::new(64, GFP_KERNEL)?;
    #[cfg(misuse)]
    let count = Atomic::new(0);
    #[cfg(misuse)]
    let received = Received(&count);
    #[cfg(not(misuse))]
    let received = Received(Arc::new(Atomic::new(0), GFP_KERNEL)?);
    usb::Urb::new(endpoint, buffer, received)?.submit(endpoint.interface())?;
    Ok(())
}
