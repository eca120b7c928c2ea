// SPDX-License-Identifier: GPL-2.0

//! Descriptors of any type: two bytes that tell the length and the type, and what they announce
//! (USB 2.0, 9.5).
//!
//! Everything else is built on [`Raw`], the only place where a length is taken from the bytes.

use super::{
    Error,
    ErrorKind, //
};
use crate::prelude::kunit_tests;
use core::iter::FusedIterator;

/// The type of a descriptor, `bDescriptorType` (USB 2.0, table 9-5; USB 3.2, table 9-6).
///
/// Not a closed set: classes and vendors have their own.
///
/// # Examples
///
/// ```
/// use kernel::usb::descriptor::DescriptorType;
///
/// assert_eq!(DescriptorType::from_raw(5), DescriptorType::ENDPOINT);
/// assert_eq!(DescriptorType::CS_INTERFACE.as_raw(), 0x24);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DescriptorType(u8);

impl DescriptorType {
    /// Of the device.
    pub const DEVICE: Self = Self(0x01);
    /// Of a configuration.
    pub const CONFIGURATION: Self = Self(0x02);
    /// Of a string.
    pub const STRING: Self = Self(0x03);
    /// Of an altsetting of an interface.
    pub const INTERFACE: Self = Self(0x04);
    /// Of an endpoint.
    pub const ENDPOINT: Self = Self(0x05);
    /// Of the device at the speed it does not run at.
    pub const DEVICE_QUALIFIER: Self = Self(0x06);
    /// Of a configuration at the speed it does not run at.
    pub const OTHER_SPEED_CONFIGURATION: Self = Self(0x07);
    /// Of a group of interfaces.
    pub const INTERFACE_ASSOCIATION: Self = Self(0x0b);
    /// Of the binary device object store.
    pub const BOS: Self = Self(0x0f);
    /// Of a capability in the store.
    pub const DEVICE_CAPABILITY: Self = Self(0x10);
    /// Of what eUSB2 adds to an isochronous endpoint.
    pub const EUSB2_ISOCHRONOUS_COMPANION: Self = Self(0x12);
    /// Of a HID interface (HID 1.11, 7.1). DFU and smart card readers use the same number.
    pub const HID: Self = Self(0x21);
    /// Of a DFU interface (DFU 1.1, 4.1.3).
    pub const DFU_FUNCTIONAL: Self = Self(0x21);
    /// Of a pipe of USB attached SCSI.
    pub const PIPE_USAGE: Self = Self(0x24);
    /// What a class adds to the device.
    pub const CS_DEVICE: Self = Self(0x21);
    /// What a class adds to a configuration.
    pub const CS_CONFIGURATION: Self = Self(0x22);
    /// What a class adds to a string.
    pub const CS_STRING: Self = Self(0x23);
    /// What a class adds to an interface.
    pub const CS_INTERFACE: Self = Self(0x24);
    /// What a class adds to an endpoint.
    pub const CS_ENDPOINT: Self = Self(0x25);
    /// Of what SuperSpeed adds to an endpoint.
    pub const SUPERSPEED_COMPANION: Self = Self(0x30);
    /// Of what SuperSpeedPlus adds to an isochronous endpoint.
    pub const SUPERSPEED_PLUS_ISOCHRONOUS_COMPANION: Self = Self(0x31);

    /// The type of that number.
    pub const fn from_raw(raw: u8) -> Self {
        Self(raw)
    }

    /// Its number.
    pub const fn as_raw(self) -> u8 {
        self.0
    }
}

/// One descriptor of any type, and the bytes behind it.
///
/// Its length is what it says it is and lies inside of what was parsed. Views such as
/// [`Endpoint::new`](super::Endpoint::new) give its bytes a meaning; those that go on in the
/// descriptors behind it find them there.
///
/// # Examples
///
/// ```
/// use kernel::usb::descriptor::{DescriptorType, ErrorKind, Raw};
///
/// let raw = Raw::first(&[3, 0x24, 0x0d, 2, 9])?;
/// assert_eq!(raw.descriptor_type(), DescriptorType::CS_INTERFACE);
/// assert_eq!(raw.bytes(), [3, 0x24, 0x0d]);
/// assert_eq!(raw.data(), [0x0d]);
/// assert_eq!(raw.offset(), 0);
///
/// // What is behind it: a descriptor without data.
/// let behind = raw.following().next().ok_or(EINVAL)??;
/// assert_eq!((behind.offset(), behind.bytes()), (3, &[2, 9][..]));
///
/// let overrun = Raw::first(&[4, 0x24, 0x0d]).err();
/// assert_eq!(overrun.map(|error| error.kind()), Some(ErrorKind::Overrun));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw<'a> {
    descriptor_type: DescriptorType,
    bytes: &'a [u8],
    behind: &'a [u8],
    offset: usize,
}

impl<'a> Raw<'a> {
    /// The first descriptor in `bytes`.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Truncated`] if there are not even two bytes.
    /// - [`ErrorKind::BadLength`] if its length is 0 or 1.
    /// - [`ErrorKind::Overrun`] if its length is more than there are bytes.
    pub fn first(bytes: &'a [u8]) -> Result<Self, Error> {
        Self::at(bytes, 0)
    }

    fn at(bytes: &'a [u8], offset: usize) -> Result<Self, Error> {
        let &[length, number, ..] = bytes else {
            return Err(Error::new(ErrorKind::Truncated, offset));
        };
        if length < 2 {
            return Err(Error::new(ErrorKind::BadLength, offset));
        }
        let (bytes, behind) = bytes
            .split_at_checked(usize::from(length))
            .ok_or(Error::new(ErrorKind::Overrun, offset))?;
        Ok(Self {
            descriptor_type: DescriptorType(number),
            bytes,
            behind,
            offset,
        })
    }

    /// Its type.
    #[doc(alias = "bDescriptorType")]
    pub fn descriptor_type(&self) -> DescriptorType {
        self.descriptor_type
    }

    /// All of its bytes, as many as its `bLength` says: 2 to 255.
    #[doc(alias = "bLength")]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Its bytes without the length and the type.
    pub fn data(&self) -> &'a [u8] {
        self.tail(2)
    }

    /// Where it starts, in bytes from the start of what was parsed.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The descriptors behind it.
    pub fn following(&self) -> Descriptors<'a> {
        self.following_within(usize::MAX)
    }

    /// The descriptors behind it in a group of `total` bytes that starts with it.
    pub(super) fn following_within(&self, total: usize) -> Descriptors<'a> {
        let room = total.saturating_sub(self.bytes.len());
        Descriptors {
            rest: self.behind.get(..room).unwrap_or(self.behind),
            offset: self.offset.saturating_add(self.bytes.len()),
        }
    }

    /// How many bytes there are from its start to the end of what was parsed.
    pub(super) fn available(&self) -> usize {
        self.bytes.len().saturating_add(self.behind.len())
    }

    /// Its bytes from `at` on, none if it has no more than `at`.
    pub(super) fn tail(&self, at: usize) -> &'a [u8] {
        self.bytes.get(at..).unwrap_or_default()
    }

    /// Its first `N` bytes, which every descriptor of its type has.
    pub(super) fn fixed<const N: usize>(&self) -> Result<&'a [u8; N], Error> {
        self.bytes
            .first_chunk()
            .ok_or(self.error(ErrorKind::TooShort))
    }

    pub(super) fn error(&self, kind: ErrorKind) -> Error {
        Error::new(kind, self.offset)
    }
}

/// Descriptors one behind the other, in the order of their bytes.
///
/// An error is the last item, since what is behind a wrong length cannot be found.
///
/// # Examples
///
/// ```
/// use kernel::usb::descriptor::{Descriptors, ErrorKind};
///
/// let mut descriptors = Descriptors::new(&[2, 1, 3, 2, 0, 0, 7]);
/// assert_eq!(descriptors.next().transpose()?.map(|raw| raw.offset()), Some(0));
/// assert_eq!(descriptors.next().transpose()?.map(|raw| raw.offset()), Some(2));
///
/// let error = descriptors.next().and_then(Result::err);
/// assert_eq!(error.map(|error| error.offset()), Some(5));
/// assert_eq!(error.map(|error| error.kind()), Some(ErrorKind::BadLength));
/// assert!(descriptors.next().is_none());
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Descriptors<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Descriptors<'a> {
    /// Those in `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            offset: 0,
        }
    }

    /// Those before the first whose length is wrong.
    pub(super) fn well_formed(self) -> WellFormed<'a> {
        WellFormed(self)
    }
}

/// Descriptors, up to the first whose length is wrong.
#[derive(Clone, Debug)]
pub(super) struct WellFormed<'a>(Descriptors<'a>);

impl<'a> Iterator for WellFormed<'a> {
    type Item = Raw<'a>;

    fn next(&mut self) -> Option<Raw<'a>> {
        self.0.next()?.ok()
    }
}

impl<'a> Iterator for Descriptors<'a> {
    type Item = Result<Raw<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let item = Raw::at(self.rest, self.offset);
        *self = item.map_or(Self::new(&[]), |raw| raw.following());
        Some(item)
    }
}

impl FusedIterator for Descriptors<'_> {}

#[kunit_tests(rust_usb_descriptor_raw)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_checked() {
        let cases: [(&[u8], Result<usize, ErrorKind>); 8] = [
            (&[], Err(ErrorKind::Truncated)),
            (&[2], Err(ErrorKind::Truncated)),
            (&[0, 1], Err(ErrorKind::BadLength)),
            (&[1, 1], Err(ErrorKind::BadLength)),
            (&[2, 1], Ok(2)),
            (&[3, 1], Err(ErrorKind::Overrun)),
            (&[3, 1, 0], Ok(3)),
            (&[3, 1, 0, 0], Ok(3)),
        ];
        for (bytes, expected) in cases {
            let length = Raw::first(bytes).map(|raw| raw.bytes().len());
            assert_eq!(length.map_err(|error| error.kind()), expected);
        }
    }

    #[test]
    fn longest_is_255() {
        let bytes = [255; 256];
        let mut found = Descriptors::new(&bytes);
        assert!(matches!(found.next(), Some(Ok(raw)) if raw.bytes().len() == 255));
        assert!(matches!(found.next(), Some(Err(error)) if error.offset() == 255));
        assert!(found.next().is_none());
    }

    #[test]
    fn an_error_ends_the_walk() {
        let mut found = Descriptors::new(&[2, 1, 0, 1, 2, 1]);
        assert!(matches!(found.next(), Some(Ok(raw)) if raw.offset() == 0));
        assert!(matches!(found.next(), Some(Err(error)) if error.offset() == 2));
        assert!(found.next().is_none());
        assert!(found.next().is_none());
    }

    #[test]
    fn a_group_ends_at_its_total() -> Result<(), Error> {
        let raw = Raw::first(&[2, 1, 2, 2, 2, 3])?;
        let cases = [
            (0, 0),
            (2, 0),
            (3, 1),
            (4, 1),
            (5, 2),
            (6, 2),
            (usize::MAX, 2),
        ];
        for (total, items) in cases {
            assert_eq!(raw.following_within(total).count(), items);
        }
        assert!(matches!(raw.following_within(3).next(), Some(Err(_))));
        Ok(())
    }
}
