// SPDX-License-Identifier: GPL-2.0

//! What can be wrong with descriptors, and where.

use crate::error::code::EINVAL;

/// What is wrong with a descriptor, and at which byte it starts.
///
/// Converts into the kernel's [`Error`](crate::error::Error) as `EINVAL`.
///
/// # Examples
///
/// ```
/// use kernel::usb::descriptor::{Endpoint, ErrorKind};
///
/// // An endpoint descriptor has seven bytes.
/// let error = Endpoint::parse(&[6, 5, 0x81, 2, 64, 0]).err();
/// assert_eq!(error.map(|error| error.kind()), Some(ErrorKind::TooShort));
/// assert_eq!(error.map(|error| error.offset()), Some(0));
/// assert_eq!(error.map(kernel::error::Error::from), Some(kernel::error::code::EINVAL));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    offset: usize,
}

impl Error {
    pub(super) const fn new(kind: ErrorKind, offset: usize) -> Self {
        Self { kind, offset }
    }

    /// What is wrong.
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Where the descriptor at fault starts, in bytes from the start of what was parsed.
    pub const fn offset(&self) -> usize {
        self.offset
    }
}

impl From<Error> for crate::error::Error {
    fn from(_: Error) -> Self {
        EINVAL
    }
}

/// The ways in which descriptors can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The bytes end before the two that every descriptor starts with.
    Truncated,
    /// `bLength` is 0 or 1, less than the bytes that say so; nothing behind it can be found.
    BadLength,
    /// `bLength` runs past the end; nothing behind it can be found.
    Overrun,
    /// It has fewer bytes than one of its type must have.
    TooShort,
    /// It is of another type or subtype than the one asked for.
    WrongType,
    /// `wTotalLength` is less than the header that it is in, or more than there are bytes.
    TotalLength,
    /// A type that has no place here, such as a device descriptor inside of a configuration.
    Unexpected,
    /// A field has a value that its specification reserves.
    OutOfRange,
    /// `bNumInterfaces` is not how many interfaces there are.
    InterfaceCount,
    /// An interface's number is not less than `bNumInterfaces` (USB 2.0, 9.6.5).
    InterfaceNumber,
    /// An interface has two altsettings of the same number.
    DuplicateAltSetting,
    /// An interface has no altsetting 0, which is the one in use at first (USB 2.0, 9.6.5).
    NoDefaultAltSetting,
    /// There are more altsettings than the USB core keeps: 4096.
    TooManyAltSettings,
    /// `bNumEndpoints` is not how many endpoints the altsetting has.
    EndpointCount,
    /// An endpoint before the first interface.
    EndpointWithoutInterface,
    /// An endpoint descriptor for number 0, which never has one.
    EndpointZero,
    /// An endpoint's address is one that another of the altsetting or interface has.
    DuplicateEndpoint,
    /// A companion that does not follow at once on the descriptor it belongs to.
    StrayCompanion,
    /// A companion announces another one, which is not there (USB 3.2, 9.6.7).
    MissingCompanion,
    /// An association names no interface, or one that the configuration does not have.
    AssociationRange,
    /// An association names an interface that an earlier one has.
    AssociationOverlap,
    /// `bNumDeviceCaps` is not how many capabilities there are.
    CapabilityCount,
    /// A descriptor that a function can have once is there again.
    Duplicate,
    /// What a communication interface says of its function does not start with a header (CDC 1.2,
    /// 5.2.3.1).
    MissingHeader,
    /// It does not have as many entries as it declares.
    EntryCount,
    /// Its last entry is cut off.
    PartialEntry,
    /// No entry of a HID descriptor is of reports, which every such device has (HID 1.11, 6.2.1).
    MissingReport,
    /// Half of a pair of UTF-16 surrogates.
    LoneSurrogate,
}
