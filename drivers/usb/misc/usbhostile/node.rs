// SPDX-License-Identifier: GPL-2.0

//! The node that takes orders.

use crate::{
    crimes,
    scene::{
        HostileUrb,
        Scene, //
    }, //
};
use kernel::{
    iov::IovIterSource,
    new_mutex,
    prelude::*,
    sync::{
        ArcBorrow,
        Mutex, //
    },
    usb, //
};

/// What belongs to one open file.
#[pin_data]
pub(crate) struct Loot {
    #[pin]
    pub(crate) kept: Mutex<Option<HostileUrb>>,
}

#[vtable]
impl usb::FileOperations for Scene {
    type OpenFile = Pin<KBox<Loot>>;

    const NAME: &'static CStr = c"usbhostile";

    fn open(_this: ArcBorrow<'_, Self>, _operation: &usb::Operation<'_>) -> Result<Self::OpenFile> {
        KBox::pin_init(
            pin_init!(Loot { kept <- new_mutex!(None, "usbhostile::Loot::kept") }),
            GFP_KERNEL,
        )
    }

    fn write_iter(
        this: ArcBorrow<'_, Self>,
        loot: &Self::OpenFile,
        operation: &usb::Operation<'_>,
        iov: &mut IovIterSource<'_>,
    ) -> Result<usize> {
        let mut name = [0; 16];
        let count = iov.copy_from_iter(&mut name);
        crimes::commit(name[..count].trim_ascii(), &this.into(), loot, operation)?;
        Ok(count)
    }
}
