// SPDX-License-Identifier: GPL-2.0

//! The device as a whole (USB 2.0, 9.6.1 and 9.6.2).

use super::{
    view::view,
    DescriptorType,
    Error,
    ErrorKind,
    Raw, //
};
use crate::{
    prelude::kunit_tests,
    usb::Speed, //
};

view! {
    /// What a device says of itself (USB 2.0, 9.6.1; USB 3.2, 9.6.1).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::{descriptor, Speed};
    ///
    /// let device = descriptor::Device::parse(&[
    ///     18, 1, 0x10, 0x02, 0xef, 2, 1, 64, 0x34, 0x12, 0x78, 0x56, 0x21, 0x43, 1, 2, 3, 1,
    /// ])?;
    /// assert_eq!(device.usb_release(), 0x0210);
    /// assert_eq!((device.class(), device.subclass(), device.protocol()), (0xef, 2, 1));
    /// assert_eq!((device.vendor_id(), device.product_id()), (0x1234, 0x5678));
    /// assert_eq!(device.device_release(), 0x4321);
    /// assert_eq!(device.manufacturer_string(), 1);
    /// assert_eq!(device.product_string(), 2);
    /// assert_eq!(device.serial_number_string(), 3);
    /// assert_eq!(device.configurations(), 1);
    /// assert_eq!(device.control_max_packet(Speed::High), Some(64));
    /// // At SuperSpeed the field is an exponent, and must be 9.
    /// assert_eq!(device.control_max_packet(Speed::Super), None);
    /// assert_eq!(device.control_max_packet_raw(), 64);
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_device_descriptor")]
    pub struct Device: DEVICE, size 18 {
        /// The USB specification it follows, in binary coded decimal.
        2 => usb_release: u16, "bcdUSB";
        /// The class of the whole device, 0 if its interfaces have their own.
        4 => class: u8, "bDeviceClass";
        /// The subclass in that class.
        5 => subclass: u8, "bDeviceSubClass";
        /// The protocol in that subclass.
        6 => protocol: u8, "bDeviceProtocol";
        /// The field that [`control_max_packet`](Self::control_max_packet) gives a meaning.
        7 => control_max_packet_raw: u8, "bMaxPacketSize0";
        /// Who made it.
        8 => vendor_id: u16, "idVendor";
        /// Which of its maker's products it is.
        10 => product_id: u16, "idProduct";
        /// The release of the device, in binary coded decimal.
        12 => device_release: u16, "bcdDevice";
        /// The index of the string that names its maker, 0 if there is none.
        14 => manufacturer_string: u8, "iManufacturer";
        /// The index of the string that names the product, 0 if there is none.
        15 => product_string: u8, "iProduct";
        /// The index of the string with its serial number, 0 if there is none.
        16 => serial_number_string: u8, "iSerialNumber";
        /// How many configurations it has at this speed.
        17 => configurations: u8, "bNumConfigurations";
    }
}

impl Device<'_> {
    /// The largest packet of endpoint 0, in bytes; `None` if it is not one that `speed` allows.
    pub fn control_max_packet(&self, speed: Speed) -> Option<u16> {
        control_max_packet(self.control_max_packet_raw(), speed)
    }
}

view! {
    /// What the device would say of itself at the other speed, full or high (USB 2.0, 9.6.2).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::{descriptor::DeviceQualifier, Speed};
    ///
    /// let other = DeviceQualifier::parse(&[10, 6, 0x00, 0x02, 9, 0, 1, 64, 2, 0])?;
    /// assert_eq!(other.usb_release(), 0x0200);
    /// assert_eq!((other.class(), other.subclass(), other.protocol()), (9, 0, 1));
    /// assert_eq!(other.control_max_packet(Speed::Full), Some(64));
    /// assert_eq!(other.control_max_packet_raw(), 64);
    /// assert_eq!(other.configurations(), 2);
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_qualifier_descriptor")]
    pub struct DeviceQualifier: DEVICE_QUALIFIER, size 10 {
        /// The USB specification it follows, in binary coded decimal.
        2 => usb_release: u16, "bcdUSB";
        /// The class of the whole device, 0 if its interfaces have their own.
        4 => class: u8, "bDeviceClass";
        /// The subclass in that class.
        5 => subclass: u8, "bDeviceSubClass";
        /// The protocol in that subclass.
        6 => protocol: u8, "bDeviceProtocol";
        /// The field that [`control_max_packet`](Self::control_max_packet) gives a meaning.
        7 => control_max_packet_raw: u8, "bMaxPacketSize0";
        /// How many configurations it has at the other speed.
        8 => configurations: u8, "bNumConfigurations";
    }
}

impl DeviceQualifier<'_> {
    /// The largest packet of endpoint 0, in bytes; `None` if it is not one that `speed`, the
    /// other one, allows.
    pub fn control_max_packet(&self, speed: Speed) -> Option<u16> {
        control_max_packet(self.control_max_packet_raw(), speed)
    }
}

/// USB 2.0, 5.5.3: 8 bytes at low speed, 64 at high speed, either or between at full speed.
/// USB 3.2, 9.6.1: always 2 to the power of 9.
fn control_max_packet(field: u8, speed: Speed) -> Option<u16> {
    match (speed, field) {
        (Speed::Super | Speed::SuperPlus, 9) => Some(512),
        (Speed::Super | Speed::SuperPlus, _) => None,
        (Speed::Low, 8) | (Speed::High, 64) => Some(field.into()),
        (Speed::Low | Speed::High, _) => None,
        (_, 8 | 16 | 32 | 64) => Some(field.into()),
        _ => None,
    }
}

#[kunit_tests(rust_usb_descriptor_device)]
mod tests {
    use super::*;

    #[test]
    fn control_packets_have_the_sizes_of_the_speed() {
        let allowed = |speed, field| control_max_packet(field, speed).is_some();
        for field in 0..=0xff_u8 {
            let is_power = [8, 16, 32, 64].contains(&field);
            assert_eq!(allowed(Speed::Low, field), field == 8);
            assert_eq!(allowed(Speed::Full, field), is_power);
            assert_eq!(allowed(Speed::High, field), field == 64);
            assert_eq!(allowed(Speed::Super, field), field == 9);
            assert_eq!(allowed(Speed::SuperPlus, field), field == 9);
        }
        assert_eq!(control_max_packet(9, Speed::Super), Some(512));
        assert_eq!(control_max_packet(32, Speed::Full), Some(32));
    }

    #[test]
    fn too_short_ones_are_refused() {
        let device = [17, 1, 0, 2, 0, 0, 0, 64, 1, 2, 3, 4, 5, 6, 7, 8, 9];
        let kind = Device::parse(&device).map_err(|error| error.kind());
        assert_eq!(kind.err(), Some(ErrorKind::TooShort));
        let qualifier = [9, 6, 0, 2, 0, 0, 0, 64, 1];
        let kind = DeviceQualifier::parse(&qualifier).map_err(|error| error.kind());
        assert_eq!(kind.err(), Some(ErrorKind::TooShort));
    }
}
