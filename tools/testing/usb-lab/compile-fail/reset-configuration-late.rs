// SPDX-License-Identifier: GPL-2.0

//! A configuration is reset while the device is locked, as in `probe`.
//@ error: E0277
//@ says: nothing says that the device of this `Interface<Bound>` is locked
//@ says: what works elsewhere: `usb::BoundDevice::reset()`

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
    interface.reset_configuration()
}
