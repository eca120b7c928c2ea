// SPDX-License-Identifier: GPL-2.0

//! Typed description of a device, from which the descriptors of every speed are made.

use std::fmt;

use crate::endpoint::Address;
use crate::speed::Speed;

/// Class, subclass and protocol codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Class {
    /// `bDeviceClass` or `bInterfaceClass`.
    pub class: u8,
    /// `bDeviceSubClass` or `bInterfaceSubClass`.
    pub subclass: u8,
    /// `bDeviceProtocol` or `bInterfaceProtocol`.
    pub protocol: u8,
}

impl Class {
    /// Defined by the vendor.
    pub const VENDOR: Self = Self {
        class: 0xff,
        subclass: 0,
        protocol: 0,
    };
}

/// A text that fits into a string descriptor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsbString(Vec<u16>);

/// A text is too long for a string descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StringTooLong {
    /// Its length in UTF-16 units.
    pub units: usize,
}

impl fmt::Display for StringTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (units, most) = (self.units, UsbString::MAX_UNITS);
        write!(
            f,
            "a USB string holds at most {most} UTF-16 units, this one has {units}"
        )
    }
}

impl std::error::Error for StringTooLong {}

impl UsbString {
    /// A descriptor has 255 bytes at most, two of them its header.
    pub const MAX_UNITS: usize = 126;

    /// Checks the length.
    pub fn new(text: impl Into<String>) -> Result<Self, StringTooLong> {
        Self::from_units(text.into().encode_utf16().collect())
    }

    /// Any UTF-16 units, be they a text or not.
    pub fn from_units(units: Vec<u16>) -> Result<Self, StringTooLong> {
        if units.len() > Self::MAX_UNITS {
            let units = units.len();
            return Err(StringTooLong { units });
        }
        Ok(Self(units))
    }

    /// The UTF-16 units.
    pub fn units(&self) -> &[u16] {
        &self.0
    }
}

/// Transfer type of an endpoint, with what only that type has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transfer {
    /// Bulk: the packet size follows from the speed.
    Bulk,
    /// Bulk, with streams at SuperSpeed: 2 to the power of this (`MaxStreams`), at most 16.
    BulkStreams(u8),
    /// Interrupt.
    Interrupt {
        /// Packet size in bytes (`wMaxPacketSize`).
        max_packet: u16,
        /// Service period in microseconds.
        period_us: u32,
    },
    /// Isochronous.
    Isochronous {
        /// Packet size in bytes (`wMaxPacketSize`).
        max_packet: u16,
        /// Service period in microseconds.
        period_us: u32,
    },
}

impl Transfer {
    /// The transfer type bits of `bmAttributes`.
    pub const fn code(self) -> u8 {
        match self {
            Self::Isochronous { .. } => 1,
            Self::Bulk | Self::BulkStreams(_) => 2,
            Self::Interrupt { .. } => 3,
        }
    }

    /// Packet size in bytes at a speed (`wMaxPacketSize`).
    pub const fn max_packet(self, speed: Speed) -> u16 {
        match self {
            Self::Bulk | Self::BulkStreams(_) => speed.bulk_max_packet(),
            Self::Interrupt { max_packet, .. } => max_packet,
            Self::Isochronous { max_packet, .. } => {
                let most = speed.iso_max_packet();
                if max_packet < most { max_packet } else { most }
            }
        }
    }

    /// Time from one packet to the next on an isochronous endpoint, in microseconds.
    pub fn iso_period_us(self, speed: Speed) -> Option<u64> {
        match self {
            Self::Isochronous { .. } => Some(speed.iso_period_us(self.interval(speed))),
            Self::Bulk | Self::BulkStreams(_) | Self::Interrupt { .. } => None,
        }
    }

    /// Streams that there are at a speed, as an exponent of 2; 0 stands for none.
    pub fn streams_exponent(self, speed: Speed) -> u8 {
        match self {
            Self::BulkStreams(exponent) if speed == Speed::Super => exponent,
            _ => 0,
        }
    }

    /// Streams that there are at a speed.
    pub fn streams(self, speed: Speed) -> u32 {
        match self.streams_exponent(speed) {
            0 => 0,
            exponent => 1 << exponent,
        }
    }

    /// `bInterval` at a speed; a bulk endpoint has none.
    pub fn interval(self, speed: Speed) -> u8 {
        match self {
            Self::Bulk | Self::BulkStreams(_) => 0,
            Self::Interrupt { period_us, .. } => speed.interval(period_us),
            Self::Isochronous { period_us, .. } => speed.iso_interval(period_us),
        }
    }
}

/// One endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Number and direction.
    pub address: Address,
    /// How it transfers.
    pub transfer: Transfer,
}

/// One alternate setting of an interface.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alternate {
    /// What it is.
    pub class: Class,
    /// Number of the string that names it, or 0 (`iInterface`).
    pub name: u8,
    /// Its endpoints, in the order of the descriptors.
    pub endpoints: Vec<Endpoint>,
}

impl Alternate {
    /// A setting without endpoints.
    pub fn new(class: Class) -> Self {
        Self {
            class,
            name: 0,
            endpoints: Vec::new(),
        }
    }

    /// Names it by the number of a string.
    #[must_use]
    pub fn named(mut self, string: u8) -> Self {
        self.name = string;
        self
    }

    /// Adds an endpoint.
    #[must_use]
    pub fn endpoint(mut self, address: Address, transfer: Transfer) -> Self {
        self.endpoints.push(Endpoint { address, transfer });
        self
    }
}

/// One configuration. Interfaces and alternate settings are numbered by their position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// What SET_CONFIGURATION takes (`bConfigurationValue`).
    pub value: u8,
    /// Number of the string that names it, or 0 (`iConfiguration`).
    pub name: u8,
    /// Current drawn from the bus, in milliamperes.
    pub power_ma: u16,
    /// Alternate settings of each interface.
    pub interfaces: Vec<Vec<Alternate>>,
}

impl Configuration {
    /// A bus-powered configuration without interfaces.
    pub fn new(value: u8) -> Self {
        Self {
            value,
            name: 0,
            power_ma: 100,
            interfaces: Vec::new(),
        }
    }

    /// Names it by the number of a string.
    #[must_use]
    pub fn named(mut self, string: u8) -> Self {
        self.name = string;
        self
    }

    /// Adds an interface with its alternate settings.
    #[must_use]
    pub fn interface(mut self, alternates: Vec<Alternate>) -> Self {
        self.interfaces.push(alternates);
        self
    }

    /// One setting of one interface.
    pub fn alternate(&self, interface: u8, alternate: u8) -> Option<&Alternate> {
        self.interfaces
            .get(usize::from(interface))?
            .get(usize::from(alternate))
    }
}

/// A whole device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// `idVendor`.
    pub vendor: u16,
    /// `idProduct`.
    pub product: u16,
    /// Release of the device, binary coded decimal (`bcdDevice`).
    pub release: u16,
    /// Class of the device as a whole.
    pub class: Class,
    /// String descriptors from 1 on. The first three are manufacturer, product and serial number.
    pub strings: Vec<UsbString>,
    /// The one language that the strings come in (USB-IF LANGID).
    pub language: u16,
    /// At least one.
    pub configurations: Vec<Configuration>,
}

impl Description {
    /// A device without strings and configurations.
    pub fn new(vendor: u16, product: u16) -> Self {
        Self {
            vendor,
            product,
            release: 0,
            class: Class::default(),
            strings: Vec::new(),
            language: crate::descriptor::LANGUAGE,
            configurations: Vec::new(),
        }
    }

    /// Sets the release, binary coded decimal.
    #[must_use]
    pub fn release(mut self, bcd: u16) -> Self {
        self.release = bcd;
        self
    }

    /// Sets the class of the device.
    #[must_use]
    pub fn class(mut self, class: Class) -> Self {
        self.class = class;
        self
    }

    /// Sets manufacturer, product, serial number, and whatever else there is.
    #[must_use]
    pub fn strings(mut self, strings: impl Into<Vec<UsbString>>) -> Self {
        self.strings = strings.into();
        self
    }

    /// Sets the language of the strings.
    #[must_use]
    pub fn language(mut self, language: u16) -> Self {
        self.language = language;
        self
    }

    /// Adds a configuration.
    #[must_use]
    pub fn configuration(mut self, configuration: Configuration) -> Self {
        self.configurations.push(configuration);
        self
    }

    /// The configuration with this value.
    pub fn by_value(&self, value: u8) -> Option<&Configuration> {
        self.configurations
            .iter()
            .find(|configuration| configuration.value == value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_fits_or_is_refused() {
        assert!(UsbString::new("x".repeat(126)).is_ok());
        let refused = UsbString::new("x".repeat(127)).unwrap_err();
        assert_eq!(refused, StringTooLong { units: 127 });
        assert!(refused.to_string().contains("at most 126"));
        // Characters outside the basic plane take two units.
        assert!(UsbString::new("\u{1f980}".repeat(63)).is_ok());
        assert!(UsbString::new("\u{1f980}".repeat(64)).is_err());
    }

    #[test]
    fn a_setting_is_found_by_its_numbers() {
        let first = Alternate::new(Class::VENDOR);
        let second = Alternate::new(Class::default());
        let configuration = Configuration::new(7).interface(vec![first.clone(), second.clone()]);
        assert_eq!(configuration.alternate(0, 0), Some(&first));
        assert_eq!(configuration.alternate(0, 1), Some(&second));
        assert_eq!(configuration.alternate(0, 2), None);
        assert_eq!(configuration.alternate(1, 0), None);
        let device = Description::new(1, 2).configuration(configuration.clone());
        assert_eq!(device.by_value(7), Some(&configuration));
        assert_eq!(device.by_value(0), None);
    }
}
