// SPDX-License-Identifier: GPL-2.0

//! Setup packets (USB 2.0 section 9.3).

use crate::endpoint::Direction;

/// Who defines a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Chapter 9 of the specification.
    Standard,
    /// A device class.
    Class,
    /// The vendor of the device.
    Vendor,
    /// Nobody.
    Reserved,
}

/// Whom a request addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// The device as a whole.
    Device,
    /// The interface whose number is in the low byte of `index`.
    Interface,
    /// The endpoint whose address is in the low byte of `index`.
    Endpoint,
    /// Something else, or a reserved value.
    Other,
}

/// The eight bytes that begin a control transfer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Setup {
    /// Direction, kind and recipient (`bmRequestType`).
    pub request_type: u8,
    /// Code of the request (`bRequest`).
    pub request: u8,
    /// First argument (`wValue`).
    pub value: u16,
    /// Second argument (`wIndex`).
    pub index: u16,
    /// Length of the data stage in bytes (`wLength`).
    pub length: u16,
}

impl Setup {
    /// Size on the wire.
    pub const SIZE: usize = 8;

    /// Reads the wire form.
    pub const fn from_bytes(raw: [u8; Self::SIZE]) -> Self {
        Self {
            request_type: raw[0],
            request: raw[1],
            value: u16::from_le_bytes([raw[2], raw[3]]),
            index: u16::from_le_bytes([raw[4], raw[5]]),
            length: u16::from_le_bytes([raw[6], raw[7]]),
        }
    }

    /// The wire form.
    pub const fn to_bytes(self) -> [u8; Self::SIZE] {
        let [v0, v1] = self.value.to_le_bytes();
        let [i0, i1] = self.index.to_le_bytes();
        let [l0, l1] = self.length.to_le_bytes();
        [self.request_type, self.request, v0, v1, i0, i1, l0, l1]
    }

    /// Which way the data stage goes.
    pub const fn direction(self) -> Direction {
        if self.request_type & 0x80 == 0 {
            Direction::Out
        } else {
            Direction::In
        }
    }

    /// Who defines the request.
    pub const fn kind(self) -> Kind {
        match self.request_type >> 5 & 3 {
            0 => Kind::Standard,
            1 => Kind::Class,
            2 => Kind::Vendor,
            _ => Kind::Reserved,
        }
    }

    /// Whom the request addresses.
    pub const fn recipient(self) -> Recipient {
        match self.request_type & 0x1f {
            0 => Recipient::Device,
            1 => Recipient::Interface,
            2 => Recipient::Endpoint,
            _ => Recipient::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_form_round_trips() {
        let raw = [0xa1, 0xfe, 0x34, 0x12, 0x78, 0x56, 0xbc, 0x9a];
        let setup = Setup::from_bytes(raw);
        assert_eq!(
            (setup.value, setup.index, setup.length),
            (0x1234, 0x5678, 0x9abc)
        );
        assert_eq!(setup.to_bytes(), raw);
    }

    #[test]
    fn the_request_type_splits_into_three() {
        let of = |request_type| Setup {
            request_type,
            ..Setup::default()
        };
        let parts = |raw| (of(raw).direction(), of(raw).kind(), of(raw).recipient());
        assert_eq!(
            parts(0x00),
            (Direction::Out, Kind::Standard, Recipient::Device)
        );
        assert_eq!(
            parts(0x82),
            (Direction::In, Kind::Standard, Recipient::Endpoint)
        );
        assert_eq!(
            parts(0x21),
            (Direction::Out, Kind::Class, Recipient::Interface)
        );
        assert_eq!(parts(0xc3), (Direction::In, Kind::Vendor, Recipient::Other));
        assert_eq!(
            parts(0x7f),
            (Direction::Out, Kind::Reserved, Recipient::Other)
        );
    }
}
