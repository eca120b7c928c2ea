// SPDX-License-Identifier: GPL-2.0

//! A command of io_uring that has ended is with the driver no more.
//@ error: E0382
//@ says: use of moved value: `command`
//@ says: `UringCommand::complete` takes ownership of the receiver `self`, which moves `command`

use kernel::{
    prelude::*,
    usb, //
};

pub fn end(command: usb::UringCommand, result: Result<u32>) {
    command.complete(result);
    #[cfg(misuse)]
    command.complete(Err(EIO));
}
