// SPDX-License-Identifier: GPL-2.0

//! The reference device, 1209:0001.
//!
//! One vendor-specific interface with bulk OUT 0x01, bulk IN 0x81 and interrupt IN 0x82. Alternate
//! setting 1 has four more endpoints: isochronous OUT 0x03 and IN 0x83, interrupt OUT 0x04 and IN
//! 0x84.
//!
//! # Data
//! In *loopback* mode (the default) bytes sent OUT come back IN in the same order through a FIFO
//! of [`FIFO_SIZE`] bytes. OUT waits while it is full, IN while it is empty. An IN transfer ends
//! with whatever is there, up to what was asked for.
//!
//! In *source/sink* mode OUT is swallowed and IN is the endless [`Pattern`] of the current seed.
//!
//! Both modes count bytes and keep a CRC-32C of each direction.
//!
//! Each of the other pairs is a loopback, too, which keeps packets apart and holds up to
//! [`PACKET_QUEUE`] of them. Isochronous packets beyond that are lost, and IN packets are empty
//! while there is nothing; interrupt transfers wait. In source/sink mode the isochronous pair is a
//! sink, and a source of a [`Pattern`] of its own, in full packets. None of this is counted.
//!
//! # Vendor requests
//! Recipient device or interface 0, all numbers little-endian, codes in [`request::code`].
//! Anything else stalls, as does a data stage where none belongs.
//!
//! | request | direction | wValue | data |
//! | --- | --- | --- | --- |
//! | SET_MODE | out | 0 loopback, 1 source/sink | none; empties the data path, restarts the pattern |
//! | GET_STATUS | in | | [`Status`], 48 bytes |
//! | TRIGGER_EVENT | out | code | none; queues an [`Event`], stalls while [`EVENT_QUEUE`] wait |
//! | SCRATCH_WRITE | out | | up to [`SCRATCH_SIZE`] bytes to keep |
//! | SCRATCH_READ | in | | what was last written |
//! | SET_SEED | out | seed if there is no data | none, or 4 bytes of seed; restarts the pattern |
//! | HALT | out | endpoint address | none; it stalls until CLEAR_FEATURE(ENDPOINT_HALT) |
//! | NEVER_ANSWER | in | | never comes: waits until cancelled |
//!
//! # What survives
//! A bus reset brings everything back to power-on. SET_CONFIGURATION and SET_INTERFACE empty the
//! data path (FIFO, counters, checksums, events, packets) and keep mode, seed and scratch memory.
//!
//! # Two interfaces
//! [`Reference::two_interfaces`] is 1209:0002: the interrupt endpoint belongs to interface 0, which
//! is vendor-specific, the bulk endpoints to interface 1, of class 0x0a (data). Its alternate
//! setting 0 has no endpoints, setting 1 has both. Everything else is the same.
//!
//! # Streams
//! [`Reference::with_streams`] is 1209:0004: at super speed its bulk endpoints have streams, 16
//! each, if the host can tell it of them. What they do is up to who serves the device; without a
//! stream everything else is the same.

mod data;
mod events;
mod packets;
mod pattern;
pub mod request;
mod status;

use crate::Description;
use crate::description::{Alternate, Class, Configuration, StringTooLong, Transfer, UsbString};
use crate::device::{Control, In, Out};
use crate::endpoint::{Address, EndpointSet};
use crate::function::Function;
use crate::setup::Setup;

use data::DataPath;
pub use data::{FIFO_SIZE, Mode};
use events::Events;
pub use events::{EVENT_QUEUE, Event};
pub use packets::PACKET_QUEUE;
use packets::Packets;
pub use pattern::Pattern;
use request::Request;
pub use status::Status;

/// `idVendor`.
pub const VENDOR: u16 = 0x1209;
/// `idProduct`.
pub const PRODUCT: u16 = 0x0001;
/// `idProduct` of the variant with two interfaces.
pub const PRODUCT_TWO_INTERFACES: u16 = 0x0002;
/// `idProduct` of the variant with bulk streams.
pub const PRODUCT_STREAMS: u16 = 0x0004;
/// Its bulk endpoints have 16 streams each.
const STREAMS_EXPONENT: u8 = 4;
/// Bytes that SCRATCH_WRITE can keep.
pub const SCRATCH_SIZE: usize = 4096;

/// Bulk OUT endpoint.
pub const BULK_OUT: Address = Address::new(0x01).expect("no reserved bit");
/// Bulk IN endpoint.
pub const BULK_IN: Address = Address::new(0x81).expect("no reserved bit");
/// Interrupt IN endpoint.
pub const INTERRUPT_IN: Address = Address::new(0x82).expect("no reserved bit");
/// Isochronous OUT endpoint, in alternate setting 1.
pub const ISO_OUT: Address = Address::new(0x03).expect("no reserved bit");
/// Isochronous IN endpoint, in alternate setting 1.
pub const ISO_IN: Address = Address::new(0x83).expect("no reserved bit");
/// Interrupt OUT endpoint, in alternate setting 1.
pub const LOOP_OUT: Address = Address::new(0x04).expect("no reserved bit");
/// Interrupt IN endpoint that gives back what came on the OUT endpoint, in alternate setting 1.
pub const LOOP_IN: Address = Address::new(0x84).expect("no reserved bit");

/// Endpoints that can be halted.
const HALTING: [Address; 5] = [BULK_OUT, BULK_IN, INTERRUPT_IN, LOOP_OUT, LOOP_IN];

const INTERRUPT: Transfer = Transfer::Interrupt {
    max_packet: 64,
    period_us: 8000,
};
const ISOCHRONOUS: Transfer = Transfer::Isochronous {
    max_packet: 512,
    period_us: 1000,
};
const DATA: Class = Class {
    class: 0x0a,
    subclass: 0,
    protocol: 0,
};

/// The personality.
pub struct Reference {
    description: Description,
    data: DataPath,
    events: Events,
    iso_loop: Packets,
    iso_source: Pattern,
    interrupt_loop: Packets,
    scratch: Vec<u8>,
    woken: EndpointSet,
}

impl Reference {
    /// The device as it is after power-on.
    pub fn new(serial: &str) -> Result<Self, StringTooLong> {
        Ok(Self::described(describe(serial, Transfer::Bulk)?))
    }

    /// The variant with bulk streams.
    pub fn with_streams(serial: &str) -> Result<Self, StringTooLong> {
        let mut description = describe(serial, Transfer::BulkStreams(STREAMS_EXPONENT))?;
        description.product = PRODUCT_STREAMS;
        Ok(Self::described(description))
    }

    /// The variant with two interfaces.
    pub fn two_interfaces(serial: &str) -> Result<Self, StringTooLong> {
        Ok(Self::described(describe_two_interfaces(serial)?))
    }

    fn described(description: Description) -> Self {
        Self {
            description,
            data: DataPath::default(),
            events: Events::default(),
            iso_loop: Packets::default(),
            iso_source: Pattern::default(),
            interrupt_loop: Packets::default(),
            scratch: Vec::new(),
            woken: EndpointSet::EMPTY,
        }
    }

    /// What GET_STATUS reports.
    pub fn status(&self) -> Status {
        self.data.status(self.events.sent())
    }

    fn clear(&mut self) {
        self.data.clear();
        self.events = Events::default();
        self.clear_packets();
        self.woken = EndpointSet::ALL;
    }

    fn clear_packets(&mut self) {
        self.iso_loop = Packets::default();
        self.iso_source = self.data.pattern();
        self.interrupt_loop = Packets::default();
    }

    fn perform(&mut self, request: Request<'_>, halted: &mut EndpointSet) -> Control {
        match request {
            Request::SetMode(mode) => {
                self.data.set_mode(mode);
                self.clear_packets();
                self.woken = EndpointSet::ALL;
            }
            Request::GetStatus => return Control::Done(self.status().to_bytes().to_vec()),
            Request::TriggerEvent(code) => return self.trigger(code),
            Request::ScratchWrite(bytes) => self.scratch = bytes.to_vec(),
            Request::ScratchRead => return Control::Done(self.scratch.clone()),
            Request::SetSeed(seed) => {
                self.data.set_seed(seed);
                self.iso_source = self.data.pattern();
            }
            Request::Halt(address) => return self.halt(address, halted),
            Request::NeverAnswer => return Control::Pending,
        }
        Control::Done(Vec::new())
    }

    fn trigger(&mut self, code: u16) -> Control {
        self.woken.insert(INTERRUPT_IN);
        self.events.push(code).into()
    }

    fn halt(&self, address: Address, halted: &mut EndpointSet) -> Control {
        if !HALTING.contains(&address) {
            return Control::Stall;
        }
        halted.insert(address);
        Control::Done(Vec::new())
    }
}

fn describe(serial: &str, bulk: Transfer) -> Result<Description, StringTooLong> {
    let setting = Alternate::new(Class::VENDOR)
        .endpoint(BULK_OUT, bulk)
        .endpoint(BULK_IN, bulk)
        .endpoint(INTERRUPT_IN, INTERRUPT);
    let larger = setting
        .clone()
        .endpoint(ISO_OUT, ISOCHRONOUS)
        .endpoint(ISO_IN, ISOCHRONOUS)
        .endpoint(LOOP_OUT, INTERRUPT)
        .endpoint(LOOP_IN, INTERRUPT);
    let configuration = Configuration::new(1).interface(vec![setting, larger]);
    let description = named(PRODUCT, "Reference device", serial)?;
    Ok(description
        .class(Class::VENDOR)
        .configuration(configuration))
}

/// The device has no class of its own: each interface does.
fn describe_two_interfaces(serial: &str) -> Result<Description, StringTooLong> {
    let control = Alternate::new(Class::VENDOR).endpoint(INTERRUPT_IN, INTERRUPT);
    let data = Alternate::new(DATA)
        .endpoint(BULK_OUT, Transfer::Bulk)
        .endpoint(BULK_IN, Transfer::Bulk);
    let configuration = Configuration::new(1)
        .interface(vec![control])
        .interface(vec![Alternate::new(DATA), data]);
    let description = named(PRODUCT_TWO_INTERFACES, "Two interfaces", serial)?;
    Ok(description.configuration(configuration))
}

fn named(id: u16, product: &str, serial: &str) -> Result<Description, StringTooLong> {
    let [manufacturer, product, serial] = ["usbpipe", product, serial].map(UsbString::new);
    Ok(Description::new(VENDOR, id)
        .release(0x0100)
        .strings([manufacturer?, product?, serial?]))
}

/// The other endpoint of a loopback.
fn answering(address: Address) -> Address {
    match address {
        ISO_OUT => ISO_IN,
        ISO_IN => ISO_OUT,
        LOOP_OUT => LOOP_IN,
        LOOP_IN => LOOP_OUT,
        BULK_IN => BULK_OUT,
        _ => BULK_IN,
    }
}

impl Reference {
    fn take_iso(&mut self, packet: &[u8]) -> usize {
        if self.data.mode() == Mode::Loopback {
            self.iso_loop.push(packet);
        }
        packet.len()
    }

    fn give_iso(&mut self, wanted: usize, buffer: &mut Vec<u8>) {
        match self.data.mode() {
            Mode::Loopback => self.iso_loop.pop_into(wanted, buffer),
            Mode::SourceSink => self.iso_source.append(wanted, buffer),
        }
    }

    fn take_interrupt(&mut self, packet: &[u8]) -> usize {
        if self.interrupt_loop.is_full() {
            return 0;
        }
        self.interrupt_loop.push(packet);
        packet.len()
    }
}

impl Function for Reference {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self) {
        self.data = DataPath::default();
        self.scratch.clear();
        self.clear();
    }

    fn configured(&mut self, _value: u8) {
        self.clear();
    }

    fn alternate_set(&mut self, _interface: u8, _alternate: u8) {
        self.clear();
    }

    fn control(&mut self, setup: Setup, data: &[u8], halted: &mut EndpointSet) -> Control {
        match Request::parse(setup, data) {
            Some(request) => self.perform(request, halted),
            None => Control::Stall,
        }
    }

    fn transfer_out(&mut self, address: Address, data: &[u8]) -> Out {
        let taken = match address {
            ISO_OUT => self.take_iso(data),
            LOOP_OUT => self.take_interrupt(data),
            _ => self.data.push(data),
        };
        if taken > 0 {
            self.woken.insert(answering(address));
        }
        Out::Accepted(taken)
    }

    fn transfer_in(&mut self, address: Address, wanted: usize, buffer: &mut Vec<u8>) -> In {
        if wanted == 0 {
            return In::Done;
        }
        let before = buffer.len();
        match address {
            INTERRUPT_IN => self.events.pop_into(wanted, buffer),
            ISO_IN => self.give_iso(wanted, buffer),
            LOOP_IN => self.interrupt_loop.pop_into(wanted, buffer),
            _ => self.data.pull(wanted, buffer),
        }
        if buffer.len() == before {
            return In::Pending;
        }
        if address != INTERRUPT_IN {
            self.woken.insert(answering(address));
        }
        In::Done
    }

    fn wakeups(&mut self) -> EndpointSet {
        std::mem::take(&mut self.woken)
    }
}

#[cfg(test)]
mod tests;
