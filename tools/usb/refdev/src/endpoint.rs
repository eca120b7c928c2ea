// SPDX-License-Identifier: GPL-2.0

//! Endpoint addresses and sets of them.

use std::fmt;

/// Way of the data, seen from the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Host to device.
    Out,
    /// Device to host.
    In,
}

/// Address of an endpoint: a number from 0 to 15 and a direction (`bEndpointAddress`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(u8);

impl Address {
    /// The default control pipe, which has one queue for both directions.
    pub const CONTROL: Self = Self(0);

    /// How many different addresses there are, hence the bound of [`Address::index`].
    pub const COUNT: usize = 32;

    /// An address from its raw byte; `None` if a reserved bit is set.
    pub const fn new(raw: u8) -> Option<Self> {
        if raw & 0x70 == 0 {
            Some(Self(raw))
        } else {
            None
        }
    }

    /// An address from its parts; `None` if the number is above 15.
    pub const fn from_parts(number: u8, direction: Direction) -> Option<Self> {
        if number > 15 {
            return None;
        }
        Some(match direction {
            Direction::Out => Self(number),
            Direction::In => Self(number | 0x80),
        })
    }

    /// The byte as it stands in a descriptor.
    pub const fn raw(self) -> u8 {
        self.0
    }

    /// The number without the direction.
    pub const fn number(self) -> u8 {
        self.0 & 0x0f
    }

    /// Which way data goes.
    pub const fn direction(self) -> Direction {
        if self.0 & 0x80 == 0 {
            Direction::Out
        } else {
            Direction::In
        }
    }

    /// Position in a table of all endpoints: OUT 0 to 15, then IN 16 to 31.
    pub const fn index(self) -> usize {
        ((self.0 & 0x80) >> 3 | self.number()) as usize
    }

    /// The inverse of [`Address::index`]; `None` at 32 and above.
    pub const fn from_index(index: usize) -> Option<Self> {
        if index >= Self::COUNT {
            return None;
        }
        let raw = index as u8;
        Some(Self((raw & 0x10) << 3 | raw & 0x0f))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02x}", self.0)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

/// A set of endpoint addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EndpointSet(u32);

impl EndpointSet {
    /// No endpoint.
    pub const EMPTY: Self = Self(0);
    /// Every endpoint there can be.
    pub const ALL: Self = Self(u32::MAX);

    /// A set with a bit for each, at [`Address::index`].
    pub const fn from_raw(bits: u32) -> Self {
        Self(bits)
    }

    /// The bits.
    pub const fn raw(self) -> u32 {
        self.0
    }

    /// Adds one.
    pub fn insert(&mut self, address: Address) {
        self.0 |= 1 << address.index();
    }

    /// Takes one out.
    pub fn remove(&mut self, address: Address) {
        self.0 &= !(1 << address.index());
    }

    /// Adds all of another set.
    pub fn extend(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether it is in.
    pub const fn contains(self, address: Address) -> bool {
        self.0 & (1 << address.index()) != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Takes out and returns the one with the lowest index.
    pub fn pop(&mut self) -> Option<Address> {
        let first = Address::from_index(self.0.trailing_zeros() as usize)?;
        self.remove(first);
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_an_address_or_refused() {
        for raw in 0..=u8::MAX {
            let address = Address::new(raw);
            assert_eq!(address.is_some(), raw & 0x70 == 0, "{raw:#x}");
            if let Some(address) = address {
                assert_eq!(address.raw(), raw);
                assert_eq!(Address::from_index(address.index()), Some(address));
                assert_eq!(
                    Address::from_parts(address.number(), address.direction()),
                    Some(address)
                );
            }
        }
        assert_eq!(Address::from_index(32), None);
        assert_eq!(Address::from_parts(16, Direction::In), None);
    }

    #[test]
    fn a_set_gives_back_what_was_put_in() {
        let mut set = EndpointSet::EMPTY;
        let addresses = [0x00, 0x01, 0x0f, 0x80, 0x81, 0x8f].map(|raw| Address::new(raw).unwrap());
        for address in addresses {
            assert!(!set.contains(address));
            set.insert(address);
            assert!(set.contains(address));
        }
        assert_eq!(
            std::iter::from_fn(|| set.pop()).collect::<Vec<_>>(),
            addresses
        );
        assert!(set.is_empty());
    }

    #[test]
    fn a_full_set_has_all() {
        let mut set = EndpointSet::ALL;
        assert_eq!(std::iter::from_fn(|| set.pop()).count(), Address::COUNT);
    }
}
