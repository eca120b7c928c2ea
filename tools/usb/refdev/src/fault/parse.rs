// SPDX-License-Identifier: GPL-2.0

//! Faults from their text.

use std::fmt;
use std::str::FromStr;

use super::mix::{Kind, Mix};
use super::{Amount, Fate, Fault, Lie, Unlink};
use crate::endpoint::Address;

/// A text that is not a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParseFaultError {
    /// No such key.
    Key(String),
    /// A key that needs a value, or one that has none.
    Value(String),
    /// Not a number, or one that does not fit.
    Number {
        /// Of this key.
        key: String,
        /// What was given.
        value: String,
    },
}

impl fmt::Display for ParseFaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => write!(f, "a fault has no \"{key}\""),
            Self::Value(key) => write!(f, "\"{key}\" is followed by =VALUE, or must not be"),
            Self::Number { key, value } => write!(f, "\"{value}\" is not possible for \"{key}\""),
        }
    }
}

impl std::error::Error for ParseFaultError {}

impl FromStr for Fault {
    type Err = ParseFaultError;

    fn from_str(text: &str) -> Result<Self, ParseFaultError> {
        let mut fault = Self::default();
        for word in text.split(',') {
            let (key, value) = match word.split_once('=') {
                Some((key, value)) => (key, Some(value)),
                None => (word, None),
            };
            Word { key, value }.apply(&mut fault)?;
        }
        Ok(fault)
    }
}

/// One word.
struct Word<'a> {
    key: &'a str,
    value: Option<&'a str>,
}

impl Word<'_> {
    fn apply(&self, fault: &mut Fault) -> Result<(), ParseFaultError> {
        let known = self.filter(fault)?
            || self.schedule(fault)?
            || self.mix(fault)?
            || self.fate(&mut fault.lie)?
            || self.answer(&mut fault.lie)?
            || self.isochronous(&mut fault.lie)?;
        if known {
            Ok(())
        } else {
            Err(ParseFaultError::Key(self.key.to_owned()))
        }
    }

    fn filter(&self, fault: &mut Fault) -> Result<bool, ParseFaultError> {
        let filter = &mut fault.filter;
        match self.key {
            "ep" => {
                let address = Address::new(self.unsigned()?);
                filter.endpoint = Some(address.ok_or_else(|| self.wrong())?);
            }
            "type" => filter.request_type = Some(self.unsigned()?),
            "request" => filter.request = Some(self.unsigned()?),
            "value" => filter.value = Some(self.unsigned()?),
            "index" => filter.index = Some(self.unsigned()?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn schedule(&self, fault: &mut Fault) -> Result<bool, ParseFaultError> {
        let schedule = &mut fault.schedule;
        match self.key {
            "nth" => (schedule.first, schedule.count) = (self.positive()?, 1),
            "from" => schedule.first = self.positive()?,
            "every" => schedule.every = self.positive()?,
            "count" => schedule.count = self.unsigned()?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn mix(&self, fault: &mut Fault) -> Result<bool, ParseFaultError> {
        let kind = match self.key {
            "mix" => Kind::Plain,
            "iso-mix" => Kind::Isochronous,
            "wreck" => Kind::Wreck,
            _ => return Ok(false),
        };
        fault.mix = Some(Mix::new(kind, self.unsigned()?));
        Ok(true)
    }

    fn fate(&self, lie: &mut Lie) -> Result<bool, ParseFaultError> {
        match self.key {
            "never" => lie.fate = Fate::Never,
            "twice" => lie.fate = Fate::Twice,
            "stray" => lie.fate = Fate::Stray,
            "unlink-never" => lie.unlink = Unlink::Never,
            _ => return Ok(false),
        }
        match self.value {
            None => Ok(true),
            Some(_) => Err(ParseFaultError::Value(self.key.to_owned())),
        }
    }

    fn answer(&self, lie: &mut Lie) -> Result<bool, ParseFaultError> {
        match self.key {
            "status" => lie.status = Some(self.word()? as i32),
            "unlink-status" => lie.unlink = Unlink::Status(self.word()? as i32),
            "actual" => lie.actual = Some(self.amount()?),
            "data" => lie.data = Some(self.amount()?),
            "reply" => lie.reply = Some(self.bytes(self.text()?)?),
            "patch" => lie.patches.push(self.patch()?),
            "fill" => lie.fill = Some(self.unsigned()?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn isochronous(&self, lie: &mut Lie) -> Result<bool, ParseFaultError> {
        let iso = &mut lie.iso;
        match self.key {
            "packets" => iso.packets = Some(self.amount()?),
            "errors" => iso.errors = Some(self.amount()?),
            "packet" => iso.packet = Some(self.unsigned()?),
            "packet-offset" => iso.offset = Some(self.amount()?),
            "packet-length" => iso.length = Some(self.amount()?),
            "packet-actual" => iso.actual = Some(self.amount()?),
            "packet-status" => iso.status = Some(self.word()? as i32),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn wrong(&self) -> ParseFaultError {
        ParseFaultError::Number {
            key: self.key.to_owned(),
            value: self.value.unwrap_or_default().to_owned(),
        }
    }

    fn text(&self) -> Result<&str, ParseFaultError> {
        self.value
            .ok_or_else(|| ParseFaultError::Value(self.key.to_owned()))
    }

    fn unsigned<T: TryFrom<i64>>(&self) -> Result<T, ParseFaultError> {
        let number = number(self.text()?).ok_or_else(|| self.wrong())?;
        T::try_from(number).map_err(|_| self.wrong())
    }

    fn positive(&self) -> Result<u64, ParseFaultError> {
        let number = self.unsigned()?;
        if number == 0 {
            return Err(self.wrong());
        }
        Ok(number)
    }

    /// 32 bits, with a sign or without.
    fn word(&self) -> Result<u32, ParseFaultError> {
        word(self.text()?).ok_or_else(|| self.wrong())
    }

    fn amount(&self) -> Result<Amount, ParseFaultError> {
        amount(self.text()?).ok_or_else(|| self.wrong())
    }

    fn patch(&self) -> Result<(usize, Vec<u8>), ParseFaultError> {
        let (offset, hex) = self.text()?.split_once(':').ok_or_else(|| self.wrong())?;
        let offset = number(offset).and_then(|offset| usize::try_from(offset).ok());
        let (offset, bytes) = (offset.ok_or_else(|| self.wrong())?, self.bytes(hex)?);
        if offset + bytes.len() > Lie::MAX_DATA {
            return Err(self.wrong());
        }
        Ok((offset, bytes))
    }

    fn bytes(&self, hex: &str) -> Result<Vec<u8>, ParseFaultError> {
        let pair = |pair: &[u8]| {
            let text = std::str::from_utf8(pair).ok()?;
            let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            u8::from_str_radix(text, 16).ok().filter(|_| digits)
        };
        let bytes = hex.as_bytes().chunks(2).map(pair).collect::<Option<_>>();
        bytes.ok_or_else(|| self.wrong())
    }
}

/// A decimal or hexadecimal number, perhaps negative.
fn number(text: &str) -> Option<i64> {
    let (digits, negative) = match text.strip_prefix('-') {
        Some(digits) => (digits, true),
        None => (text, false),
    };
    let (digits, radix) = match digits.strip_prefix("0x") {
        Some(hex) => (hex, 16),
        None => (digits, 10),
    };
    // A second sign would be accepted.
    if !digits.starts_with(|first: char| first.is_digit(radix)) {
        return None;
    }
    let value = i64::from(u32::from_str_radix(digits, radix).ok()?);
    Some(if negative { -value } else { value })
}

fn word(text: &str) -> Option<u32> {
    let value = number(text)?;
    u32::try_from(value)
        .or_else(|_| i32::try_from(value).map(|value| value as u32))
        .ok()
}

fn amount(text: &str) -> Option<Amount> {
    if text.starts_with('+') {
        return difference(text).map(Amount::Asked);
    }
    if let Some(rest) = text.strip_prefix("asked") {
        return difference(rest).map(Amount::Asked);
    }
    if let Some(rest) = text.strip_prefix("true") {
        return difference(rest).map(Amount::Truth);
    }
    word(text).map(Amount::Exactly)
}

/// Nothing, `+N` or `-N`.
fn difference(text: &str) -> Option<i64> {
    match text.strip_prefix('+') {
        Some(digits) => number(digits).filter(|&more| more >= 0),
        None if text.is_empty() => Some(0),
        None => number(text).filter(|_| text.starts_with('-')),
    }
}
