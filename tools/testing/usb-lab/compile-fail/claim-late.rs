// SPDX-License-Identifier: GPL-2.0

//! Further interfaces are claimed in `probe`.
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

fn start(interface: &Interface<'_>) -> Result<usb::Claim> {
    claim_data(interface)
}

fn claim_data(interface: &usb::Interface<Core<'_>>) -> Result<usb::Claim> {
    interface.claim(interface.number() + 1)
}
