// SPDX-License-Identifier: GPL-2.0

//! The memory that a part is of cannot be exchanged for a shorter one, which it would not lie in.
//@ error: E0596
//@ says: cannot borrow data in a `&` reference as mutable

use kernel::{prelude::*, usb};

fn shrink(part: &mut usb::Part<usb::PageBuffer>) -> Result {
    let mut short = usb::PageBuffer::new(1)?;
    #[cfg(misuse)]
    core::mem::swap(&mut *part.whole(), &mut short);
    #[cfg(not(misuse))]
    core::mem::swap(part, &mut usb::Part::new(short, 0..1)?);
    Ok(())
}
