// SPDX-License-Identifier: GPL-2.0

//! Callbacks share the data of the driver with other threads.
//@ error: E0277
//@ says: `Cell<u32>` cannot be shared between threads safely
//@ says: required by a bound in `DriverOptions::<T>::callbacks`

use kernel::{
    device::{Bound, Core},
    prelude::*,
    usb,
};

struct Lamp;

#[cfg(misuse)]
type State = core::cell::Cell<u32>;
#[cfg(not(misuse))]
type State = kernel::sync::atomic::Atomic<u32>;

kernel::usb_device_table!(TABLE, (), [(usb::DeviceId::from_id(0x1209, 1), ())]);

impl usb::Driver for Lamp {
    type IdInfo = ();
    type Data<'bound> = State;
    const ID_TABLE: usb::IdTable<()> = &TABLE;
    const OPTIONS: usb::DriverOptions<Self> = usb::DriverOptions::new().callbacks();

    fn probe<'bound>(
        _interface: &'bound usb::Interface<Core<'_>>,
        _id: &usb::DeviceId,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<State, Error> + 'bound {
        Err(ENODEV)
    }
}

#[vtable]
impl usb::Callbacks for Lamp {
    type OwnerModule = Module<0>;

    fn suspend(
        _interface: &usb::Interface<Bound>,
        _data: Pin<&Self::Data<'_>>,
        _event: usb::SuspendEvent,
    ) -> Result {
        Ok(())
    }

    fn resume(_interface: &usb::Interface<Bound>, _data: Pin<&Self::Data<'_>>) -> Result {
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
