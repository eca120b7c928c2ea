// SPDX-License-Identifier: GPL-2.0

//! Descriptors of devices that exist, as they sent them.
//!
//! The bytes are facts of these devices, which public projects recorded: umockdev and libfprint to
//! play them back, esp-usb (of Espressif) to test its own parsers with, owners of devices to ask
//! for help or to document them, with UsbTreeView, USB Prober and lsusb. Of lsusb's reports, which
//! are words, the bytes are put together again; that their lengths add up to `wTotalLength` shows
//! that none is missing. Each device is told by its vendor and product, and by what it is for.
//! Serial numbers are strings and not among the bytes.

mod input;
mod media;
mod network;
mod other;
mod serial;

use super::Sample;

pub(super) const ALL: [&[Sample]; 5] = [
    input::ALL,
    serial::ALL,
    network::ALL,
    media::ALL,
    other::ALL,
];
