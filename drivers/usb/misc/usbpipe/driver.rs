// SPDX-License-Identifier: GPL-2.0

//! Binding to an interface.

use crate::pipe::Pipe;
use kernel::{
    device::{
        self,
        Core, //
    },
    prelude::*,
    usb, //
};

/// The driver's part of a bound interface: nothing, the node has it all.
pub(crate) struct UsbPipe;

kernel::usb_device_table!(
    USB_TABLE,
    <UsbPipe as usb::Driver>::IdInfo,
    [
        // The reference device; others come through `new_id`.
        (usb::DeviceId::from_id(0x1209, 0x0001), ()),
    ]
);

impl usb::Driver for UsbPipe {
    type IdInfo = ();
    type Data<'bound> = Self;
    const ID_TABLE: usb::IdTable<Self::IdInfo> = &USB_TABLE;

    fn probe<'bound>(
        interface: &'bound usb::Interface<Core<'_>>,
        _id: &usb::DeviceId,
        _info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<Self, Error> + 'bound {
        Self::new(interface)
    }
}

impl UsbPipe {
    fn new(interface: &usb::Interface<Core<'_>>) -> Result<Self> {
        let pipe = Pipe::new()?;
        let changed = pipe.changed.clone();
        interface.register_node(pipe, changed)?;
        let dev: &device::Device<Core<'_>> = interface.as_ref();
        dev_dbg!(dev, "bound\n");
        Ok(Self)
    }
}
