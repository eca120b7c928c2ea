// SPDX-License-Identifier: GPL-2.0

//! Gadget Zero, 0525:a4a0: the device that the kernel's usbtest driver is written for.
//!
//! It behaves as the kernel's g_zero gadget with its default parameters, but for two things: the
//! sink does not look at the data, and there are interrupt endpoints, so that each of usbtest's 30
//! cases has something to run on.
//!
//! Configuration 3, the first one, is *source/sink*. Setting 0 has bulk IN 0x81 and OUT 0x01;
//! setting 1 has isochronous IN 0x82 and OUT 0x02, and interrupt IN 0x83 and OUT 0x03, as well. IN
//! is zeros in full packets, OUT is swallowed.
//!
//! Configuration 2 is *loopback*: what goes OUT to bulk 0x01 comes back IN on 0x81.
//!
//! | vendor request | direction | what it does |
//! | --- | --- | --- |
//! | 0x5b | out | keeps up to [`BUFFER_SIZE`] bytes |
//! | 0x5c | in | gives so many bytes of what was last kept |
//!
//! Both are to the device and stall with a wValue or a wIndex.

use crate::Description;
use crate::description::{Alternate, Class, Configuration, StringTooLong, Transfer, UsbString};
use crate::device::{Control, In, Out};
use crate::endpoint::{Address, Direction, EndpointSet};
use crate::function::Function;
use crate::reference::FIFO_SIZE;
use crate::setup::Setup;

use std::collections::VecDeque;

/// `idVendor`.
pub const VENDOR: u16 = 0x0525;
/// `idProduct`.
pub const PRODUCT: u16 = 0xa4a0;
/// Value of the source/sink configuration.
pub const SOURCE_SINK: u8 = 3;
/// Value of the loopback configuration.
pub const LOOPBACK: u8 = 2;
/// Bytes that the control requests can keep.
pub const BUFFER_SIZE: usize = 4096;

/// Codes of the vendor requests (`bRequest`).
pub mod code {
    /// The control OUT test.
    pub const WRITE: u8 = 0x5b;
    /// The control IN test.
    pub const READ: u8 = 0x5c;
}

/// Bulk OUT endpoint.
pub const BULK_OUT: Address = Address::new(0x01).expect("no reserved bit");
/// Bulk IN endpoint.
pub const BULK_IN: Address = Address::new(0x81).expect("no reserved bit");
/// Isochronous OUT endpoint.
pub const ISO_OUT: Address = Address::new(0x02).expect("no reserved bit");
/// Isochronous IN endpoint.
pub const ISO_IN: Address = Address::new(0x82).expect("no reserved bit");
/// Interrupt OUT endpoint.
pub const INTERRUPT_OUT: Address = Address::new(0x03).expect("no reserved bit");
/// Interrupt IN endpoint.
pub const INTERRUPT_IN: Address = Address::new(0x83).expect("no reserved bit");

const ISOCHRONOUS: Transfer = Transfer::Isochronous {
    max_packet: 1024,
    period_us: 1000,
};
const INTERRUPT: Transfer = Transfer::Interrupt {
    max_packet: 64,
    period_us: 1000,
};

/// The personality.
pub struct GadgetZero {
    description: Description,
    configuration: u8,
    fifo: VecDeque<u8>,
    buffer: [u8; BUFFER_SIZE],
    woken: EndpointSet,
}

impl GadgetZero {
    /// The device as it is after power-on.
    pub fn new(serial: &str) -> Result<Self, StringTooLong> {
        Ok(Self {
            description: describe(serial)?,
            configuration: 0,
            fifo: VecDeque::new(),
            buffer: [0; BUFFER_SIZE],
            woken: EndpointSet::EMPTY,
        })
    }

    fn loops(&self) -> bool {
        self.configuration == LOOPBACK
    }

    fn clear(&mut self) {
        self.fifo.clear();
        self.woken = EndpointSet::ALL;
    }
}

fn describe(serial: &str) -> Result<Description, StringTooLong> {
    let bulk = Alternate::new(Class::VENDOR)
        .endpoint(BULK_IN, Transfer::Bulk)
        .endpoint(BULK_OUT, Transfer::Bulk);
    let all = bulk
        .clone()
        .endpoint(ISO_IN, ISOCHRONOUS)
        .endpoint(ISO_OUT, ISOCHRONOUS)
        .endpoint(INTERRUPT_IN, INTERRUPT)
        .endpoint(INTERRUPT_OUT, INTERRUPT);
    let strings = ["usbpipe", "Gadget Zero", serial];
    let [manufacturer, product, serial] = strings.map(UsbString::new);
    let names = ["source and sink data", "loop input to output"].map(UsbString::new);
    let [source, lo] = names;
    Ok(Description::new(VENDOR, PRODUCT)
        .release(0x0703)
        .class(Class::VENDOR)
        .strings([manufacturer?, product?, serial?, source?, lo?])
        .configuration(
            Configuration::new(SOURCE_SINK)
                .named(4)
                .interface(vec![bulk.clone(), all]),
        )
        .configuration(Configuration::new(LOOPBACK).named(5).interface(vec![bulk])))
}

impl Function for GadgetZero {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self) {
        self.configuration = 0;
        self.buffer = [0; BUFFER_SIZE];
        self.clear();
    }

    fn configured(&mut self, value: u8) {
        self.configuration = value;
        self.clear();
    }

    fn alternate_set(&mut self, _interface: u8, _alternate: u8) {
        self.clear();
    }

    fn control(&mut self, setup: Setup, data: &[u8], _halted: &mut EndpointSet) -> Control {
        let length = usize::from(setup.length);
        let plain = setup.value == 0 && setup.index == 0 && length <= BUFFER_SIZE;
        match (setup.request_type, setup.request) {
            (0x40, code::WRITE) if plain && data.len() == length => {
                self.buffer[..length].copy_from_slice(data);
                Control::Done(Vec::new())
            }
            (0xc0, code::READ) if plain => Control::Done(self.buffer[..length].to_vec()),
            _ => Control::Stall,
        }
    }

    fn transfer_out(&mut self, _address: Address, data: &[u8]) -> Out {
        if !self.loops() {
            return Out::Accepted(data.len());
        }
        let taken = data.len().min(FIFO_SIZE - self.fifo.len());
        self.fifo.extend(&data[..taken]);
        self.woken.insert(BULK_IN);
        Out::Accepted(taken)
    }

    fn transfer_in(&mut self, address: Address, wanted: usize, buffer: &mut Vec<u8>) -> In {
        debug_assert_eq!(address.direction(), Direction::In);
        if !self.loops() {
            buffer.resize(buffer.len() + wanted, 0);
            return In::Done;
        }
        if self.fifo.is_empty() && wanted > 0 {
            return In::Pending;
        }
        let count = wanted.min(self.fifo.len());
        buffer.extend(self.fifo.drain(..count));
        self.woken.insert(BULK_OUT);
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

    fn device(configuration: u8) -> Machine<GadgetZero> {
        let mut device = Machine::new(GadgetZero::new("0").unwrap(), Speed::High);
        device.set_configuration(configuration).unwrap();
        device
    }

    fn read(device: &mut Machine<GadgetZero>, address: Address, wanted: usize) -> (In, Vec<u8>) {
        let mut buffer = Vec::new();
        (device.transfer_in(address, wanted, &mut buffer), buffer)
    }

    fn vendor(request_type: u8, request: u8, length: u16) -> Setup {
        Setup {
            request_type,
            request,
            length,
            ..Setup::default()
        }
    }

    #[test]
    fn the_source_gives_zeros_and_the_sink_takes_all() {
        let mut device = device(SOURCE_SINK);
        assert_eq!(
            device.transfer_out(BULK_OUT, &[1; 5000]),
            Out::Accepted(5000)
        );
        assert_eq!(read(&mut device, BULK_IN, 700), (In::Done, vec![0; 700]));
        assert_eq!(read(&mut device, BULK_IN, 0), (In::Done, vec![]));
        for periodic in [ISO_IN, INTERRUPT_IN] {
            assert_eq!(read(&mut device, periodic, 1).0, In::Stall);
        }
        device.set_alternate(0, 1).unwrap();
        assert_eq!(read(&mut device, ISO_IN, 9), (In::Done, vec![0; 9]));
        assert_eq!(device.transfer_out(ISO_OUT, b"xy"), Out::Accepted(2));
        assert_eq!(read(&mut device, INTERRUPT_IN, 64), (In::Done, vec![0; 64]));
        assert_eq!(device.transfer_out(INTERRUPT_OUT, b"xyz"), Out::Accepted(3));
    }

    #[test]
    fn the_loopback_gives_back() {
        let mut device = device(LOOPBACK);
        assert_eq!(read(&mut device, BULK_IN, 9).0, In::Pending);
        assert_eq!(device.transfer_out(BULK_OUT, b"ababa"), Out::Accepted(5));
        assert!(device.wakeups().contains(BULK_IN));
        assert_eq!(read(&mut device, BULK_IN, 3), (In::Done, b"aba".to_vec()));
        device.set_alternate(0, 0).unwrap();
        assert_eq!(read(&mut device, BULK_IN, 9).0, In::Pending, "emptied");
        assert!(device.set_alternate(0, 1).is_err());
        let much = vec![0; FIFO_SIZE + 1];
        assert_eq!(
            device.transfer_out(BULK_OUT, &much),
            Out::Accepted(FIFO_SIZE)
        );
    }

    #[test]
    fn control_requests_keep_and_give() {
        let mut device = device(SOURCE_SINK);
        let data: Vec<u8> = (0..=255).cycle().take(BUFFER_SIZE).collect();
        let write = vendor(0x40, code::WRITE, BUFFER_SIZE as u16);
        assert_eq!(device.control(write, &data), Control::Done(vec![]));
        let read = vendor(0xc0, code::READ, BUFFER_SIZE as u16);
        assert_eq!(device.control(read, &[]), Control::Done(data));
        let read = vendor(0xc0, code::READ, 2);
        assert_eq!(device.control(read, &[]), Control::Done(vec![0, 1]));
    }

    #[test]
    fn other_control_requests_stall() {
        let mut device = device(SOURCE_SINK);
        let good = vendor(0xc0, code::READ, 8);
        let too_long = (BUFFER_SIZE + 1) as u16;
        for bad in [
            Setup { value: 1, ..good },
            Setup { index: 1, ..good },
            vendor(0xc0, code::READ, too_long),
            vendor(0xc1, code::READ, 8),
            vendor(0xc0, code::WRITE, 8),
            vendor(0xc0, 0x5d, 8),
        ] {
            assert_eq!(device.control(bad, &[]), Control::Stall, "{bad:?}");
        }
        assert!(matches!(device.control(good, &[]), Control::Done(_)));
    }
}
