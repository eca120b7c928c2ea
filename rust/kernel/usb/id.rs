// SPDX-License-Identifier: GPL-2.0
// SPDX-FileCopyrightText: Copyright (C) 2025 Collabora Ltd.

//! Device ids: what a driver says it can drive.
//!
//! C header: [`include/linux/mod_devicetable.h`](srctree/include/linux/mod_devicetable.h)

use crate::{
    bindings,
    device_id::{
        RawDeviceId,
        RawDeviceIdIndex, //
    }, //
};
use core::mem::offset_of;

/// Abstraction for the USB device ID structure, i.e. [`struct usb_device_id`].
///
/// [`struct usb_device_id`]: https://docs.kernel.org/driver-api/basics.html#c.usb_device_id
///
/// # Examples
///
/// ```
/// use kernel::usb::DeviceId;
///
/// const VENDOR: u16 = 0x1209;
///
/// /// Which command set a meter has.
/// enum Commands {
///     Old,
///     New,
///     Standard,
/// }
///
/// kernel::usb_device_table!(
///     METERS,
///     Commands,
///     [
///         // One product, until its release 1.99 and after.
///         (DeviceId::from_device_ver(VENDOR, 1, 0x0000, 0x0199), Commands::Old),
///         (DeviceId::from_device_ver(VENDOR, 1, 0x0200, 0xffff), Commands::New),
///         // An interface of a product: by its number, its class, or its protocol.
///         (DeviceId::from_device_interface_number(VENDOR, 2, 1), Commands::Old),
///         (DeviceId::from_device_interface_class(VENDOR, 3, 0xfe), Commands::Standard),
///         (DeviceId::from_device_interface_protocol(VENDOR, 4, 1), Commands::Standard),
///         (DeviceId::from_device_and_interface_info(VENDOR, 5, 0xff, 0, 2), Commands::New),
///         // All interfaces for test and measurement, of a maker, and of anybody.
///         (DeviceId::from_vendor_and_interface_info(VENDOR, 0xff, 0, 2), Commands::New),
///         (DeviceId::from_interface_info(0xfe, 3, 0), Commands::Standard),
///         // Whatever else that maker makes; `probe` looks closer.
///         (DeviceId::from_vendor(VENDOR), Commands::New),
///         // A device that is nothing else (class "diagnostic device").
///         (DeviceId::from_device_info(0xdc, 1, 1), Commands::Standard),
///     ]
/// );
/// ```
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct DeviceId(bindings::usb_device_id);

impl DeviceId {
    /// Equivalent to C's `USB_DEVICE` macro.
    pub const fn from_id(vendor: u16, product: u16) -> Self {
        Self(bindings::usb_device_id {
            match_flags: bindings::USB_DEVICE_ID_MATCH_DEVICE as u16,
            idVendor: vendor,
            idProduct: product,
            ..pin_init::zeroed()
        })
    }

    /// Matches every interface, for a driver whose `probe` decides on other grounds, such as
    /// parameters of its module.
    ///
    /// It has to be the last of its table, and not the only one: in C it is an entry with nothing
    /// but `driver_info`, which is where the table keeps the number of an entry, and one without
    /// that is the table's end. No program loads a module for it.
    pub const fn any() -> Self {
        Self(pin_init::zeroed())
    }

    /// All devices of a vendor, which C spells out: `.match_flags = USB_DEVICE_ID_MATCH_VENDOR`.
    ///
    /// The driver gets to see whatever that vendor makes, and has to look at it in `probe`.
    #[doc(alias = "USB_DEVICE_ID_MATCH_VENDOR")]
    pub const fn from_vendor(vendor: u16) -> Self {
        Self(bindings::usb_device_id {
            match_flags: bindings::USB_DEVICE_ID_MATCH_VENDOR as u16,
            idVendor: vendor,
            ..pin_init::zeroed()
        })
    }

    /// Equivalent to C's `USB_DEVICE_VER` macro.
    pub const fn from_device_ver(vendor: u16, product: u16, bcd_lo: u16, bcd_hi: u16) -> Self {
        Self(bindings::usb_device_id {
            match_flags: bindings::USB_DEVICE_ID_MATCH_DEVICE_AND_VERSION as u16,
            idVendor: vendor,
            idProduct: product,
            bcdDevice_lo: bcd_lo,
            bcdDevice_hi: bcd_hi,
            ..pin_init::zeroed()
        })
    }

    /// Equivalent to C's `USB_DEVICE_INFO` macro.
    pub const fn from_device_info(class: u8, subclass: u8, protocol: u8) -> Self {
        Self(bindings::usb_device_id {
            match_flags: bindings::USB_DEVICE_ID_MATCH_DEV_INFO as u16,
            bDeviceClass: class,
            bDeviceSubClass: subclass,
            bDeviceProtocol: protocol,
            ..pin_init::zeroed()
        })
    }

    /// Equivalent to C's `USB_INTERFACE_INFO` macro.
    pub const fn from_interface_info(class: u8, subclass: u8, protocol: u8) -> Self {
        Self(bindings::usb_device_id {
            match_flags: bindings::USB_DEVICE_ID_MATCH_INT_INFO as u16,
            bInterfaceClass: class,
            bInterfaceSubClass: subclass,
            bInterfaceProtocol: protocol,
            ..pin_init::zeroed()
        })
    }

    /// Equivalent to C's `USB_DEVICE_INTERFACE_CLASS` macro.
    pub const fn from_device_interface_class(vendor: u16, product: u16, class: u8) -> Self {
        Self(bindings::usb_device_id {
            match_flags: (bindings::USB_DEVICE_ID_MATCH_DEVICE
                | bindings::USB_DEVICE_ID_MATCH_INT_CLASS) as u16,
            idVendor: vendor,
            idProduct: product,
            bInterfaceClass: class,
            ..pin_init::zeroed()
        })
    }

    /// Equivalent to C's `USB_DEVICE_INTERFACE_PROTOCOL` macro.
    pub const fn from_device_interface_protocol(vendor: u16, product: u16, protocol: u8) -> Self {
        Self(bindings::usb_device_id {
            match_flags: (bindings::USB_DEVICE_ID_MATCH_DEVICE
                | bindings::USB_DEVICE_ID_MATCH_INT_PROTOCOL) as u16,
            idVendor: vendor,
            idProduct: product,
            bInterfaceProtocol: protocol,
            ..pin_init::zeroed()
        })
    }

    /// Equivalent to C's `USB_DEVICE_INTERFACE_NUMBER` macro.
    pub const fn from_device_interface_number(vendor: u16, product: u16, number: u8) -> Self {
        Self(bindings::usb_device_id {
            match_flags: (bindings::USB_DEVICE_ID_MATCH_DEVICE
                | bindings::USB_DEVICE_ID_MATCH_INT_NUMBER) as u16,
            idVendor: vendor,
            idProduct: product,
            bInterfaceNumber: number,
            ..pin_init::zeroed()
        })
    }

    /// Equivalent to C's `USB_DEVICE_AND_INTERFACE_INFO` macro.
    pub const fn from_device_and_interface_info(
        vendor: u16,
        product: u16,
        class: u8,
        subclass: u8,
        protocol: u8,
    ) -> Self {
        Self(bindings::usb_device_id {
            match_flags: (bindings::USB_DEVICE_ID_MATCH_INT_INFO
                | bindings::USB_DEVICE_ID_MATCH_DEVICE) as u16,
            idVendor: vendor,
            idProduct: product,
            bInterfaceClass: class,
            bInterfaceSubClass: subclass,
            bInterfaceProtocol: protocol,
            ..pin_init::zeroed()
        })
    }

    /// Equivalent to C's `USB_VENDOR_AND_INTERFACE_INFO` macro.
    pub const fn from_vendor_and_interface_info(
        vendor: u16,
        class: u8,
        subclass: u8,
        protocol: u8,
    ) -> Self {
        Self(bindings::usb_device_id {
            match_flags: (bindings::USB_DEVICE_ID_MATCH_INT_INFO
                | bindings::USB_DEVICE_ID_MATCH_VENDOR) as u16,
            idVendor: vendor,
            bInterfaceClass: class,
            bInterfaceSubClass: subclass,
            bInterfaceProtocol: protocol,
            ..pin_init::zeroed()
        })
    }
}

// SAFETY: `DeviceId` is a `#[repr(transparent)]` wrapper of `usb_device_id` without further
// invariants, so that each can be transmuted into the other.
unsafe impl RawDeviceId for DeviceId {
    type RawType = bindings::usb_device_id;
}

// SAFETY: `DRIVER_DATA_OFFSET` is the offset to the `driver_info` field.
unsafe impl RawDeviceIdIndex for DeviceId {
    const DRIVER_DATA_OFFSET: usize = offset_of!(bindings::usb_device_id, driver_info);
}

/// [`IdTable`](kernel::device_id::IdTable) type for USB.
pub type IdTable<T> = &'static dyn kernel::device_id::IdTable<DeviceId, T>;

/// Create a USB `IdTable` with its alias for modpost.
#[macro_export]
macro_rules! usb_device_table {
    ($($tt:tt)*) => {
        $crate::module_device_table!("usb", $crate::usb::DeviceId, $($tt)*);
    };
}
