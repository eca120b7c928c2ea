// SPDX-License-Identifier: GPL-2.0

//! Binding to an interface, and what becomes of it while the device sleeps or is reset.

use crate::{
    attributes,
    module_parameters,
    pipe::Pipe, //
};
use kernel::{
    dev_dbg,
    device::{
        Bound,
        Core, //
    },
    device_id::IdArray,
    prelude::*,
    sync::Arc,
    usb::{
        self,
        Interface,
        SuspendEvent, //
    }, //
};

/// The driver's part of a bound interface.
pub(crate) struct UsbPipe {
    pub(crate) pipe: Arc<Pipe>,
}

/// How a device came to be ours.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// By its ids.
    ById,
    /// If the parameters of the module name it.
    ByParameter,
}

/// The reference device; others come through `new_id`, or by a parameter of the module.
const REFERENCE: usb::DeviceId = usb::DeviceId::from_id(0x1209, 0x0001);

// What makes the module be loaded.
kernel::usb_device_table!(LOADED_FOR, Known, [(REFERENCE, Known::ById)]);

// What it binds to: it is not loaded for every device that there is.
static USB_TABLE: IdArray<usb::DeviceId, Known, 2> = IdArray::new([
    (REFERENCE, &Known::ById),
    (usb::DeviceId::any(), &Known::ByParameter),
]);

impl usb::Driver for UsbPipe {
    type IdInfo = Known;
    type Data<'bound> = Self;
    const ID_TABLE: usb::IdTable<Known> = &USB_TABLE;
    const OPTIONS: usb::DriverOptions<Self> = usb::DriverOptions::new()
        .callbacks()
        .supports_autosuspend()
        .attributes(attributes::GROUPS);

    fn probe<'bound>(
        interface: &'bound Interface<Core<'_>>,
        _id: &usb::DeviceId,
        info: Option<&'bound Known>,
    ) -> impl PinInit<Self, Error> + 'bound {
        Self::new(interface, info)
    }

    fn disconnect(_interface: &Interface<Core<'_>>, data: Pin<&Self>) {
        data.pipe.rings.lose();
    }
}

impl UsbPipe {
    fn new(interface: &Interface<Core<'_>>, info: Option<&Known>) -> Result<Self> {
        if info == Some(&Known::ByParameter) && !is_named(interface.device()) {
            return Err(ENODEV);
        }
        let wakes_host = can_wake_host(interface.device());
        if wakes_host {
            interface.set_remote_wakeup(usb::RemoteWakeup::Needed)?;
        }
        let pipe = Pipe::new(wakes_host)?;
        let changed = pipe.changed.clone();
        interface.register_node(pipe.clone(), changed)?;
        dev_dbg!(interface, "bound\n");
        Ok(Self { pipe })
    }
}

/// Whether the parameters of the module name a device: its vendor, and its product if they do.
fn is_named(device: &usb::Device) -> bool {
    let vendor = module_parameters::vendor.value();
    let product = module_parameters::product.value();
    vendor != 0 && device.vendor_id() == vendor && (product == 0 || device.product_id() == product)
}

/// Whether the device says that it can (USB 2.0, table 9-10: bit 5 of bmAttributes), in the
/// configuration in use.
fn can_wake_host(device: &usb::Device) -> bool {
    const VALUE: usize = 5;
    const ATTRIBUTES: usize = 7;
    const REMOTE_WAKEUP: u8 = 1 << 5;
    let in_use = device.active_configuration();
    (0..device.configuration_count())
        .filter_map(|index| device.configuration_bytes(index))
        .filter(|bytes| bytes.get(VALUE).copied() == in_use)
        .filter_map(|bytes| bytes.get(ATTRIBUTES))
        .any(|attributes| attributes & REMOTE_WAKEUP != 0)
}

#[vtable]
impl usb::Callbacks for UsbPipe {
    fn suspend(interface: &Interface<Bound>, data: Pin<&Self>, _event: SuspendEvent) -> Result {
        data.pipe.stats.suspends.add(1);
        data.pipe.streams.for_each(|stream| stream.drain(interface));
        Ok(())
    }

    fn resume(interface: &Interface<Bound>, data: Pin<&Self>) -> Result {
        data.pipe.restart(interface);
        Ok(())
    }

    fn reset_resume(interface: &Interface<Bound>, data: Pin<&Self>) -> Result {
        data.pipe.was_reset(interface);
        Ok(())
    }

    fn pre_reset(interface: &Interface<Bound>, data: Pin<&Self>) -> Result {
        data.pipe.streams.for_each(|stream| stream.drain(interface));
        Ok(())
    }

    fn post_reset(interface: &Interface<Bound>, data: Pin<&Self>) -> Result {
        data.pipe.was_reset(interface);
        Ok(())
    }
}
