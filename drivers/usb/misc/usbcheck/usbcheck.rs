// SPDX-License-Identifier: GPL-2.0

//! Checks of the Rust USB abstractions against real devices.
//!
//! Each public function of `kernel::usb` that talks to a device is called here, with a device whose
//! answers are known, and what comes of it is compared. The devices are the personalities of
//! `tools/usb/refdev`.
//!
//! | file | what it is about |
//! | --- | --- |
//! | `driver.rs` | binding: ids, probe, and callbacks that count |
//! | `attributes.rs` | attributes in sysfs |
//! | `node.rs` | `/dev/usbcheckN`: runs a check for who writes its name |
//! | `ticks.rs`, `window.rs` | what programs wait for, and what they map |
//! | `usbfs.rs` | commands that come through usbfs |
//! | `checks.rs` | the table of checks; one file for each area in `checks/` |
//! | `bench.rs` | what a check works with: the interface, and requests of the reference device |
//! | `tray.rs` | a handler that keeps the URB for the check that waits for it |
//! | `look.rs` | what a handler takes down of a completed transfer |
//! | `verdict.rs` | expectations, and the failure to meet one |

mod attributes;
mod bench;
mod checks;
mod driver;
mod look;
mod node;
mod ticks;
mod tray;
mod usbfs;
mod verdict;
mod window;

kernel::module_usb_driver! {
    type: driver::UsbCheck,
    name: "usbcheck",
    authors: ["The usbpipe developers"],
    description: "Checks of the Rust USB abstractions against real devices",
    license: "GPL",
}
