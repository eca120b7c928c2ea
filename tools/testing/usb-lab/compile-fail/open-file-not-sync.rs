// SPDX-License-Identifier: GPL-2.0

//! Threads that share a file descriptor share the open file.
//@ error: E0277
//@ says: cannot be shared between threads safely
//@ says: required by a bound in `OpenFile`

use kernel::{
    prelude::*,
    sync::{ArcBorrow, atomic::Atomic},
    usb,
};

struct Node;

#[cfg(misuse)]
type Position = core::cell::Cell<i32>;
#[cfg(not(misuse))]
type Position = Atomic<i32>;

#[vtable]
impl usb::FileOperations for Node {
    type OwnerModule = Module<0>;
    type OpenFile = Position;
    const NAME: &'static CStr = c"node";

    fn open(_this: ArcBorrow<'_, Self>, _operation: &usb::Operation<'_>) -> Result<Position> {
        Ok(Position::new(0))
    }
}

/// What `module_usb_driver!` would declare.
struct Module<const N: usize>;

impl<const N: usize> kernel::ModuleMetadata for Module<N> {
    const NAME: &'static CStr = c"node";
    const THIS_MODULE: ThisModule = panic!();
}
