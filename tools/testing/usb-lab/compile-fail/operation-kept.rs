// SPDX-License-Identifier: GPL-2.0

//! The guard that holds off unbinding ends with the operation.
//@ error: lifetime
//@ says: must outlive `'static`

use kernel::{device::Bound, sync::aref::ARef, usb};

#[cfg(misuse)]
struct OpenFile(&'static usb::Interface<Bound>);
#[cfg(not(misuse))]
struct OpenFile(ARef<usb::Interface>);

fn open(operation: &usb::Operation<'_>) -> OpenFile {
    OpenFile(operation.interface().into())
}
