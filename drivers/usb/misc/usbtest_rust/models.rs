// SPDX-License-Identifier: GPL-2.0

//! The devices that the driver is for, and what is known of each.

use kernel::usb;

/// What is known of a device before its descriptors are looked at.
pub(crate) struct Model {
    pub(crate) name: &'static str,
    /// Numbers of the endpoints where data comes from and goes to; 0 if that is not known.
    pub(crate) source: u8,
    pub(crate) sink: u8,
    /// Endpoints are found in the descriptors, in the first altsetting that has some.
    pub(crate) autoconf: bool,
    /// It keeps what it is sent in a control request.
    pub(crate) ctrl_out: bool,
    /// It has isochronous endpoints to test.
    pub(crate) isochronous: bool,
    /// It has interrupt endpoints to test.
    pub(crate) interrupt: bool,
    /// The altsetting whose endpoints are tested, where `autoconf` does not find one.
    pub(crate) alt: Option<u8>,
    /// It is ours only if the parameters of the module say so.
    pub(crate) by_parameters: bool,
}

const NONE: Model = Model {
    name: "",
    source: 0,
    sink: 0,
    autoconf: false,
    ctrl_out: false,
    isochronous: false,
    interrupt: false,
    alt: None,
    by_parameters: false,
};

/// AN21xx and FX, with firmware that serves endpoint 2.
const EZ_USB: Model = Model {
    name: "EZ-USB device",
    source: 2,
    sink: 2,
    alt: Some(1),
    ..NONE
};

/// As above, with other endpoints.
const FX2: Model = Model {
    name: "FX2 device",
    source: 6,
    sink: 2,
    alt: Some(1),
    ..NONE
};

/// EZ-USB with firmware made for this.
const FIRMWARE: Model = Model {
    name: "USB test device",
    source: 2,
    sink: 2,
    autoconf: true,
    ctrl_out: true,
    isochronous: true,
    alt: Some(1),
    ..NONE
};

/// Linux as a device, with the gadget driver g_zero. Its endpoints depend on the hardware.
pub(crate) const GADGET_ZERO: Model = Model {
    name: "Linux Gadget Zero",
    autoconf: true,
    ctrl_out: true,
    isochronous: true,
    interrupt: true,
    alt: Some(0),
    ..NONE
};

/// Linux as a device, with a program for a driver.
pub(crate) const USER_MODE: Model = Model {
    name: "Linux user mode test driver",
    autoconf: true,
    ..NONE
};

/// As above.
pub(crate) const USER_MODE_ISO: Model = Model {
    name: "Linux user mode isochronous test driver",
    isochronous: true,
    ..USER_MODE
};

/// Any device answers control requests.
pub(crate) const GENERIC: Model = Model {
    name: "generic USB device",
    by_parameters: true,
    ..NONE
};

kernel::usb_device_table!(
    USB_TABLE,
    Model,
    [
        (usb::DeviceId::from_id(0x0547, 0x2235), EZ_USB),
        (usb::DeviceId::from_id(0x0547, 0x0080), EZ_USB),
        (usb::DeviceId::from_id(0x04b4, 0x8613), FX2),
        (usb::DeviceId::from_id(0xfff0, 0xfff0), FIRMWARE),
        (usb::DeviceId::from_id(0x0525, 0xa4a0), GADGET_ZERO),
        (usb::DeviceId::from_id(0x0525, 0xa4a4), USER_MODE),
        (usb::DeviceId::from_id(0x0525, 0xa4a3), USER_MODE_ISO),
        (usb::DeviceId::any(), GENERIC),
    ]
);

/// All of them.
pub(crate) const ID_TABLE: usb::IdTable<Model> = &USB_TABLE;
