// SPDX-License-Identifier: GPL-2.0

//! What QEMU sends.

use std::fmt;

use refdev::{Address, Direction, EndpointSet, Setup};

use crate::wire::{Caps, Header, MAX_LENGTH, ParseError, kind};

/// Bytes of text in a hello.
pub(crate) const VERSION_SIZE: usize = 64;

/// A transfer without its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Where to.
    pub address: Address,
    /// Stream of a bulk endpoint; 0 without streams.
    pub stream: u32,
    /// Bytes to send, or asked for.
    pub length: usize,
    /// OUT data, `length` bytes; nothing for IN.
    pub data: &'a [u8],
}

/// What a message says, without its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// What the other side can do.
    Hello(Caps),
    /// Reset the port.
    Reset,
    /// Select a configuration.
    SetConfiguration(u8),
    /// Ask for the configuration.
    GetConfiguration,
    /// Select an alternate setting.
    SetAlternate {
        /// Of this interface.
        interface: u8,
        /// This one.
        alternate: u8,
    },
    /// Ask for the alternate setting of an interface.
    GetAlternate(u8),
    /// Begin isochronous transfers.
    StartIso(Address),
    /// End isochronous transfers.
    StopIso(Address),
    /// Begin to poll an interrupt IN endpoint.
    StartInterrupt(Address),
    /// End that.
    StopInterrupt(Address),
    /// Give bulk endpoints so many streams each.
    AllocStreams(EndpointSet, u32),
    /// Take them away.
    FreeStreams(EndpointSet),
    /// Take the data packet with the same id back.
    Cancel,
    /// The device is not wanted.
    FilterReject,
    /// Rules about devices; of no interest here.
    Filter,
    /// Control transfer. The data is that of an OUT request.
    Control(Setup, &'a [u8]),
    /// Bulk transfer.
    Bulk(Packet<'a>),
    /// Isochronous OUT packet.
    Iso(Packet<'a>),
    /// Interrupt OUT transfer.
    Interrupt(Packet<'a>),
}

/// A message from QEMU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// Repeated by the answer.
    pub id: u64,
    /// What it says.
    pub body: Body<'a>,
}

/// Outcome of looking at the front of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parsed<'a> {
    /// One whole message, and its size.
    Message(Message<'a>, usize),
    /// The message is not whole; so many bytes are known to belong to it.
    Incomplete(usize),
}

impl<'a> Message<'a> {
    /// Reads the message at the front of a stream.
    pub fn parse(bytes: &'a [u8], caps: Caps) -> Result<Parsed<'a>, ParseError> {
        let size = caps.header_size();
        let Some(Header { kind, length, id }) = Header::parse(bytes, caps) else {
            return Ok(Parsed::Incomplete(size));
        };
        if length > MAX_LENGTH {
            return Err(ParseError::Length { kind, length });
        }
        let total = size + length;
        let Some(body) = bytes.get(size..total) else {
            return Ok(Parsed::Incomplete(total));
        };
        let body = Reader {
            kind,
            length,
            rest: body,
        }
        .body(caps)?;
        Ok(Parsed::Message(Message { id, body }, total))
    }
}

/// The bytes behind a header that are not read yet.
struct Reader<'a> {
    kind: u32,
    length: usize,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn body(mut self, caps: Caps) -> Result<Body<'a>, ParseError> {
        let body = match self.kind {
            kind::HELLO => self.hello()?,
            kind::CONTROL_PACKET => self.control()?,
            kind::BULK_PACKET => self.bulk(caps)?,
            kind::ISO_PACKET => Body::Iso(self.small_packet()?),
            kind::INTERRUPT_PACKET => Body::Interrupt(self.small_packet()?),
            kind::FILTER_FILTER => self.filter(),
            _ => self.fixed()?,
        };
        if self.rest.is_empty() {
            Ok(body)
        } else {
            Err(self.wrong_length())
        }
    }

    /// Messages of a fixed size.
    fn fixed(&mut self) -> Result<Body<'a>, ParseError> {
        Ok(match self.kind {
            kind::RESET => Body::Reset,
            kind::SET_CONFIGURATION => Body::SetConfiguration(self.byte()?),
            kind::GET_CONFIGURATION => Body::GetConfiguration,
            kind::SET_ALT_SETTING => Body::SetAlternate {
                interface: self.byte()?,
                alternate: self.byte()?,
            },
            kind::GET_ALT_SETTING => Body::GetAlternate(self.byte()?),
            kind::START_ISO_STREAM => {
                let [endpoint, _packets, _transfers] = self.take()?;
                Body::StartIso(self.address(endpoint)?)
            }
            kind::STOP_ISO_STREAM => Body::StopIso(self.endpoint()?),
            kind::START_INTERRUPT_RECEIVING => Body::StartInterrupt(self.endpoint()?),
            kind::STOP_INTERRUPT_RECEIVING => Body::StopInterrupt(self.endpoint()?),
            kind::ALLOC_BULK_STREAMS => Body::AllocStreams(self.endpoints()?, self.word()?),
            kind::FREE_BULK_STREAMS => Body::FreeStreams(self.endpoints()?),
            kind::CANCEL_DATA_PACKET => Body::Cancel,
            kind::FILTER_REJECT => Body::FilterReject,
            other => return Err(ParseError::Kind(other)),
        })
    }

    /// Capabilities beyond the first word are of the future.
    fn hello(&mut self) -> Result<Body<'a>, ParseError> {
        let [..] = self.take::<VERSION_SIZE>()?;
        let mut caps = 0;
        if !self.rest.is_empty() {
            caps = self.word()?;
        }
        while !self.rest.is_empty() {
            self.word()?;
        }
        Ok(Body::Hello(Caps::from_raw(caps)))
    }

    fn filter(&mut self) -> Body<'a> {
        self.rest = &[];
        Body::Filter
    }

    fn control(&mut self) -> Result<Body<'a>, ParseError> {
        let [endpoint, request, request_type, _status] = self.take()?;
        let (value, index, length) = (self.half()?, self.half()?, self.half()?);
        let setup = Setup {
            request_type,
            request,
            value,
            index,
            length,
        };
        let address = self.address(endpoint)?;
        // The direction is said twice.
        if address.number() != 0 || address.direction() != setup.direction() {
            return Err(ParseError::Endpoint {
                kind: self.kind,
                endpoint,
            });
        }
        let data = self.data(address, length.into())?;
        Ok(Body::Control(setup, data))
    }

    fn bulk(&mut self, caps: Caps) -> Result<Body<'a>, ParseError> {
        let [endpoint, _status] = self.take()?;
        let low = self.half()?;
        let stream = self.word()?;
        let high = if caps.has(Caps::BULK_LENGTH_32BITS) {
            self.half()?
        } else {
            0
        };
        let length = usize::from(high) << 16 | usize::from(low);
        let address = self.address(endpoint)?;
        let data = self.data(address, length)?;
        Ok(Body::Bulk(Packet {
            address,
            stream,
            length,
            data,
        }))
    }

    fn small_packet(&mut self) -> Result<Packet<'a>, ParseError> {
        let [endpoint, _status] = self.take()?;
        let length = self.half()?.into();
        let address = self.address(endpoint)?;
        let data = self.data(address, length)?;
        Ok(Packet {
            address,
            stream: 0,
            length,
            data,
        })
    }

    /// OUT data, which must be exactly as long as announced; an IN request has none.
    fn data(&mut self, address: Address, length: usize) -> Result<&'a [u8], ParseError> {
        if address.direction() == Direction::In {
            return Ok(&[]);
        }
        if self.rest.len() != length {
            return Err(self.wrong_length());
        }
        Ok(std::mem::take(&mut self.rest))
    }

    fn endpoint(&mut self) -> Result<Address, ParseError> {
        let raw = self.byte()?;
        self.address(raw)
    }

    /// A bit for each, at [`Address::index`].
    fn endpoints(&mut self) -> Result<EndpointSet, ParseError> {
        self.word().map(EndpointSet::from_raw)
    }

    fn address(&self, endpoint: u8) -> Result<Address, ParseError> {
        Address::new(endpoint).ok_or(ParseError::Endpoint {
            kind: self.kind,
            endpoint,
        })
    }

    fn byte(&mut self) -> Result<u8, ParseError> {
        self.take().map(|[byte]| byte)
    }

    fn half(&mut self) -> Result<u16, ParseError> {
        self.take().map(u16::from_le_bytes)
    }

    fn word(&mut self) -> Result<u32, ParseError> {
        self.take().map(u32::from_le_bytes)
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], ParseError> {
        let (&first, rest) = self.rest.split_first_chunk().ok_or(self.wrong_length())?;
        self.rest = rest;
        Ok(first)
    }

    fn wrong_length(&self) -> ParseError {
        ParseError::Length {
            kind: self.kind,
            length: self.length,
        }
    }
}

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} id={}", self.body, self.id)
    }
}

impl fmt::Display for Body<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hello(caps) => write!(f, "hello caps={:#x}", caps.raw()),
            Self::Reset => f.write_str("reset"),
            Self::SetConfiguration(value) => write!(f, "set_configuration {value}"),
            Self::GetConfiguration => f.write_str("get_configuration"),
            Self::SetAlternate {
                interface,
                alternate,
            } => {
                write!(f, "set_alt_setting interface={interface} alt={alternate}")
            }
            Self::GetAlternate(interface) => write!(f, "get_alt_setting interface={interface}"),
            Self::StartIso(address) => write!(f, "start_iso_stream ep={address}"),
            Self::StopIso(address) => write!(f, "stop_iso_stream ep={address}"),
            Self::StartInterrupt(address) => write!(f, "start_interrupt_receiving ep={address}"),
            Self::StopInterrupt(address) => write!(f, "stop_interrupt_receiving ep={address}"),
            Self::AllocStreams(endpoints, count) => {
                write!(f, "alloc_bulk_streams {:#x} {count}", endpoints.raw())
            }
            Self::FreeStreams(endpoints) => write!(f, "free_bulk_streams {:#x}", endpoints.raw()),
            Self::Cancel => f.write_str("cancel_data_packet"),
            Self::FilterReject => f.write_str("filter_reject"),
            Self::Filter => f.write_str("filter_filter"),
            Self::Control(setup, _) => {
                let Setup {
                    request_type,
                    request,
                    value,
                    index,
                    length,
                } = setup;
                write!(
                    f,
                    "control {request_type:02x} {request:02x} {value:04x} {index:04x} {length}"
                )
            }
            Self::Bulk(packet) => write!(f, "bulk {packet}"),
            Self::Iso(packet) => write!(f, "iso {packet}"),
            Self::Interrupt(packet) => write!(f, "interrupt {packet}"),
        }
    }
}

impl fmt::Display for Packet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ep={} length={}", self.address, self.length)?;
        match self.stream {
            0 => Ok(()),
            stream => write!(f, " stream={stream}"),
        }
    }
}

#[cfg(test)]
mod tests;
