// SPDX-License-Identifier: GPL-2.0

//! The USB core has a file of that name for each interface.
//@ error: E0080
//@ says: every interface has a file of that name in sysfs

use kernel::{
    device::{Bound, Core},
    prelude::*,
    usb,
};

struct Lamp;

kernel::usb_device_table!(TABLE, (), [(usb::DeviceId::from_id(0x1209, 1), ())]);

impl usb::Driver for Lamp {
    type IdInfo = ();
    type Data<'bound> = Self;
    const ID_TABLE: usb::IdTable<()> = &TABLE;
    const OPTIONS: usb::DriverOptions<Self> =
        usb::DriverOptions::new().attributes(usb::AttributeGroups::new().with::<(Colour,)>());

    fn probe<'bound>(
        _interface: &'bound usb::Interface<Core<'_>>,
        _id: &usb::DeviceId,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Self, Error> + 'bound {
        Err(ENODEV)
    }
}

struct Colour;

#[vtable]
impl usb::Attribute<Lamp> for Colour {
    type OwnerModule = Module<0>;
    type Value = u8;
    #[cfg(misuse)]
    const NAME: &'static CStr = c"interface";
    #[cfg(not(misuse))]
    const NAME: &'static CStr = c"colour";

    fn show(_interface: &usb::Interface<Bound>, _lamp: Pin<&Lamp>) -> Result<u8> {
        Ok(0)
    }
}

/// What `module_usb_driver!` would look at.
const _: usb::DriverOptions<Lamp> = <Lamp as usb::Driver>::OPTIONS;

/// What `module_usb_driver!` would declare.
struct Module<const N: usize>;

impl<const N: usize> kernel::ModuleMetadata for Module<N> {
    const NAME: &'static CStr = c"lamp";
    const THIS_MODULE: ThisModule = panic!();
}
