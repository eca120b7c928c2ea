// SPDX-License-Identifier: GPL-2.0

//! A driver is unbound by another thread than it was bound by.
//@ error: E0277
//@ says: cannot be sent between threads safely
//@ says: required by a bound in `Data`

use kernel::{device::Core, prelude::*, sync::Arc, usb};

#[cfg(misuse)]
type State = *mut u32;
#[cfg(not(misuse))]
type State = Arc<u32>;

struct Pipe(State);

kernel::usb_device_table!(TABLE, (), [(usb::DeviceId::from_id(0x1209, 1), ())]);

impl usb::Driver for Pipe {
    type IdInfo = ();
    type Data<'bound> = Self;
    const ID_TABLE: usb::IdTable<()> = &TABLE;

    fn probe<'bound>(
        _interface: &'bound usb::Interface<Core<'_>>,
        _id: &usb::DeviceId,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Self, Error> + 'bound {
        Err(ENODEV)
    }
}
