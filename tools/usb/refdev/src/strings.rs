// SPDX-License-Identifier: GPL-2.0

//! A device with odd strings, 1209:0003.
//!
//! One vendor-specific interface without endpoints, and every request of a class or a vendor
//! stalls. What there is are strings, in German only: a request for any other language stalls.
//!
//! | string | what it is |
//! | --- | --- |
//! | 1, manufacturer | empty: a descriptor of two bytes |
//! | 2, product | has characters of two, three and four bytes in UTF-8 |
//! | 3, serial number | the one asked for |
//! | 4, interface | as long as can be: 126 units |
//! | 5, configuration | surrogates without their other halves, which are no characters |
//! | 6 | control characters, a NUL among them |

use crate::Description;
use crate::description::{Alternate, Class, Configuration, StringTooLong, UsbString};
use crate::device::{Control, In, Out};
use crate::endpoint::{Address, EndpointSet};
use crate::function::Function;
use crate::reference::VENDOR;
use crate::setup::Setup;

/// `idProduct`.
pub const PRODUCT: u16 = 0x0003;
/// German (Germany), the one language.
pub const LANGUAGE: u16 = 0x0407;
/// The name of the product.
pub const NAME: &str = "Ger\u{e4}t \u{20ac} \u{1f980}";
/// A high surrogate between letters, a low one, a pair the wrong way round, a high one at the end.
pub const SURROGATES: [u16; 7] = [0x61, 0xd83e, 0x62, 0xdd80, 0xdd80, 0xd83e, 0xd800];

/// The personality.
pub struct Strings(Description);

impl Strings {
    /// The device as it is after power-on.
    pub fn new(serial: &str) -> Result<Self, StringTooLong> {
        let strings = [
            UsbString::new("")?,
            UsbString::new(NAME)?,
            UsbString::new(serial)?,
            UsbString::new("\u{df}".repeat(UsbString::MAX_UNITS))?,
            UsbString::from_units(SURROGATES.to_vec())?,
            UsbString::new("a\0b\nc\x7f")?,
        ];
        let setting = Alternate::new(Class::VENDOR).named(4);
        let configuration = Configuration::new(1).named(5).interface(vec![setting]);
        let description = Description::new(VENDOR, PRODUCT)
            .release(0x0100)
            .class(Class::VENDOR)
            .strings(strings)
            .language(LANGUAGE)
            .configuration(configuration);
        Ok(Self(description))
    }
}

impl Function for Strings {
    fn description(&self) -> &Description {
        &self.0
    }

    fn reset(&mut self) {}

    fn configured(&mut self, _value: u8) {}

    fn alternate_set(&mut self, _interface: u8, _alternate: u8) {}

    fn control(&mut self, _setup: Setup, _data: &[u8], _halted: &mut EndpointSet) -> Control {
        Control::Stall
    }

    fn transfer_out(&mut self, _address: Address, _data: &[u8]) -> Out {
        Out::Stall
    }

    fn transfer_in(&mut self, _address: Address, _wanted: usize, _buffer: &mut Vec<u8>) -> In {
        In::Stall
    }

    fn wakeups(&mut self) -> EndpointSet {
        EndpointSet::EMPTY
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Device, Machine, Speed};

    fn string(index: u16, language: u16) -> Option<Vec<u8>> {
        let mut device = Machine::new(Strings::new("7").unwrap(), Speed::High);
        let get = Setup {
            request_type: 0x80,
            request: 6,
            value: 0x0300 | index,
            index: language,
            length: 255,
        };
        match device.control(get, &[]) {
            Control::Done(data) => Some(data),
            _ => None,
        }
    }

    #[test]
    fn the_strings_are_odd() {
        assert_eq!(string(0, 0).unwrap(), [4, 3, 7, 4]);
        assert_eq!(string(1, LANGUAGE).unwrap(), [2, 3]);
        let crab = [0x3e, 0xd8, 0x80, 0xdd];
        let product = string(2, LANGUAGE).unwrap();
        assert!(product.ends_with(&crab), "{product:x?}");
        assert_eq!(string(3, LANGUAGE).unwrap(), [4, 3, b'7', 0]);
        assert_eq!(string(4, LANGUAGE).unwrap().len(), 254);
        let torn = string(5, LANGUAGE).unwrap();
        assert_eq!((torn[0], &torn[14..]), (16, &[0, 0xd8][..]));
        assert_eq!(string(6, LANGUAGE).unwrap()[4..6], [0, 0]);
        assert_eq!(string(7, LANGUAGE), None);
    }

    #[test]
    fn another_language_stalls() {
        for language in [0, 0x0409, 0x0807, 0xffff] {
            assert_eq!(string(2, language), None, "{language:#x}");
        }
    }

    #[test]
    fn the_descriptors_point_to_them() {
        let strings = Strings::new("7").unwrap();
        let description = strings.description();
        let device = description.device_descriptor(Speed::High);
        assert_eq!(device[14..17], [1, 2, 3]);
        let raw = description.configuration_descriptor(0, Speed::High);
        let raw = raw.unwrap();
        assert_eq!((raw.len(), raw[6], raw[17]), (18, 5, 4));
    }

    #[test]
    fn everything_else_stalls() {
        let mut device = Machine::new(Strings::new("7").unwrap(), Speed::Full);
        device.set_configuration(1).unwrap();
        let vendor = Setup {
            request_type: 0x40,
            ..Setup::default()
        };
        assert_eq!(device.control(vendor, &[]), Control::Stall);
    }
}
