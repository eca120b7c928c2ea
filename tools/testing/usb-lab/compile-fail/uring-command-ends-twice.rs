// SPDX-License-Identifier: GPL-2.0

//! A command of io_uring that has ended is with the driver no more.
//@ error: E0382
//@ says: takes ownership of the receiver `self`

use kernel::{
    prelude::*,
    usb, //
};

pub fn end(command: usb::UringCommand, result: Result<u32>) {
    command.complete(result);
    #[cfg(misuse)]
    command.complete(Err(EIO));
}
