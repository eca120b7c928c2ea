// SPDX-License-Identifier: GPL-2.0
//! Access to usbpipe nodes, the device files of Linux's `usbpipe` driver.
//!
//! The driver binds an interface of a USB device and gives it a node, `/dev/usbpipe0` and on.
//! read(2) and write(2) move bytes through the first bulk IN and bulk OUT endpoint of the
//! interface; two ioctls describe the device and carry control requests, as [`RequestType`] tells.
//! The driver has more of them, which this crate does not use. The user guide is
//! `Documentation/usb/usbpipe.rst`; the ioctls are defined once, in
//! `include/uapi/linux/usb/usbpipe.h`, and this crate takes them from there when it is built.
//!
//! # Recipe
//!
//! 1. Find a node: [`list`] reads sysfs and needs no permission.
//! 2. [`Device::open`] it. [`Device::info`] tells ids, speed and the endpoint map.
//! 3. Talk to endpoint 0 with [`Device::control_in`] and [`Device::control_out`].
//! 4. Move data: [`Device`] implements [`Read`](std::io::Read) and [`Write`](std::io::Write).
//!    Reads come back short as soon as there is something; writes return when the kernel owns
//!    the data, and [`Device::sync`] waits for the wire.
//! 5. For streams with a time limit, a way to stop, and checksums, make a [`Channel`] of a
//!    device opened with [`Blocking::Fail`].
//!
//! ```no_run
//! use usbpipe::{Blocking, Device, Setup};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let device = Device::open(&"usbpipe0".parse()?, Blocking::Wait)?;
//! print!("{}", device.info()?);
//! let mut status = [0; 48];
//! let count = device.control_in(Setup::vendor(0x02), &mut status)?;
//! println!("{count} bytes of status");
//! # Ok(())
//! # }
//! ```
//!
//! # When the device goes away
//!
//! Calls in progress and later ones fail with `ENODEV` ([`Error::is_gone`],
//! [`Failure::is_gone`]). The node is removed; a device that comes back gets a new one. Drop the
//! old [`Device`], and look again.

#![deny(unsafe_code)]

mod control;
mod count;
mod device;
mod errno;
mod error;
mod failure;
#[expect(unsafe_code, reason = "ioctl(2) has no safe form")]
mod ffi;
mod info;
mod map;
mod node;
mod stop;
mod sysfs;
mod transfer;
mod uapi;

pub use control::{Recipient, RequestType, Setup};
pub use count::{Counts, Sum};
pub use device::{Blocking, Device};
pub use errno::Named;
pub use error::Error;
pub use failure::{Cause, Failure, Place};
pub use info::{Address, Direction, Endpoint, Id, Info, Release, Speed, TransferType};
pub use node::Node;
pub use stop::Stop;
pub use sysfs::{Entry, list};
pub use transfer::{Channel, Progress, Until};
