// SPDX-License-Identifier: GPL-2.0

//! A device that may sleep has a driver that knows how.
//@ error: E0080
//@ says: a driver that supports autosuspend implements `suspend` and `resume`

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
    const OPTIONS: usb::DriverOptions<Self> = usb::DriverOptions::new().supports_autosuspend();

    fn probe<'bound>(
        _interface: &'bound usb::Interface<Core<'_>>,
        _id: &usb::DeviceId,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Self, Error> + 'bound {
        Err(ENODEV)
    }
}

#[vtable]
impl usb::Callbacks for Lamp {
    type OwnerModule = Module<0>;

    #[cfg(not(misuse))]
    fn suspend(
        _interface: &usb::Interface<Bound>,
        _data: Pin<&Self::Data<'_>>,
        _event: usb::SuspendEvent,
    ) -> Result {
        Ok(())
    }

    #[cfg(not(misuse))]
    fn resume(_interface: &usb::Interface<Bound>, _data: Pin<&Self::Data<'_>>) -> Result {
        Ok(())
    }

    fn pre_reset(_interface: &usb::Interface<Bound>, _data: Pin<&Self::Data<'_>>) -> Result {
        Ok(())
    }

    fn post_reset(_interface: &usb::Interface<Bound>, _data: Pin<&Self::Data<'_>>) -> Result {
        Ok(())
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
