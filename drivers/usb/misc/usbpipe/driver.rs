// SPDX-License-Identifier: GPL-2.0

//! Binding to an interface.

use crate::pipe::Pipe;
use kernel::{
    device::{
        self,
        Core, //
    },
    prelude::*,
    sync::Arc,
    usb, //
};

/// The driver's part of a bound interface.
pub(crate) struct UsbPipe {
    pipe: Arc<Pipe>,
}

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
        interface.register_node(pipe.clone(), pipe.changed.clone())?;
        let dev: &device::Device<Core<'_>> = interface.as_ref();
        dev_dbg!(dev, "bound\n");
        Ok(Self { pipe })
    }
}

impl Drop for UsbPipe {
    /// All I/O has ended and no file operation runs. URBs refer to the pipe that keeps them, so
    /// this has to be undone by hand.
    fn drop(&mut self) {
        self.pipe.clear();
    }
}
