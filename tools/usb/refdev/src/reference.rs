// SPDX-License-Identifier: GPL-2.0

//! The reference device, 1209:0001.
//!
//! One vendor-specific interface with bulk OUT 0x01, bulk IN 0x81 and interrupt IN 0x82.
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
//! data path (FIFO, counters, checksums, events) and keep mode, seed and scratch memory.

mod data;
mod events;
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
pub use pattern::Pattern;
use request::Request;
pub use status::Status;

/// `idVendor`.
pub const VENDOR: u16 = 0x1209;
/// `idProduct`.
pub const PRODUCT: u16 = 0x0001;
/// Bytes that SCRATCH_WRITE can keep.
pub const SCRATCH_SIZE: usize = 4096;

/// Bulk OUT endpoint.
pub const BULK_OUT: Address = Address::new(0x01).expect("no reserved bit");
/// Bulk IN endpoint.
pub const BULK_IN: Address = Address::new(0x81).expect("no reserved bit");
/// Interrupt IN endpoint.
pub const INTERRUPT_IN: Address = Address::new(0x82).expect("no reserved bit");

const INTERRUPT: Transfer = Transfer::Interrupt {
    max_packet: 64,
    period_us: 8000,
};

/// The personality.
pub struct Reference {
    description: Description,
    data: DataPath,
    events: Events,
    scratch: Vec<u8>,
    woken: EndpointSet,
}

impl Reference {
    /// The device as it is after power-on.
    pub fn new(serial: &str) -> Result<Self, StringTooLong> {
        Ok(Self {
            description: describe(serial)?,
            data: DataPath::default(),
            events: Events::default(),
            scratch: Vec::new(),
            woken: EndpointSet::EMPTY,
        })
    }

    /// What GET_STATUS reports.
    pub fn status(&self) -> Status {
        self.data.status(self.events.sent())
    }

    fn clear(&mut self) {
        self.data.clear();
        self.events = Events::default();
        self.woken = EndpointSet::ALL;
    }

    fn perform(&mut self, request: Request<'_>, halted: &mut EndpointSet) -> Control {
        match request {
            Request::SetMode(mode) => {
                self.data.set_mode(mode);
                self.woken = EndpointSet::ALL;
            }
            Request::GetStatus => return Control::Done(self.status().to_bytes().to_vec()),
            Request::TriggerEvent(code) => return self.trigger(code),
            Request::ScratchWrite(bytes) => self.scratch = bytes.to_vec(),
            Request::ScratchRead => return Control::Done(self.scratch.clone()),
            Request::SetSeed(seed) => self.data.set_seed(seed),
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
        let ours = [BULK_OUT, BULK_IN, INTERRUPT_IN].contains(&address);
        if !ours {
            return Control::Stall;
        }
        halted.insert(address);
        Control::Done(Vec::new())
    }
}

fn describe(serial: &str) -> Result<Description, StringTooLong> {
    let setting = Alternate::new(Class::VENDOR)
        .endpoint(BULK_OUT, Transfer::Bulk)
        .endpoint(BULK_IN, Transfer::Bulk)
        .endpoint(INTERRUPT_IN, INTERRUPT);
    let strings = ["usbpipe", "Reference device", serial];
    let [manufacturer, product, serial] = strings.map(UsbString::new);
    Ok(Description::new(VENDOR, PRODUCT)
        .release(0x0100)
        .class(Class::VENDOR)
        .strings([manufacturer?, product?, serial?])
        .configuration(Configuration::new(1).interface(vec![setting])))
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

    fn transfer_out(&mut self, _address: Address, data: &[u8]) -> Out {
        let taken = self.data.push(data);
        if taken > 0 {
            self.woken.insert(BULK_IN);
        }
        Out::Accepted(taken)
    }

    fn transfer_in(&mut self, address: Address, wanted: usize, buffer: &mut Vec<u8>) -> In {
        if wanted == 0 {
            return In::Done;
        }
        let before = buffer.len();
        if address == INTERRUPT_IN {
            self.events.pop_into(wanted, buffer);
        } else {
            self.data.pull(wanted, buffer);
        }
        if buffer.len() == before {
            return In::Pending;
        }
        if address == BULK_IN {
            self.woken.insert(BULK_OUT);
        }
        In::Done
    }

    fn wakeups(&mut self) -> EndpointSet {
        std::mem::take(&mut self.woken)
    }
}

#[cfg(test)]
mod tests;
