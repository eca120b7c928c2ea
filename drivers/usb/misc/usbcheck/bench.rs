// SPDX-License-Identifier: GPL-2.0

//! What a check works with: the interface, and the requests of the reference device.

use crate::{
    driver::Shared,
    tray::{
        launch,
        urb, //
    },
    verdict::{
        expect,
        same_bytes,
        Verdict, //
    }, //
};
use kernel::{
    device::Bound,
    prelude::*,
    usb::{
        self,
        Bulk,
        ControlRequest,
        In,
        Out, //
    }, //
};

/// Vendor requests, as in `tools/usb/refdev/src/reference/request.rs`.
pub(crate) mod code {
    pub(crate) const SET_MODE: u8 = 1;
    pub(crate) const GET_STATUS: u8 = 2;
    pub(crate) const TRIGGER_EVENT: u8 = 3;
    pub(crate) const SCRATCH_WRITE: u8 = 4;
    pub(crate) const SCRATCH_READ: u8 = 5;
    pub(crate) const HALT: u8 = 7;
    pub(crate) const NEVER_ANSWER: u8 = 8;
}

/// Endpoints of the reference device.
pub(crate) const BULK_OUT: u8 = 0x01;
pub(crate) const BULK_IN: u8 = 0x81;
pub(crate) const INTERRUPT_IN: u8 = 0x82;
pub(crate) const ISO_OUT: u8 = 0x03;
pub(crate) const ISO_IN: u8 = 0x83;
pub(crate) const LOOP_OUT: u8 = 0x04;
pub(crate) const LOOP_IN: u8 = 0x84;

/// The largest packet of a bulk endpoint at any speed, in bytes.
pub(crate) const PACKET: usize = 1024;

const LIMIT: usb::Timeout = usb::Timeout::from_millis::<5000>();

/// What the data path of the device does.
#[derive(Clone, Copy)]
pub(crate) enum Mode {
    /// IN gives what was sent OUT.
    Loopback = 0,
    /// IN gives a pattern without end.
    Source = 1,
}

/// What a check works with.
#[derive(Clone, Copy)]
pub(crate) struct Bench<'a> {
    pub(crate) interface: &'a usb::Interface<Bound>,
    pub(crate) shared: &'a Shared,
    /// What was written behind the name of the check.
    pub(crate) argument: &'a [u8],
}

impl<'a> Bench<'a> {
    /// The same for another interface.
    pub(crate) fn at(self, interface: &'a usb::Interface<Bound>) -> Self {
        Self { interface, ..self }
    }

    pub(crate) fn bulk_out(&self) -> Result<usb::Endpoint<'a, Bulk, Out>> {
        self.interface.endpoint(BULK_OUT).ok_or(ENXIO)
    }

    pub(crate) fn bulk_in(&self) -> Result<usb::Endpoint<'a, Bulk, In>> {
        self.interface.endpoint(BULK_IN).ok_or(ENXIO)
    }

    /// Has the device do something.
    pub(crate) fn order(&self, code: u8, value: u16) -> Result {
        self.send(code, value, &[])
    }

    /// Sends a vendor request with data.
    pub(crate) fn send(&self, code: u8, value: u16, data: &[u8]) -> Result {
        let request = ControlRequest::<Out>::vendor(usb::Recipient::Device, code, value, 0);
        let mut buffer = usb::Buffer::new(data.len(), GFP_KERNEL)?;
        buffer.copy_from_slice(data);
        self.interface.control(&request, buffer, LIMIT)?.result?;
        Ok(())
    }

    /// Asks the device for up to `length` bytes.
    pub(crate) fn ask(&self, code: u8, length: usize) -> Result<KVec<u8>> {
        let request = ControlRequest::<In>::vendor(usb::Recipient::Device, code, 0, 0);
        let buffer = usb::Buffer::new(length, GFP_KERNEL)?;
        let answer = self.interface.control(&request, buffer, LIMIT)?;
        answer.result?;
        let mut bytes = KVec::new();
        let found = answer.buffer.get(..answer.actual_length).ok_or(EIO)?;
        bytes.extend_from_slice(found, GFP_KERNEL)?;
        Ok(bytes)
    }

    /// Sets the mode, and empties the data path.
    pub(crate) fn set_mode(&self, mode: Mode) -> Result {
        self.order(code::SET_MODE, mode as u16)
    }

    /// Bytes that the device has taken on bulk OUT since the data path was emptied.
    pub(crate) fn taken(&self) -> Result<u64> {
        let status = self.ask(code::GET_STATUS, 48)?;
        let bytes = status.get(8..16).ok_or(EIO)?;
        Ok(u64::from_le_bytes(bytes.try_into().map_err(|_| EIO)?))
    }

    /// Sends bytes to bulk OUT.
    pub(crate) fn write(&self, bytes: &[u8]) -> Verdict {
        let mut urb = urb(
            &self.bulk_out()?,
            usb::Buffer::new(bytes.len(), GFP_KERNEL)?,
        )?;
        urb.buffer_mut().copy_from_slice(bytes);
        let done = launch(self.interface, urb)?.wait()?;
        expect(done.is_complete(), "the device to take all bytes")
    }

    /// Reads bytes from bulk IN, which must be the ones that are given.
    pub(crate) fn read(&self, wanted: &[u8]) -> Verdict {
        let length = wanted.len().next_multiple_of(PACKET);
        let urb = urb(&self.bulk_in()?, usb::Buffer::new(length, GFP_KERNEL)?)?;
        let done = launch(self.interface, urb)?.wait()?;
        done.result()?;
        same_bytes(wanted, done.data(), "what came back")
    }

    /// Sends bytes around, to see that the endpoints work.
    pub(crate) fn roundtrip(&self) -> Verdict {
        let bytes = pattern::<100>(0x5a);
        self.write(&bytes)?;
        self.read(&bytes)
    }
}

/// Bytes that are told apart by where they are.
pub(crate) fn pattern<const N: usize>(seed: u8) -> [u8; N] {
    core::array::from_fn(|i| pattern_byte(seed, i))
}

/// One byte of a [`pattern`]. Its period is no divisor of any packet's size.
pub(crate) fn pattern_byte(seed: u8, position: usize) -> u8 {
    // CAST: Less than 251.
    seed ^ (position % 251) as u8
}

/// A byte of what the device gives as a source, with seed 0.
pub(crate) fn source_byte(position: usize) -> u8 {
    let mut z = (position as u64 / 8).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    // CAST: The byte that is asked for.
    (z >> (position % 8 * 8)) as u8
}
