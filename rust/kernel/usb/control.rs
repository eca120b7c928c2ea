// SPDX-License-Identifier: GPL-2.0

//! Control requests: what goes into a setup packet.
//!
//! C header: [`include/uapi/linux/usb/ch9.h`](srctree/include/uapi/linux/usb/ch9.h)

use super::endpoint::Direction;
use crate::prelude::*;
use core::marker::PhantomData;

/// Who defined a request (USB 2.0, table 9-2, bmRequestType bits 6:5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestType {
    /// The USB specification.
    Standard,
    /// The specification of the device's or interface's class.
    Class,
    /// The maker of the device.
    Vendor,
}

/// Whom a request is for (USB 2.0, table 9-2, bmRequestType bits 4:0).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// The device.
    Device,
    /// The interface whose number is in the low byte of `wIndex`.
    Interface,
    /// The endpoint whose address is in the low byte of `wIndex`.
    Endpoint,
    /// Something else.
    Other,
}

impl Recipient {
    /// Reads the recipient out of a `bmRequestType`; [`None`] if it is a reserved one.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::Recipient;
    ///
    /// assert_eq!(Recipient::from_request_type(0xc0), Some(Recipient::Device));
    /// assert_eq!(Recipient::from_request_type(0x43), Some(Recipient::Other));
    /// assert_eq!(Recipient::from_request_type(0x44), None);
    /// ```
    pub const fn from_request_type(request_type: u8) -> Option<Self> {
        match request_type & 0x1f {
            0 => Some(Self::Device),
            1 => Some(Self::Interface),
            2 => Some(Self::Endpoint),
            3 => Some(Self::Other),
            _ => None,
        }
    }
}

/// A control request whose data stage goes in direction `D` (USB 2.0, 9.3).
///
/// `wLength` is not part of it: it is always the length of the buffer that the request is carried
/// out with.
///
/// # Examples
///
/// ```
/// use kernel::usb;
///
/// // What is the firmware's version?
/// let request = usb::ControlRequest::<usb::In>::vendor(usb::Recipient::Device, 0x42, 0, 0);
/// assert_eq!(request.request_type(), 0xc0);
/// ```
#[derive(Clone, Copy)]
pub struct ControlRequest<D: Direction> {
    request_type: u8,
    request: u8,
    value: u16,
    index: u16,
    _direction: PhantomData<D>,
}

impl<D: Direction> ControlRequest<D> {
    /// A request of any type; the arguments are `bRequest`, `wValue` and `wIndex`.
    pub const fn new(
        kind: RequestType,
        recipient: Recipient,
        request: u8,
        value: u16,
        index: u16,
    ) -> Self {
        let direction = if D::IS_IN { 0x80 } else { 0 };
        Self {
            request_type: direction | (kind as u8) << 5 | recipient as u8,
            request,
            value,
            index,
            _direction: PhantomData,
        }
    }

    /// A request that the maker of the device defined.
    pub const fn vendor(recipient: Recipient, request: u8, value: u16, index: u16) -> Self {
        Self::new(RequestType::Vendor, recipient, request, value, index)
    }

    /// Direction, type and recipient as the device gets them.
    #[doc(alias = "bmRequestType")]
    pub const fn request_type(&self) -> u8 {
        self.request_type
    }

    pub(super) const fn setup_packet(&self) -> SetupPacket {
        SetupPacket {
            request_type: self.request_type,
            request: self.request,
            value: self.value.to_le(),
            index: self.index.to_le(),
            length: 0,
        }
    }
}

/// A setup packet as on the wire: `struct usb_ctrlrequest`.
#[repr(C)]
pub(super) struct SetupPacket {
    request_type: u8,
    request: u8,
    value: u16,
    index: u16,
    length: u16,
}

impl SetupPacket {
    pub(super) fn set_length(&mut self, length: u16) {
        self.length = length.to_le();
    }
}

#[kunit_tests(rust_usb_control)]
mod tests {
    use super::*;
    use crate::usb::{
        In,
        Out, //
    };

    #[test]
    fn request_type_has_direction_type_and_recipient() {
        let cases = [
            (RequestType::Standard, Recipient::Device, 0x00),
            (RequestType::Standard, Recipient::Endpoint, 0x02),
            (RequestType::Class, Recipient::Interface, 0x21),
            (RequestType::Vendor, Recipient::Device, 0x40),
            (RequestType::Vendor, Recipient::Other, 0x43),
        ];
        for (kind, recipient, expected) in cases {
            let out = ControlRequest::<Out>::new(kind, recipient, 0, 0, 0);
            let input = ControlRequest::<In>::new(kind, recipient, 0, 0, 0);
            assert_eq!(out.request_type(), expected);
            assert_eq!(input.request_type(), expected | 0x80);
        }
    }

    #[test]
    fn setup_packet_is_little_endian() {
        let request = ControlRequest::<Out>::vendor(Recipient::Device, 7, 0x1234, 0xabcd);
        let mut setup = request.setup_packet();
        setup.set_length(0x0102);
        assert_eq!(setup.value.to_ne_bytes(), [0x34, 0x12]);
        assert_eq!(setup.index.to_ne_bytes(), [0xcd, 0xab]);
        assert_eq!(setup.length.to_ne_bytes(), [0x02, 0x01]);
        assert_eq!(core::mem::size_of::<SetupPacket>(), 8);
    }

    #[test]
    fn reserved_recipients_are_refused() {
        for request_type in 0..=255u8 {
            let known = request_type & 0x1f <= 3;
            assert_eq!(Recipient::from_request_type(request_type).is_some(), known);
        }
    }
}
