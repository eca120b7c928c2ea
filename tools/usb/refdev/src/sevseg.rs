// SPDX-License-Identifier: GPL-2.0

//! A display of eight digits with seven segments each, 0fc5:1227: what the kernel's usbsevseg
//! driver is written for.
//!
//! One vendor-specific interface without endpoints. Its requests have a `bmRequestType` of 0x48, a
//! vendor's to a reserved recipient, and a `bRequest` of 0x12. The low byte of `wValue` is 10, the
//! high byte says what the request is about:
//!
//! | wValue >> 8 | wIndex | data |
//! | --- | --- | --- |
//! | 80, power | 1 on, 0 off | none |
//! | 82, mode | two bytes | none |
//! | 85, text | 0 raw, 1 hex, 2 ascii | up to [`DIGITS`] bytes, the rightmost digit first |
//! | 86, points | a bit for each digit, the lowest one for the rightmost | none |
//!
//! The vendor request [`SHOW`] to the device (0xc0) answers with a line of text that says what the
//! display was told. Everything else stalls.

use std::fmt;

use crate::Description;
use crate::description::{Alternate, Class, Configuration, StringTooLong, UsbString};
use crate::device::{Control, In, Out};
use crate::endpoint::{Address, EndpointSet};
use crate::function::Function;
use crate::setup::Setup;

/// `idVendor`.
pub const VENDOR: u16 = 0x0fc5;
/// `idProduct`.
pub const PRODUCT: u16 = 0x1227;
/// Digits of the display.
pub const DIGITS: usize = 8;
/// `bRequest` of the request that asks what the display was told.
pub const SHOW: u8 = 1;

/// What the display was told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Panel {
    power: u16,
    mode: u16,
    coding: u16,
    /// As the reader sees it, from left to right.
    text: Vec<u8>,
    points: u8,
    /// How many requests that was.
    requests: u32,
}

impl Panel {
    /// Carries a request out, if there is such a one.
    fn perform(&mut self, setup: Setup, data: &[u8]) -> Option<()> {
        let [low, high] = setup.value.to_le_bytes();
        if (setup.request_type, setup.request, low) != (0x48, 0x12, 10) {
            return None;
        }
        match (high, data.len()) {
            (80, 0) if setup.index < 2 => self.power = setup.index,
            (82, 0) => self.mode = setup.index,
            (85, length) if setup.index < 3 && length <= DIGITS => {
                self.coding = setup.index;
                self.text = data.iter().rev().copied().collect();
            }
            (86, 0) => self.points = u8::try_from(setup.index).ok()?,
            _ => return None,
        }
        self.requests += 1;
        Some(())
    }
}

impl fmt::Display for Panel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let power = ["off", "on"][usize::from(self.power)];
        let coding = ["raw", "hex", "ascii"][usize::from(self.coding)];
        let (text, points) = (self.text.escape_ascii(), self.points);
        write!(
            f,
            "{power} mode {:04x} {coding} \"{text}\" points {points:08b} after {} requests",
            self.mode, self.requests
        )
    }
}

/// The personality.
pub struct SevSeg {
    description: Description,
    panel: Panel,
}

impl SevSeg {
    /// The device as it is after power-on.
    pub fn new(serial: &str) -> Result<Self, StringTooLong> {
        let [maker, product, serial] = ["usbpipe", "Seven segments", serial].map(UsbString::new);
        let setting = Alternate::new(Class::VENDOR);
        Ok(Self {
            description: Description::new(VENDOR, PRODUCT)
                .release(0x0100)
                .class(Class::VENDOR)
                .strings([maker?, product?, serial?])
                .configuration(Configuration::new(1).interface(vec![setting])),
            panel: Panel::default(),
        })
    }
}

impl Function for SevSeg {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self) {
        self.panel = Panel::default();
    }

    fn configured(&mut self, _value: u8) {}

    fn alternate_set(&mut self, _interface: u8, _alternate: u8) {}

    fn control(&mut self, setup: Setup, data: &[u8], _halted: &mut EndpointSet) -> Control {
        if (setup.request_type, setup.request) == (0xc0, SHOW) {
            return Control::Done(self.panel.to_string().into_bytes());
        }
        self.panel.perform(setup, data).map(|()| Vec::new()).into()
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

    fn device() -> Machine<SevSeg> {
        let mut device = Machine::new(SevSeg::new("0").unwrap(), Speed::Full);
        device.set_configuration(1).unwrap();
        device
    }

    fn tell(what: u8, index: u16, length: usize) -> Setup {
        Setup {
            request_type: 0x48,
            request: 0x12,
            value: u16::from_le_bytes([10, what]),
            index,
            length: length as u16,
        }
    }

    fn shown(device: &mut Machine<SevSeg>) -> String {
        let show = Setup {
            request_type: 0xc0,
            request: SHOW,
            length: 100,
            ..Setup::default()
        };
        match device.control(show, &[]) {
            Control::Done(text) => String::from_utf8(text).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn it_shows_what_it_was_told() {
        let mut device = device();
        let empty = "off mode 0000 raw \"\" points 00000000 after 0 requests";
        assert_eq!(shown(&mut device), empty);
        for (what, index, data) in [
            (80, 1, &b""[..]),
            (82, 0x063f, b""),
            (85, 2, b"\x00OLLEH"),
            (86, 0x85, b""),
        ] {
            let setup = tell(what, index, data.len());
            assert_eq!(device.control(setup, data), Control::Done(vec![]));
        }
        assert_eq!(
            shown(&mut device),
            "on mode 063f ascii \"HELLO\\x00\" points 10000101 after 4 requests"
        );
        device.reset();
        assert_eq!(shown(&mut device), empty);
    }

    #[test]
    fn what_it_does_not_know_stalls() {
        let mut device = device();
        let power = tell(80, 1, 0);
        let cases = [
            (tell(80, 2, 0), 0),
            (tell(81, 0, 0), 0),
            (tell(82, 0, 1), 1),
            (tell(85, 3, 0), 0),
            (tell(85, 0, DIGITS + 1), DIGITS + 1),
            (tell(86, 0x100, 0), 0),
            (
                Setup {
                    request_type: 0x40,
                    ..power
                },
                0,
            ),
            (
                Setup {
                    request: 0x13,
                    ..power
                },
                0,
            ),
            (
                Setup {
                    value: 80 << 8,
                    ..power
                },
                0,
            ),
        ];
        for (setup, length) in cases {
            let answer = device.control(setup, &vec![0; length]);
            assert_eq!(answer, Control::Stall, "{setup:?}");
        }
        assert!(shown(&mut device).ends_with("after 0 requests"));
        assert_eq!(device.control(power, &[]), Control::Done(vec![]));
    }
}
