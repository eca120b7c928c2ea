// SPDX-License-Identifier: GPL-2.0

//! A configuration is reset while the device is locked, as in `probe`.
//@ error: E0308
//@ says: expected `&Interface<Core<'_>>`, found `&Interface<Bound>`

use kernel::{
    device::{Bound, Core},
    prelude::*,
    usb,
};

#[cfg(misuse)]
type Interface<'a> = usb::Interface<Bound>;
#[cfg(not(misuse))]
type Interface<'a> = usb::Interface<Core<'a>>;

fn start(interface: &Interface<'_>) -> Result {
    begin_anew(interface)
}

fn begin_anew(interface: &usb::Interface<Core<'_>>) -> Result {
    interface.reset_configuration()
}
