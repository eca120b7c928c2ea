// SPDX-License-Identifier: GPL-2.0

//! Which control requests a program may send.
//!
//! Vendor and class requests to this interface and its endpoints, or to the device, are between the
//! program and the device. Standard requests (USB 2.0, 9.4) are the kernel's business: what a device
//! says of itself may be read, what changes its state is refused, since the kernel would not know.

use kernel::{
    device::Bound,
    prelude::*,
    usb::{
        Interface,
        Recipient, //
    }, //
};

/// A setup packet (USB 2.0, 9.3), with its numbers in the host's byte order.
#[derive(Clone, Copy)]
pub(crate) struct Setup {
    pub(crate) request_type: u8,
    pub(crate) request: u8,
    pub(crate) value: u16,
    pub(crate) index: u16,
    pub(crate) length: u16,
}

/// bmRequestType bits 6:5 (USB 2.0, table 9-2).
const TYPE_MASK: u8 = 0x60;
const TYPE_STANDARD: u8 = 0x00;
const TYPE_CLASS: u8 = 0x20;
const TYPE_VENDOR: u8 = 0x40;

/// bmRequestType bit 7: the data stage goes to the host.
const DIRECTION_IN: u8 = 0x80;

/// bRequest of those standard requests that only read (USB 2.0, table 9-4).
const GET_STATUS: u8 = 0;
const GET_DESCRIPTOR: u8 = 6;
const GET_CONFIGURATION: u8 = 8;
const GET_INTERFACE: u8 = 10;
const SYNCH_FRAME: u8 = 12;

impl Setup {
    /// From the bytes on the wire.
    pub(crate) fn from_wire(bytes: [u8; 8]) -> Self {
        let [request_type, request, value @ .., i0, i1, l0, l1] = bytes;
        Self {
            request_type,
            request,
            value: u16::from_le_bytes(value),
            index: u16::from_le_bytes([i0, i1]),
            length: u16::from_le_bytes([l0, l1]),
        }
    }

    pub(crate) fn is_in(&self) -> bool {
        self.request_type & DIRECTION_IN != 0
    }

    pub(crate) fn recipient(&self) -> Recipient {
        Recipient::from_request_type(self.request_type)
    }

    /// # Errors
    ///
    /// - `EINVAL`: the type or the recipient is reserved.
    /// - `EPERM`: the request would change the state of the device behind the kernel's back, or
    ///   it is for another interface.
    pub(crate) fn check(&self, interface: &Interface<Bound>) -> Result {
        self.check_type()?;
        // CAST: The low byte of `wIndex` names the interface or endpoint (USB 2.0, 9.3.4).
        let index = self.index as u8;
        let ours = match self.recipient() {
            Recipient::Device => true,
            Recipient::Interface => index == interface.number(),
            Recipient::Endpoint => interface.endpoints().any(|e| e.address() == index),
            Recipient::Other | Recipient::Reserved(_) => return Err(EINVAL),
        };
        ours.then_some(()).ok_or(EPERM)
    }

    fn check_type(&self) -> Result {
        match self.request_type & TYPE_MASK {
            TYPE_VENDOR => Ok(()),
            // Classes are those of interfaces; a request to all of the device is for none of them.
            TYPE_CLASS if self.recipient() == Recipient::Device => Err(EPERM),
            TYPE_CLASS => Ok(()),
            TYPE_STANDARD if self.is_in() && self.only_reads() => Ok(()),
            TYPE_STANDARD => Err(EPERM),
            _ => Err(EINVAL),
        }
    }

    fn only_reads(&self) -> bool {
        matches!(
            self.request,
            GET_STATUS | GET_DESCRIPTOR | GET_CONFIGURATION | GET_INTERFACE | SYNCH_FRAME
        )
    }

    /// bmRequestType bits 6:5.
    pub(crate) fn kind(&self) -> kernel::usb::RequestType {
        match self.request_type & TYPE_MASK {
            TYPE_STANDARD => kernel::usb::RequestType::Standard,
            TYPE_CLASS => kernel::usb::RequestType::Class,
            _ => kernel::usb::RequestType::Vendor,
        }
    }
}
