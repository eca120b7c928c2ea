// SPDX-License-Identifier: GPL-2.0

//! A descriptor is a view of bytes, and ends with them.
//@ error: E0505
//@ says: cannot move out of `bytes` because it is borrowed

use kernel::{prelude::*, usb::descriptor::Configuration};

fn count(bytes: KVec<u8>) -> Result<usize> {
    let configuration = Configuration::parse(&bytes)?;
    #[cfg(misuse)]
    drop(bytes);
    Ok(configuration.interfaces().count())
}
