// SPDX-License-Identifier: GPL-2.0

//! Further interfaces are claimed in `probe`.
//@ error: E0277
//@ says: nothing says that the device of this `Interface<Bound>` is locked
//@ says: `usb::Driver::probe()`, `usb::Driver::disconnect()` and `usb::Callbacks::ioctl()` get one
//@ says: keep the `usb::Claim` of a `claim()`

use kernel::{
    device::{Bound, Core},
    prelude::*,
    usb,
};

#[cfg(misuse)]
type Interface<'a> = usb::Interface<Bound>;
#[cfg(not(misuse))]
type Interface<'a> = usb::Interface<Core<'a>>;

fn start(interface: &Interface<'_>) -> Result<usb::Claim> {
    interface.claim(interface.number() + 1)
}
