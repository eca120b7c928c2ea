// SPDX-License-Identifier: GPL-2.0

//! What only callbacks of the core may do ends with the callback.
//@ error: E0277
//@ says: cannot be shared between threads safely

use kernel::{
    device::{Bound, Core},
    prelude::*,
    usb,
};

struct Pipe;

struct Data<'bound> {
    #[cfg(misuse)]
    interface: &'bound usb::Interface<Core<'bound>>,
    #[cfg(not(misuse))]
    interface: &'bound usb::Interface<Bound>,
}

kernel::usb_device_table!(TABLE, (), [(usb::DeviceId::from_id(0x1209, 1), ())]);

impl usb::Driver for Pipe {
    type IdInfo = ();
    type Data<'bound> = Data<'bound>;
    const ID_TABLE: usb::IdTable<()> = &TABLE;

    #[cfg(misuse)]
    fn probe<'bound>(
        _interface: &'bound usb::Interface<Core<'_>>,
        _id: &usb::DeviceId,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        Err(ENODEV)
    }

    #[cfg(not(misuse))]
    fn probe<'bound>(
        interface: &'bound usb::Interface<Core<'_>>,
        _id: &usb::DeviceId,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        Ok(Data { interface })
    }
}
