// SPDX-License-Identifier: GPL-2.0

//! Attributes in sysfs, which the test reads and writes.

use crate::driver::{
    UsbCheck,
    TWO_INTERFACES, //
};
use kernel::{
    device::Bound,
    prelude::*,
    sync::atomic::Relaxed,
    usb::{
        self,
        Interface, //
    }, //
};

/// All of them.
pub(crate) const ATTRIBUTES: usb::AttributeGroups<UsbCheck> = usb::AttributeGroups::new()
    .with::<(Level, Second)>()
    .with_named::<(Resets,)>(c"calls");

/// A number up to 100 that can be read and written.
pub(crate) struct Level;

#[vtable]
impl usb::Attribute<UsbCheck> for Level {
    type Value = u32;

    const NAME: &'static CStr = c"level";

    fn show(_interface: &Interface<Bound>, data: Pin<&UsbCheck>) -> Result<u32> {
        Ok(data.shared.level.load(Relaxed))
    }

    fn store(_interface: &Interface<Bound>, data: Pin<&UsbCheck>, level: u32) -> Result {
        if level > 100 {
            return Err(ERANGE);
        }
        data.shared.level.store(level, Relaxed);
        Ok(())
    }
}

/// Whether the second interface was claimed; only where there is one.
pub(crate) struct Second;

#[vtable]
impl usb::Attribute<UsbCheck> for Second {
    type Value = bool;

    const NAME: &'static CStr = c"second";

    fn show(_interface: &Interface<Bound>, data: Pin<&UsbCheck>) -> Result<bool> {
        Ok(data.shared.claim.lock().is_some())
    }

    fn is_visible(interface: &Interface<Bound>, _data: Pin<&UsbCheck>) -> bool {
        interface.device().product_id() == TWO_INTERFACES
    }
}

/// How many resets the driver has survived.
pub(crate) struct Resets;

#[vtable]
impl usb::Attribute<UsbCheck> for Resets {
    type Value = u32;

    const NAME: &'static CStr = c"resets";

    fn show(_interface: &Interface<Bound>, data: Pin<&UsbCheck>) -> Result<u32> {
        Ok(data.shared.calls.post_resets.load(Relaxed))
    }
}
