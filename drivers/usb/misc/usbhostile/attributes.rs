// SPDX-License-Identifier: GPL-2.0

//! Attributes in sysfs that take long, do I/O, and say too much.

use crate::{
    deeds::Deeds,
    driver::Hostile,
    scene::{
        never_answered,
        Crime,
        Scene, //
    }, //
};
use kernel::{
    device::Bound,
    page::PAGE_SIZE,
    prelude::*,
    str::{
        BStr,
        CString, //
    },
    time::{
        delay::fsleep,
        Delta, //
    },
    usb::{
        self,
        Interface, //
    }, //
};

/// All of them.
pub(crate) const ATTRIBUTES: usb::AttributeGroups<Hostile<'static>> = usb::AttributeGroups::new()
    .with::<(Slow, Never, Huge, Done)>()
    .with_named::<(Resets,)>(c"more");

/// Sleeps, and nothing ends that early.
pub(crate) struct Slow;

#[vtable]
impl usb::Attribute<Hostile<'static>> for Slow {
    type Value = u8;

    const NAME: &'static CStr = c"slow";

    fn show<'bound>(
        _interface: &'bound Interface<Bound>,
        _data: Pin<&Hostile<'bound>>,
    ) -> Result<u8> {
        fsleep(Delta::from_millis(20));
        Ok(0)
    }

    fn store<'bound>(
        _interface: &'bound Interface<Bound>,
        _data: Pin<&Hostile<'bound>>,
        _value: u8,
    ) -> Result {
        fsleep(Delta::from_millis(20));
        Ok(())
    }
}

/// Waits for the device if it is read, and starts transfers if it is written.
pub(crate) struct Never;

#[vtable]
impl usb::Attribute<Hostile<'static>> for Never {
    type Value = u8;

    const NAME: &'static CStr = c"never";

    fn show<'bound>(
        interface: &'bound Interface<Bound>,
        _data: Pin<&Hostile<'bound>>,
    ) -> Result<u8> {
        never_answered(interface)?;
        Ok(0)
    }

    fn store<'bound>(
        interface: &'bound Interface<Bound>,
        data: Pin<&Hostile<'bound>>,
        _value: u8,
    ) -> Result {
        Scene::commit(&data.scene, interface, Crime::go_on())
    }
}

/// Is longer than what sysfs has room for.
pub(crate) struct Huge;

#[vtable]
impl usb::Attribute<Hostile<'static>> for Huge {
    type Value = Flood;

    const NAME: &'static CStr = c"huge";

    fn show<'bound>(
        _interface: &'bound Interface<Bound>,
        _data: Pin<&Hostile<'bound>>,
    ) -> Result<Flood> {
        Ok(Flood)
    }
}

/// The value of that.
pub(crate) struct Flood;

impl usb::AttributeValue for Flood {
    fn show(&self, page: &mut usb::AttributePage<'_>) -> Result {
        for _ in 0..2 * PAGE_SIZE {
            // What does not fit is forgotten.
            let _ = page.append(b"!");
        }
        Ok(())
    }

    fn parse(_text: &BStr) -> Result<Self> {
        Err(EINVAL)
    }
}

/// What was done so far.
pub(crate) struct Done;

#[vtable]
impl usb::Attribute<Hostile<'static>> for Done {
    type Value = Deeds;

    const NAME: &'static CStr = c"deeds";

    fn show<'bound>(
        _interface: &'bound Interface<Bound>,
        _data: Pin<&Hostile<'bound>>,
    ) -> Result<Deeds> {
        Ok(Deeds)
    }
}

/// Resets the device if it is read, at once, and if it is written, later.
pub(crate) struct Resets;

#[vtable]
impl usb::Attribute<Hostile<'static>> for Resets {
    type Value = CString;

    const NAME: &'static CStr = c"reset";

    fn show<'bound>(
        interface: &'bound Interface<Bound>,
        _data: Pin<&Hostile<'bound>>,
    ) -> Result<CString> {
        interface.bound_device().reset()?;
        CString::try_from_fmt(fmt!("done"))
    }

    fn store<'bound>(
        interface: &'bound Interface<Bound>,
        _data: Pin<&Hostile<'bound>>,
        _value: CString,
    ) -> Result {
        interface.bound_device().queue_reset()
    }
}
