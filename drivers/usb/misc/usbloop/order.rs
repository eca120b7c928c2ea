// SPDX-License-Identifier: GPL-2.0

//! What a program asks for.

use kernel::prelude::*;

/// Bytes in a block of the device.
pub(super) const BLOCK_SIZE: u64 = 4096;

const MAX_LENGTH: u32 = 1 << 20;
const MAX_DEPTH: u32 = 1024;

/// The way of the data.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    In,
    Out,
    Control,
    Isochronous,
}

/// What a program asks for.
pub(super) struct Order {
    pub(super) kind: Kind,
    pub(super) length: u32,
    pub(super) depth: u32,
    pub(super) count: u32,
    pub(super) anchored: bool,
}

impl Order {
    pub(super) fn parse(text: &[u8]) -> Result<Self> {
        let text = core::str::from_utf8(text).map_err(|_| EINVAL)?;
        let mut words = text.split_ascii_whitespace();
        let kind = match words.next() {
            Some("in") => Kind::In,
            Some("out") => Kind::Out,
            Some("control") => Kind::Control,
            Some("iso") => Kind::Isochronous,
            _ => return Err(EINVAL),
        };
        let mut number = || -> Result<u32> { words.next().ok_or(EINVAL)?.parse().or(Err(EINVAL)) };
        let (length, depth, count) = (number()?, number()?, number()?);
        let order = Order {
            kind,
            length,
            depth,
            count,
            anchored: words.next() == Some("anchored"),
        };
        order.is_possible().then_some(order).ok_or(EINVAL)
    }

    fn is_possible(&self) -> bool {
        let bytes = self.bytes();
        let of_blocks = bytes % BLOCK_SIZE == 0 && bytes / BLOCK_SIZE <= u64::from(u16::MAX);
        (1..=MAX_LENGTH).contains(&self.length)
            && (1..=MAX_DEPTH).contains(&self.depth)
            && bytes != 0
            && (of_blocks || !matches!(self.kind, Kind::In | Kind::Out))
    }

    pub(super) fn bytes(&self) -> u64 {
        u64::from(self.length) * u64::from(self.count)
    }
}
