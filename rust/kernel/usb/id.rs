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
    },
    prelude::*, //
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
    /// It has to be the last of its table, or the build fails: nobody would get to what is behind
    /// it. In C it is an entry with nothing but `driver_info`, which is where the table keeps what
    /// belongs to an entry. No program loads a module for it.
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

impl DeviceId {
    /// Whether the C core takes it for the end of a table, unless it has `driver_info`.
    const fn is_blank(&self) -> bool {
        let id = &self.0;
        id.idVendor == 0 && id.idProduct == 0 && id.bDeviceClass == 0 && id.bInterfaceClass == 0
    }

    // Whether a table of these has no entry behind one that matches everything.
    #[doc(hidden)]
    pub const fn is_table(ids: &[Self]) -> bool {
        let mut index = 1;
        while index < ids.len() {
            if ids[index - 1].0.match_flags == 0 {
                return false;
            }
            index += 1;
        }
        true
    }

    // Whether a table of these, without `driver_info`, ends where it should.
    #[doc(hidden)]
    pub const fn is_plain_table(ids: &[Self]) -> bool {
        let mut index = 0;
        while index < ids.len() {
            if ids[index].is_blank() {
                return false;
            }
            index += 1;
        }
        true
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
    ($name:ident, @none, [$($id:expr),* $(,)?] $(,)?) => {
        const _: () = ::core::assert!(
            $crate::usb::DeviceId::is_plain_table(&[$($id),*]),
            "an entry without vendor, product and class ends a table whose entries have no data"
        );
        $crate::module_device_table!("usb", $crate::usb::DeviceId, $name, @none, [$($id),*]);
    };
    ($name:ident, $info_type:ty, [$(($id:expr, $info:expr $(,)?)),* $(,)?] $(,)?) => {
        const _: () = ::core::assert!(
            $crate::usb::DeviceId::is_table(&[$($id),*]),
            "`DeviceId::any()` matches everything, so it is the last entry of its table"
        );
        $crate::module_device_table!(
            "usb",
            $crate::usb::DeviceId,
            $name,
            $info_type,
            [$(($id, $info)),*]
        );
    };
}

#[kunit_tests(rust_usb_id)]
mod tests {
    use super::*;

    /// `match_flags` in `include/linux/mod_devicetable.h`: vendor and product, releases, class,
    /// subclass and protocol of the device, the same of the interface, and its number.
    const VENDOR: u16 = 0x0001;
    const PRODUCT: u16 = 0x0002;
    const RELEASES: u16 = 0x000c;
    const DEVICE: u16 = 0x0070;
    const CLASS: u16 = 0x0080;
    const PROTOCOL: u16 = 0x0200;
    const INTERFACE: u16 = 0x0380;
    const NUMBER: u16 = 0x0400;

    /// Vendor, product, releases, class triples of device and interface, number.
    fn fields(id: DeviceId) -> [u16; 11] {
        let id = id.0;
        [
            id.idVendor,
            id.idProduct,
            id.bcdDevice_lo,
            id.bcdDevice_hi,
            id.bDeviceClass.into(),
            id.bDeviceSubClass.into(),
            id.bDeviceProtocol.into(),
            id.bInterfaceClass.into(),
            id.bInterfaceSubClass.into(),
            id.bInterfaceProtocol.into(),
            id.bInterfaceNumber.into(),
        ]
    }

    #[test]
    fn each_id_matches_what_its_macro_does() {
        const MAX: u16 = u16::MAX;
        for byte in [0, 1, u8::MAX] {
            let b = u16::from(byte);
            for (id, flags, expected) in [
                (
                    DeviceId::from_id(MAX, b),
                    VENDOR | PRODUCT,
                    [MAX, b, 0, 0, 0, 0, 0, 0, 0, 0, 0],
                ),
                (
                    DeviceId::from_vendor(MAX),
                    VENDOR,
                    [MAX, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
                ),
                (
                    DeviceId::from_device_ver(1, 2, b, MAX),
                    VENDOR | PRODUCT | RELEASES,
                    [1, 2, b, MAX, 0, 0, 0, 0, 0, 0, 0],
                ),
                (
                    DeviceId::from_device_info(byte, 2, 3),
                    DEVICE,
                    [0, 0, 0, 0, b, 2, 3, 0, 0, 0, 0],
                ),
                (
                    DeviceId::from_interface_info(1, byte, 3),
                    INTERFACE,
                    [0, 0, 0, 0, 0, 0, 0, 1, b, 3, 0],
                ),
                (DeviceId::any(), 0, [0; 11]),
            ] {
                assert_eq!(id.0.match_flags, flags);
                assert_eq!(fields(id), expected);
            }
        }
    }

    #[test]
    fn ids_of_two_kinds_match_both() {
        for byte in [0, 1, u8::MAX] {
            let b = u16::from(byte);
            for (id, flags, expected) in [
                (
                    DeviceId::from_device_interface_class(1, 2, byte),
                    VENDOR | PRODUCT | CLASS,
                    [1, 2, 0, 0, 0, 0, 0, b, 0, 0, 0],
                ),
                (
                    DeviceId::from_device_interface_protocol(1, 2, byte),
                    VENDOR | PRODUCT | PROTOCOL,
                    [1, 2, 0, 0, 0, 0, 0, 0, 0, b, 0],
                ),
                (
                    DeviceId::from_device_interface_number(1, 2, byte),
                    VENDOR | PRODUCT | NUMBER,
                    [1, 2, 0, 0, 0, 0, 0, 0, 0, 0, b],
                ),
                (
                    DeviceId::from_device_and_interface_info(1, 2, 3, byte, 5),
                    VENDOR | PRODUCT | INTERFACE,
                    [1, 2, 0, 0, 0, 0, 0, 3, b, 5, 0],
                ),
                (
                    DeviceId::from_vendor_and_interface_info(1, 3, 4, byte),
                    VENDOR | INTERFACE,
                    [1, 0, 0, 0, 0, 0, 0, 3, 4, b, 0],
                ),
            ] {
                assert_eq!(id.0.match_flags, flags);
                assert_eq!(fields(id), expected);
            }
        }
    }

    #[test]
    fn what_matches_everything_is_the_last() {
        let (one, any) = (DeviceId::from_id(1, 2), DeviceId::any());
        for (ids, is_table) in [
            (&[][..], true),
            (&[any], true),
            (&[one, any], true),
            (&[any, one], false),
            (&[one, any, any], false),
        ] {
            assert_eq!(DeviceId::is_table(ids), is_table);
        }
    }

    #[test]
    fn entries_without_data_don_t_look_like_the_end() {
        let end = DeviceId::from_interface_info(0, 1, 1);
        for (id, is_table) in [
            (DeviceId::from_vendor(1), true),
            (DeviceId::from_id(0, 1), true),
            (DeviceId::from_device_info(1, 0, 0), true),
            (DeviceId::from_interface_info(1, 0, 0), true),
            (end, false),
            (DeviceId::any(), false),
        ] {
            assert_eq!(DeviceId::is_plain_table(&[id]), is_table);
            assert_eq!(
                DeviceId::is_plain_table(&[DeviceId::from_vendor(1), id]),
                is_table
            );
        }
        assert!(DeviceId::is_table(&[end, end]));
    }
}
