// SPDX-License-Identifier: GPL-2.0

//! The node that takes orders.

use crate::{
    crimes::{
        self,
        Criminal, //
    },
    deeds,
    driver::refused,
    scene::Scene, //
};
use kernel::{
    iov::IovIterSource,
    mm::virt::VmaNew,
    new_mutex,
    prelude::*,
    sync::{
        atomic::Relaxed,
        ArcBorrow,
        Mutex, //
    },
    usb, //
};

/// What belongs to one open file.
#[pin_data]
pub(crate) struct Loot {
    #[pin]
    kept: Mutex<KVec<KBox<dyn Send + Sync>>>,
}

impl Loot {
    /// Keeps something until the file is closed, which may be long after the device is gone.
    pub(crate) fn keep<T: Send + Sync + 'static>(&self, thing: T) -> Result {
        let thing = KBox::new(thing, GFP_KERNEL)?;
        Ok(self.kept.lock().push(thing, GFP_KERNEL)?)
    }
}

#[vtable]
impl usb::FileOperations for Scene {
    type OpenFile = Pin<KBox<Loot>>;

    const NAME: &'static CStr = c"usbhostile";

    fn open(this: ArcBorrow<'_, Self>, operation: &usb::Operation<'_>) -> Result<Self::OpenFile> {
        let reset = operation.interface().bound_device().reset();
        refused(reset, EDEADLK, "a reset while a node is opened");
        if this.slow.load(Relaxed) {
            operation.wait(|| None)?;
        }
        KBox::pin_init(
            pin_init!(Loot { kept <- new_mutex!(KVec::new(), "usbhostile::Loot::kept") }),
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
        let name = name[..count].trim_ascii();
        let criminal = Criminal {
            scene: &this.into(),
            loot,
            operation,
            deed: deeds::order(name)?,
        };
        crimes::commit(name, &criminal)?;
        criminal.deed.count();
        Ok(count)
    }

    fn mmap(
        this: ArcBorrow<'_, Self>,
        _loot: &Self::OpenFile,
        _operation: &usb::Operation<'_>,
        vma: &VmaNew,
        _offset: u64,
    ) -> Result {
        match this.slots.get() {
            Some(slots) => slots.map(vma, 0),
            None => this.pages.get().ok_or(ENXIO)?.map(vma, 0),
        }
    }

    fn uring_cmd(
        this: ArcBorrow<'_, Self>,
        loot: &Self::OpenFile,
        operation: &usb::Operation<'_>,
        command: usb::UringCommand,
    ) -> Result {
        let criminal = Criminal {
            scene: &this.into(),
            loot,
            operation,
            deed: deeds::uring()?,
        };
        crimes::uring::commit(&criminal, command)
    }
}
