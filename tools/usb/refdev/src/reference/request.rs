// SPDX-License-Identifier: GPL-2.0

//! The vendor requests, parsed.

use super::SCRATCH_SIZE;
use super::data::Mode;
use crate::endpoint::{Address, Direction};
use crate::setup::{Kind, Recipient, Setup};

/// Codes of the vendor requests (`bRequest`).
pub mod code {
    /// SET_MODE.
    pub const SET_MODE: u8 = 0x01;
    /// GET_STATUS.
    pub const GET_STATUS: u8 = 0x02;
    /// TRIGGER_EVENT.
    pub const TRIGGER_EVENT: u8 = 0x03;
    /// SCRATCH_WRITE.
    pub const SCRATCH_WRITE: u8 = 0x04;
    /// SCRATCH_READ.
    pub const SCRATCH_READ: u8 = 0x05;
    /// SET_SEED.
    pub const SET_SEED: u8 = 0x06;
    /// HALT.
    pub const HALT: u8 = 0x07;
    /// NEVER_ANSWER.
    pub const NEVER_ANSWER: u8 = 0x08;
}

/// A vendor request that makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request<'a> {
    SetMode(Mode),
    GetStatus,
    TriggerEvent(u16),
    ScratchWrite(&'a [u8]),
    ScratchRead,
    SetSeed(u32),
    Halt(Address),
    NeverAnswer,
}

impl<'a> Request<'a> {
    /// `None` is a request to stall.
    pub(super) fn parse(setup: Setup, data: &'a [u8]) -> Option<Self> {
        if setup.kind() != Kind::Vendor || !addresses_us(setup) {
            return None;
        }
        match setup.direction() {
            Direction::In => Self::parse_in(setup),
            Direction::Out => Self::parse_out(setup, data),
        }
    }

    fn parse_in(setup: Setup) -> Option<Self> {
        match setup.request {
            code::GET_STATUS => Some(Self::GetStatus),
            code::SCRATCH_READ => Some(Self::ScratchRead),
            code::NEVER_ANSWER => Some(Self::NeverAnswer),
            _ => None,
        }
    }

    fn parse_out(setup: Setup, data: &'a [u8]) -> Option<Self> {
        match (setup.request, data) {
            (code::SET_MODE, []) => Mode::from_raw(setup.value).map(Self::SetMode),
            (code::TRIGGER_EVENT, []) => Some(Self::TriggerEvent(setup.value)),
            (code::SCRATCH_WRITE, bytes) if bytes.len() <= SCRATCH_SIZE => {
                Some(Self::ScratchWrite(bytes))
            }
            (code::SET_SEED, []) => Some(Self::SetSeed(setup.value.into())),
            (code::SET_SEED, &[a, b, c, d]) => {
                Some(Self::SetSeed(u32::from_le_bytes([a, b, c, d])))
            }
            (code::HALT, []) => {
                let raw = u8::try_from(setup.value).ok()?;
                Address::new(raw).map(Self::Halt)
            }
            _ => None,
        }
    }
}

fn addresses_us(setup: Setup) -> bool {
    match setup.recipient() {
        Recipient::Device => true,
        Recipient::Interface => setup.index == 0,
        Recipient::Endpoint | Recipient::Other => false,
    }
}
