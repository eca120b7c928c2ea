// SPDX-License-Identifier: GPL-2.0

//! A device node is registered in `probe`.
//@ error: E0277
//@ says: nothing says that the device of this `Interface<Bound>` is locked
//@ says: do it in `probe()`
//@ says: make a `register_node()` the last thing

use kernel::{
    device::{Bound, Core},
    prelude::*,
    sync::Arc,
    usb,
};

#[cfg(misuse)]
type Interface<'a> = usb::Interface<Bound>;
#[cfg(not(misuse))]
type Interface<'a> = usb::Interface<Core<'a>>;

fn start<F: usb::FileOperations>(interface: &Interface<'_>, node: Arc<F>) -> Result {
    interface.register_node(node, usb::Events::new()?)
}
