// SPDX-License-Identifier: GPL-2.0

//! Framing, capabilities and numbers of the protocol. All numbers are little-endian.

use std::fmt;

use thiserror::Error;

/// Codes of the messages.
pub mod kind {
    /// First message of both sides.
    pub const HELLO: u32 = 0;
    /// The device is there.
    pub const DEVICE_CONNECT: u32 = 1;
    /// The device is gone.
    pub const DEVICE_DISCONNECT: u32 = 2;
    /// Reset the port.
    pub const RESET: u32 = 3;
    /// Interfaces of the current configuration.
    pub const INTERFACE_INFO: u32 = 4;
    /// Endpoints of the current settings.
    pub const EP_INFO: u32 = 5;
    /// Select a configuration.
    pub const SET_CONFIGURATION: u32 = 6;
    /// Ask for the configuration.
    pub const GET_CONFIGURATION: u32 = 7;
    /// Answer to both.
    pub const CONFIGURATION_STATUS: u32 = 8;
    /// Select an alternate setting.
    pub const SET_ALT_SETTING: u32 = 9;
    /// Ask for the alternate setting.
    pub const GET_ALT_SETTING: u32 = 10;
    /// Answer to both.
    pub const ALT_SETTING_STATUS: u32 = 11;
    /// Begin isochronous transfers.
    pub const START_ISO_STREAM: u32 = 12;
    /// End isochronous transfers.
    pub const STOP_ISO_STREAM: u32 = 13;
    /// Answer to both.
    pub const ISO_STREAM_STATUS: u32 = 14;
    /// Begin to poll an interrupt IN endpoint.
    pub const START_INTERRUPT_RECEIVING: u32 = 15;
    /// End that.
    pub const STOP_INTERRUPT_RECEIVING: u32 = 16;
    /// Answer to both; unasked when polling broke off.
    pub const INTERRUPT_RECEIVING_STATUS: u32 = 17;
    /// Give bulk endpoints streams.
    pub const ALLOC_BULK_STREAMS: u32 = 18;
    /// Take them away.
    pub const FREE_BULK_STREAMS: u32 = 19;
    /// Answer to both.
    pub const BULK_STREAMS_STATUS: u32 = 20;
    /// Take a data packet back.
    pub const CANCEL_DATA_PACKET: u32 = 21;
    /// QEMU does not want the device.
    pub const FILTER_REJECT: u32 = 22;
    /// QEMU's filter, as a string.
    pub const FILTER_FILTER: u32 = 23;
    /// Answer to DEVICE_DISCONNECT.
    pub const DEVICE_DISCONNECT_ACK: u32 = 24;
    /// Control transfer.
    pub const CONTROL_PACKET: u32 = 100;
    /// Bulk transfer.
    pub const BULK_PACKET: u32 = 101;
    /// Isochronous packet.
    pub const ISO_PACKET: u32 = 102;
    /// Interrupt transfer.
    pub const INTERRUPT_PACKET: u32 = 103;
}

/// No message is larger: more means that the stream is out of step.
pub const MAX_LENGTH: usize = 1 << 28;

/// Bytes that cannot be a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ParseError {
    /// Not a message that QEMU may send to us.
    #[error("unexpected usbredir message type {0}: the connection is out of step")]
    Kind(u32),
    /// Its length does not fit its type.
    #[error("usbredir message type {kind} with {length} bytes: wrong length for this type")]
    Length {
        /// Code of the message.
        kind: u32,
        /// Bytes behind the header.
        length: usize,
    },
    /// No such endpoint, or one of the wrong direction.
    #[error("usbredir message type {kind} for impossible endpoint {endpoint:#04x}")]
    Endpoint {
        /// Code of the message.
        kind: u32,
        /// The address as it came.
        endpoint: u8,
    },
}

/// What a side can do beyond the first version of the protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caps(u32);

impl Caps {
    /// Bulk endpoints can have streams.
    pub const BULK_STREAMS: Self = Self(1 << 0);
    /// DEVICE_CONNECT has the release of the device.
    pub const CONNECT_DEVICE_VERSION: Self = Self(1 << 1);
    /// FILTER_REJECT and FILTER_FILTER are understood.
    pub const FILTER: Self = Self(1 << 2);
    /// EP_INFO has packet sizes.
    pub const EP_INFO_MAX_PACKET_SIZE: Self = Self(1 << 4);
    /// Headers have ids of 64 bits.
    pub const IDS_64BITS: Self = Self(1 << 5);
    /// BULK_PACKET has a length of 32 bits.
    pub const BULK_LENGTH_32BITS: Self = Self(1 << 6);

    /// What this crate can do. QEMU's xHCI controller asks for the last three of them.
    pub const OURS: Self = Self(
        Self::BULK_STREAMS.0
            | Self::CONNECT_DEVICE_VERSION.0
            | Self::FILTER.0
            | Self::EP_INFO_MAX_PACKET_SIZE.0
            | Self::IDS_64BITS.0
            | Self::BULK_LENGTH_32BITS.0,
    );

    /// Capabilities from the first word of a hello.
    pub const fn from_raw(raw: u32) -> Self {
        Self(raw)
    }

    /// The first word of a hello.
    pub const fn raw(self) -> u32 {
        self.0
    }

    /// What both sides can do.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether all of these are there.
    pub const fn has(self, wanted: Self) -> bool {
        self.0 & wanted.0 == wanted.0
    }

    /// Size of the header of a message. Before the capabilities are agreed on, it is the short one.
    pub const fn header_size(self) -> usize {
        if self.has(Self::IDS_64BITS) { 16 } else { 12 }
    }
}

/// How a transfer or a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// As it should.
    Success,
    /// The host took it back.
    Cancelled,
    /// It made no sense.
    Invalid,
    /// The device refused.
    Stall,
    /// What a fault makes of it.
    Other(u8),
}

impl Status {
    /// The number on the wire.
    pub const fn raw(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Cancelled => 1,
            Self::Invalid => 2,
            Self::Stall => 4,
            Self::Other(raw) => raw,
        }
    }

    /// The status with this number.
    pub const fn from_raw(raw: u8) -> Self {
        match raw {
            0 => Self::Success,
            1 => Self::Cancelled,
            2 => Self::Invalid,
            4 => Self::Stall,
            other => Self::Other(other),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Success => "success",
            Self::Cancelled => "cancelled",
            Self::Invalid => "invalid",
            Self::Stall => "stall",
            Self::Other(raw) => return write!(f, "status {raw}"),
        })
    }
}

/// The header of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Code of the message.
    pub kind: u32,
    /// Bytes that follow.
    pub length: usize,
    /// Repeated by the answer.
    pub id: u64,
}

impl Header {
    /// Reads a header; `None` if it is not whole.
    pub fn parse(bytes: &[u8], caps: Caps) -> Option<Self> {
        let raw = bytes.get(..caps.header_size())?;
        let word = |at: usize| u32::from_le_bytes(std::array::from_fn(|index| raw[at + index]));
        let high = if caps.has(Caps::IDS_64BITS) {
            word(12)
        } else {
            0
        };
        Some(Self {
            kind: word(0),
            length: word(4) as usize,
            id: u64::from(high) << 32 | u64::from(word(8)),
        })
    }

    /// Appends the wire form.
    pub fn push(self, caps: Caps, raw: &mut Vec<u8>) {
        raw.extend(self.kind.to_le_bytes());
        raw.extend((self.length as u32).to_le_bytes());
        let id = self.id.to_le_bytes();
        raw.extend(if caps.has(Caps::IDS_64BITS) {
            &id[..]
        } else {
            &id[..4]
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All that QEMU 7.2 offers, with more that we do not know.
    const QEMU: Caps = Caps::from_raw(0xffff_ffff);

    #[test]
    fn only_common_capabilities_count() {
        let agreed = Caps::OURS.and(QEMU);
        assert_eq!(agreed.raw(), 0x77);
        assert!(agreed.has(Caps::IDS_64BITS) && agreed.has(Caps::FILTER));
        assert!(!Caps::OURS.and(Caps::default()).has(Caps::IDS_64BITS));
        assert!(!Caps::IDS_64BITS.has(Caps::OURS));
    }

    #[test]
    fn a_header_has_a_short_or_a_long_id() {
        let header = Header {
            kind: 101,
            length: 0x0102,
            id: 0x1112_1314_1516_1718,
        };
        let mut raw = Vec::new();
        header.push(Caps::OURS, &mut raw);
        let long = [
            101, 0, 0, 0, 2, 1, 0, 0, 0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11,
        ];
        assert_eq!(raw, long);
        assert_eq!(Header::parse(&raw, Caps::OURS), Some(header));
        let mut raw = Vec::new();
        header.push(Caps::default(), &mut raw);
        assert_eq!(raw, long[..12]);
        let short = Header {
            id: 0x1516_1718,
            ..header
        };
        assert_eq!(Header::parse(&raw, Caps::default()), Some(short));
    }

    #[test]
    fn every_truncation_of_a_header_is_noticed() {
        for caps in [Caps::OURS, Caps::default()] {
            let mut raw = Vec::new();
            Header {
                kind: 3,
                length: 0,
                id: 1,
            }
            .push(caps, &mut raw);
            for length in 0..raw.len() {
                assert_eq!(Header::parse(&raw[..length], caps), None);
            }
            assert!(Header::parse(&raw, caps).is_some());
        }
    }

    #[test]
    fn a_status_has_the_number_that_qemu_knows() {
        let all = [
            Status::Success,
            Status::Cancelled,
            Status::Invalid,
            Status::Stall,
            Status::Other(3),
        ];
        assert_eq!(all.map(Status::raw), [0, 1, 2, 4, 3]);
        assert_eq!(all.map(|status| Status::from_raw(status.raw())), all);
        assert_eq!(
            all.map(|status| status.to_string()).join(" "),
            "success cancelled invalid stall status 3"
        );
    }
}
