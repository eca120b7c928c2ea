// SPDX-License-Identifier: GPL-2.0

//! Messages from the host. All numbers are big-endian, except for the setup packet.

use std::fmt;

use refdev::fault::IsoPacket;
use refdev::{Address, Direction, Setup};
use thiserror::Error;

use crate::HEADER_SIZE;

/// USBIP_CMD_SUBMIT.
const CMD_SUBMIT: u32 = 1;
/// USBIP_CMD_UNLINK.
const CMD_UNLINK: u32 = 2;

/// No URB is larger: more means that the stream is out of step.
const MAX_LENGTH: u32 = 1 << 28;
/// The kernel's own bound on isochronous packets in a URB.
const MAX_PACKETS: i32 = 1024;
/// Size of the descriptor of an isochronous packet.
pub(crate) const ISO_PACKET_SIZE: usize = 16;

/// Bytes that cannot be a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ParseError {
    /// Neither submit nor unlink.
    #[error("unknown USB/IP command {0:#x}: the connection is out of step")]
    UnknownCommand(u32),
    /// Neither out nor in.
    #[error("USB/IP direction {0} is neither 0 (out) nor 1 (in)")]
    Direction(u32),
    /// No such endpoint number.
    #[error("USB/IP endpoint {0} is above 15")]
    Endpoint(u32),
    /// More than any URB can hold.
    #[error("USB/IP transfer of {0} bytes is larger than any URB")]
    Length(u32),
    /// More than the kernel ever sends.
    #[error("USB/IP transfer with {0} isochronous packets: at most 1024 are possible")]
    Packets(i32),
}

/// What all messages begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Number of the message, counted by the host.
    pub sequence: u32,
    /// The device, by the number given on attaching.
    pub device: u32,
}

/// Start a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Submit<'a> {
    /// Whose number the reply repeats.
    pub header: Header,
    /// Where to.
    pub address: Address,
    /// `URB_*` flags of the kernel.
    pub flags: u32,
    /// Bytes to send, or asked for.
    pub length: usize,
    /// First frame, isochronous only.
    pub start_frame: i32,
    /// Service interval of periodic endpoints.
    pub interval: i32,
    /// Setup packet, endpoint 0 only.
    pub setup: Setup,
    /// OUT data, `length` bytes; nothing for IN.
    pub data: &'a [u8],
    /// Isochronous packets; none means that the transfer is not isochronous.
    pub packets: IsoPackets<'a>,
}

/// A message from the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// Start a transfer.
    Submit(Submit<'a>),
    /// Take a transfer back.
    Unlink {
        /// Whose number the reply repeats.
        header: Header,
        /// Number of the submit that began it.
        victim: u32,
    },
}

/// Outcome of looking at the front of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parsed<'a> {
    /// One whole message, and its size.
    Message(Command<'a>, usize),
    /// The message is not whole; so many bytes are known to belong to it.
    Incomplete(usize),
}

/// The packets of an isochronous transfer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IsoPackets<'a>(&'a [u8]);

impl<'a> IsoPackets<'a> {
    /// How many there are.
    pub fn len(self) -> usize {
        self.0.len() / ISO_PACKET_SIZE
    }

    /// Whether the transfer is not isochronous.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = IsoPacket> + 'a {
        self.0.chunks_exact(ISO_PACKET_SIZE).map(|raw| IsoPacket {
            offset: word(raw, 0),
            length: word(raw, 4),
            actual: word(raw, 8),
            status: word(raw, 12) as i32,
        })
    }
}

impl<'a> Command<'a> {
    /// Reads the message at the front of a stream.
    pub fn parse(bytes: &'a [u8]) -> Result<Parsed<'a>, ParseError> {
        let Some((raw, rest)) = bytes.split_at_checked(HEADER_SIZE) else {
            return Ok(Parsed::Incomplete(HEADER_SIZE));
        };
        let header = Header {
            sequence: word(raw, 4),
            device: word(raw, 8),
        };
        match word(raw, 0) {
            CMD_SUBMIT => parse_submit(header, raw, rest),
            CMD_UNLINK => {
                let command = Self::Unlink {
                    header,
                    victim: word(raw, 20),
                };
                Ok(Parsed::Message(command, HEADER_SIZE))
            }
            other => Err(ParseError::UnknownCommand(other)),
        }
    }
}

fn parse_submit<'a>(header: Header, raw: &[u8], rest: &'a [u8]) -> Result<Parsed<'a>, ParseError> {
    let address = parse_address(word(raw, 12), word(raw, 16))?;
    let length = checked_length(word(raw, 24))?;
    let inline = if address.direction() == Direction::Out {
        length
    } else {
        0
    };
    let behind = parse_packet_count(word(raw, 32) as i32)? * ISO_PACKET_SIZE;
    let total = HEADER_SIZE + inline + behind;
    let Some((body, _)) = rest.split_at_checked(inline + behind) else {
        return Ok(Parsed::Incomplete(total));
    };
    let (data, packets) = body.split_at(inline);
    let submit = Submit {
        header,
        address,
        flags: word(raw, 20),
        length,
        start_frame: word(raw, 28) as i32,
        interval: word(raw, 36) as i32,
        setup: Setup::from_bytes(std::array::from_fn(|index| raw[40 + index])),
        data,
        packets: IsoPackets(packets),
    };
    Ok(Parsed::Message(Command::Submit(submit), total))
}

fn parse_address(direction: u32, number: u32) -> Result<Address, ParseError> {
    let direction = match direction {
        0 => Direction::Out,
        1 => Direction::In,
        other => return Err(ParseError::Direction(other)),
    };
    let small = u8::try_from(number).ok();
    let address = small.and_then(|number| Address::from_parts(number, direction));
    address.ok_or(ParseError::Endpoint(number))
}

fn checked_length(length: u32) -> Result<usize, ParseError> {
    if length > MAX_LENGTH {
        return Err(ParseError::Length(length));
    }
    Ok(length as usize)
}

/// Other than isochronous is 0 from the kernel, and -1 in the protocol's documentation.
fn parse_packet_count(count: i32) -> Result<usize, ParseError> {
    match count {
        -1 | 0 => Ok(0),
        1..=MAX_PACKETS => Ok(count as usize),
        _ => Err(ParseError::Packets(count)),
    }
}

/// The number at an offset, which the caller knows to be inside.
fn word(raw: &[u8], offset: usize) -> u32 {
    u32::from_be_bytes(std::array::from_fn(|index| raw[offset + index]))
}

impl fmt::Display for Command<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Submit(submit) => submit.fmt(f),
            Self::Unlink { header, victim } => {
                write!(f, "unlink seq={} victim={victim}", header.sequence)
            }
        }
    }
}

impl fmt::Display for Submit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            header,
            address,
            length,
            setup,
            packets,
            ..
        } = self;
        write!(
            f,
            "submit seq={} ep={address} length={length}",
            header.sequence
        )?;
        if address.number() == 0 {
            let Setup {
                request_type,
                request,
                value,
                index,
                length,
            } = setup;
            write!(
                f,
                " setup={request_type:02x} {request:02x} {value:04x} {index:04x} {length}"
            )?;
        }
        if !packets.is_empty() {
            write!(f, " packets={}", packets.len())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
