// SPDX-License-Identifier: GPL-2.0

//! A display for text, 10d2:0001: what the kernel's usblcd driver is written for.
//!
//! One vendor-specific interface with bulk OUT 0x01 and bulk IN 0x81. What comes OUT is shown, up
//! to [`CELLS`] bytes; what is beyond falls off at the beginning. A form feed clears the display.
//! An [`ENQUIRY`] is not shown: for each one an IN transfer is answered with what the display
//! shows, and without one it waits.
//!
//! | vendor request to the device | direction | what it does |
//! | --- | --- | --- |
//! | [`code::SHOW`] | in | what the display shows, as one line of text |
//! | [`code::HOLD`] | out | wValue 1: OUT data waits; 0: it goes on |
//! | [`code::HALT`] | out | wValue 1: the IN endpoint is halted; 0: it is not |
//!
//! Everything else stalls.

use std::collections::VecDeque;

use crate::Description;
use crate::description::{Alternate, Class, Configuration, StringTooLong, Transfer, UsbString};
use crate::device::{Control, In, Out};
use crate::endpoint::{Address, EndpointSet};
use crate::function::Function;
use crate::setup::Setup;

/// `idVendor`.
pub const VENDOR: u16 = 0x10d2;
/// `idProduct`.
pub const PRODUCT: u16 = 0x0001;
/// Release of the device, binary coded decimal.
pub const RELEASE: u16 = 0x1203;
/// Characters that there is room for.
pub const CELLS: usize = 1000;
/// A byte that asks for what the display shows.
pub const ENQUIRY: u8 = 5;

/// Codes of the vendor requests (`bRequest`).
pub mod code {
    /// What does it show?
    pub const SHOW: u8 = 1;
    /// Don't take data.
    pub const HOLD: u8 = 2;
    /// Halt the IN endpoint.
    pub const HALT: u8 = 3;
}

/// Bulk OUT endpoint.
pub const BULK_OUT: Address = Address::new(0x01).expect("no reserved bit");
/// Bulk IN endpoint.
pub const BULK_IN: Address = Address::new(0x81).expect("no reserved bit");

const CLEAR: u8 = b'\x0c';

/// The personality.
pub struct Lcd {
    description: Description,
    text: VecDeque<u8>,
    /// Answers that are owed.
    enquiries: u32,
    held: bool,
    woken: EndpointSet,
}

impl Lcd {
    /// The device as it is after power-on.
    pub fn new(serial: &str) -> Result<Self, StringTooLong> {
        let [maker, product, serial] = ["usbpipe", "Text display", serial].map(UsbString::new);
        let setting = Alternate::new(Class::VENDOR)
            .endpoint(BULK_OUT, Transfer::Bulk)
            .endpoint(BULK_IN, Transfer::Bulk);
        let description = Description::new(VENDOR, PRODUCT)
            .release(RELEASE)
            .class(Class::VENDOR)
            .strings([maker?, product?, serial?])
            .configuration(Configuration::new(1).interface(vec![setting]));
        Ok(Self {
            description,
            text: VecDeque::new(),
            enquiries: 0,
            held: false,
            woken: EndpointSet::EMPTY,
        })
    }

    fn clear(&mut self) {
        self.text.clear();
        self.enquiries = 0;
        self.held = false;
        self.woken = EndpointSet::ALL;
    }

    fn take(&mut self, byte: u8) {
        match byte {
            CLEAR => self.text.clear(),
            ENQUIRY => {
                self.enquiries += 1;
                self.woken.insert(BULK_IN);
            }
            byte => {
                if self.text.len() == CELLS {
                    self.text.pop_front();
                }
                self.text.push_back(byte);
            }
        }
    }

    fn shown(&self) -> Vec<u8> {
        self.text.iter().copied().collect()
    }

    /// Carries a request without data out, if there is such a one.
    fn perform(&mut self, setup: Setup, halted: &mut EndpointSet) -> Option<()> {
        let on = match setup.value {
            0 => false,
            1 => true,
            _ => return None,
        };
        match (setup.request, on) {
            (code::HOLD, on) => {
                self.held = on;
                self.woken.insert(BULK_OUT);
            }
            (code::HALT, true) => halted.insert(BULK_IN),
            (code::HALT, false) => halted.remove(BULK_IN),
            _ => return None,
        }
        Some(())
    }
}

impl Function for Lcd {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self) {
        self.clear();
    }

    fn configured(&mut self, _value: u8) {
        self.clear();
    }

    fn alternate_set(&mut self, _interface: u8, _alternate: u8) {}

    fn control(&mut self, setup: Setup, data: &[u8], halted: &mut EndpointSet) -> Control {
        match (setup.request_type, setup.request) {
            (0xc0, code::SHOW) => {
                let shown = self.shown();
                Control::Done(shown.escape_ascii().to_string().into_bytes())
            }
            (0x40, _) if data.is_empty() => self.perform(setup, halted).map(|()| Vec::new()).into(),
            _ => Control::Stall,
        }
    }

    fn transfer_out(&mut self, _address: Address, data: &[u8]) -> Out {
        if self.held {
            return Out::Accepted(0);
        }
        data.iter().for_each(|byte| self.take(*byte));
        Out::Accepted(data.len())
    }

    fn transfer_in(&mut self, _address: Address, wanted: usize, buffer: &mut Vec<u8>) -> In {
        if wanted == 0 {
            return In::Done;
        }
        if self.enquiries == 0 {
            return In::Pending;
        }
        self.enquiries -= 1;
        buffer.extend(self.text.iter().take(wanted));
        In::Done
    }

    fn wakeups(&mut self) -> EndpointSet {
        std::mem::take(&mut self.woken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Device, Machine, Speed};

    fn device() -> Machine<Lcd> {
        let mut device = Machine::new(Lcd::new("0").unwrap(), Speed::High);
        device.set_configuration(1).unwrap();
        device.wakeups();
        device
    }

    fn read(device: &mut Machine<Lcd>, wanted: usize) -> (In, Vec<u8>) {
        let mut buffer = Vec::new();
        (device.transfer_in(BULK_IN, wanted, &mut buffer), buffer)
    }

    fn vendor(device: &mut Machine<Lcd>, request: u8, value: u16) -> Control {
        let request_type = if request == code::SHOW { 0xc0 } else { 0x40 };
        let setup = Setup {
            request_type,
            request,
            value,
            length: 0xff * u16::from(request == code::SHOW),
            ..Setup::default()
        };
        device.control(setup, &[])
    }

    #[test]
    fn it_shows_what_was_written() {
        let mut device = device();
        let write = |device: &mut Machine<Lcd>, text: &[u8]| {
            let taken = device.transfer_out(BULK_OUT, text);
            assert_eq!(taken, Out::Accepted(text.len()));
        };
        write(&mut device, b"lost\x0cHello\n");
        assert_eq!(read(&mut device, 9).0, In::Pending, "nobody has asked");
        write(&mut device, &[ENQUIRY, ENQUIRY]);
        assert!(device.wakeups().contains(BULK_IN));
        assert_eq!(read(&mut device, 9), (In::Done, b"Hello\n".to_vec()));
        assert_eq!(read(&mut device, 2), (In::Done, b"He".to_vec()));
        assert_eq!(read(&mut device, 9).0, In::Pending);
        let shown = Control::Done(b"Hello\\n".to_vec());
        assert_eq!(vendor(&mut device, code::SHOW, 0), shown);
        write(&mut device, &[b'x'; CELLS]);
        let shown = Control::Done(vec![b'x'; 0xff]);
        assert_eq!(
            vendor(&mut device, code::SHOW, 0),
            shown,
            "cut, as asked for"
        );
        write(&mut device, &[ENQUIRY]);
        assert_eq!(read(&mut device, 2 * CELLS).1, [b'x'; CELLS]);
    }

    #[test]
    fn it_can_be_held() {
        let mut device = device();
        assert_eq!(vendor(&mut device, code::HOLD, 1), Control::Done(vec![]));
        assert_eq!(device.transfer_out(BULK_OUT, b"a"), Out::Accepted(0));
        device.wakeups();
        assert_eq!(vendor(&mut device, code::HOLD, 0), Control::Done(vec![]));
        assert!(device.wakeups().contains(BULK_OUT));
        assert_eq!(device.transfer_out(BULK_OUT, b"a"), Out::Accepted(1));
    }

    #[test]
    fn it_can_be_halted() {
        let mut device = device();
        assert_eq!(vendor(&mut device, code::HALT, 1), Control::Done(vec![]));
        assert_eq!(read(&mut device, 1).0, In::Stall);
        assert_eq!(vendor(&mut device, code::HALT, 0), Control::Done(vec![]));
        assert_eq!(read(&mut device, 1).0, In::Pending);
    }

    #[test]
    fn what_it_does_not_know_stalls() {
        let mut device = device();
        for (request, value) in [(code::HOLD, 2), (code::HALT, 2), (0, 0), (4, 0)] {
            assert_eq!(vendor(&mut device, request, value), Control::Stall);
        }
    }
}
