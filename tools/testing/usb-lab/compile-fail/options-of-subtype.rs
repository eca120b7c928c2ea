// SPDX-License-Identifier: GPL-2.0

//! What a driver has its callbacks and attributes from is of that driver: those of another one
//! expect other data, and be its type a subtype.
//@ error: E0308
//@ says: mismatched types
//@ says: one type is more general than the other

use core::marker::PhantomData;
use kernel::{device::Core, prelude::*, usb};

struct Mouse<F>(PhantomData<F>);

type OfAny = Mouse<for<'a> fn(&'a u8)>;
type OfStatic = Mouse<fn(&'static u8)>;

kernel::usb_device_table!(TABLE, (), [(usb::DeviceId::from_id(0x1209, 0x0001), ())]);

impl usb::Driver for OfAny {
    type IdInfo = ();
    type Data<'bound> = [u8; 8];
    const ID_TABLE: usb::IdTable<Self::IdInfo> = &TABLE;

    fn probe<'bound>(
        _interface: &'bound usb::Interface<Core<'_>>,
        _id: &usb::DeviceId,
        _info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<[u8; 8], Error> + 'bound {
        Ok([0; 8])
    }
}

impl usb::Driver for OfStatic {
    type IdInfo = ();
    type Data<'bound> = usize;
    const ID_TABLE: usb::IdTable<Self::IdInfo> = &TABLE;

    fn probe<'bound>(
        _interface: &'bound usb::Interface<Core<'_>>,
        _id: &usb::DeviceId,
        _info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<usize, Error> + 'bound {
        Ok(0)
    }
}

#[cfg(misuse)]
type Source = OfAny;
#[cfg(not(misuse))]
type Source = OfStatic;

fn options() -> usb::DriverOptions<OfStatic> {
    usb::DriverOptions::<Source>::new().soft_unbind()
}

fn attributes() -> usb::AttributeGroups<OfStatic> {
    usb::AttributeGroups::<Source>::new()
}
