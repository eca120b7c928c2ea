// SPDX-License-Identifier: GPL-2.0

//! A device node is registered in `probe`.
//@ error: E0308
//@ says: expected `&Interface<Core<'_>>`, found `&Interface<Bound>`

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
    add_node(interface, node)
}

fn add_node<F: usb::FileOperations>(intf: &usb::Interface<Core<'_>>, node: Arc<F>) -> Result {
    intf.register_node(node, usb::Events::new()?)
}
