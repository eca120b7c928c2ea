// SPDX-License-Identifier: GPL-2.0

//! How a transfer ended: the one table from URB status to meaning.
//!
//! C reference: [`Documentation/driver-api/usb/error-codes.rst`].
//!
//! [`Documentation/driver-api/usb/error-codes.rst`]: srctree/Documentation/driver-api/usb/error-codes.rst

use crate::{
    bindings,
    prelude::*, //
};

/// Why a transfer did not end well.
///
/// Converts into [`Error`] with the errno the host controller driver reported, so that `?` in a
/// driver passes the kernel's own code on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransferError {
    /// The endpoint is halted, or the device does not know the control request (`EPIPE`).
    ///
    /// A bulk or interrupt endpoint stays halted until [`Endpoint::clear_halt`].
    ///
    /// [`Endpoint::clear_halt`]: super::Endpoint::clear_halt
    Stall,
    /// The device sent more than there was room for (`EOVERFLOW`, "babble").
    Overflow,
    /// The device sent less than a transfer demands whose every byte is wanted (`EREMOTEIO`).
    Short,
    /// The transfer failed on the bus: CRC error, no answer within the bus time-out, wrong
    /// packet id (`EPROTO`, `EILSEQ`, `ETIME`, `ECOMM`, `ENOSR`).
    ///
    /// Often the first sign that the device was unplugged.
    Protocol(Error),
    /// The transfer was cancelled before its end (`ENOENT`, `ECONNRESET`).
    Cancelled(Error),
    /// The device is gone, or the driver may no longer talk to it (`ESHUTDOWN`, `ENODEV`).
    Gone(Error),
    /// A status that the table in `error-codes.rst` does not know for this kind of transfer.
    Other(Error),
}

impl TransferError {
    /// Reads the `status` of a completed URB.
    ///
    /// A host controller driver may report anything, so everything has a meaning: what is not a
    /// negative errno, and `EINPROGRESS`, become `EIO`.
    #[inline]
    pub(super) fn from_status(status: i32) -> Result<(), Self> {
        if status == 0 {
            return Ok(());
        }
        Err(Self::from_failure(status))
    }

    #[cold]
    fn from_failure(status: i32) -> Self {
        let is_errno = (-(bindings::MAX_ERRNO as i32)..0).contains(&status);
        if !is_errno || status == EINPROGRESS.to_errno() {
            return Self::Other(EIO);
        }
        Self::from_error(Error::from_errno(status))
    }

    fn from_error(error: Error) -> Self {
        match error {
            EPIPE => Self::Stall,
            EOVERFLOW => Self::Overflow,
            EREMOTEIO => Self::Short,
            EPROTO | EILSEQ | ETIME | ECOMM | ENOSR => Self::Protocol(error),
            ENOENT | ECONNRESET => Self::Cancelled(error),
            ESHUTDOWN | ENODEV => Self::Gone(error),
            _ => Self::Other(error),
        }
    }
}

impl From<TransferError> for Error {
    fn from(error: TransferError) -> Error {
        match error {
            TransferError::Stall => EPIPE,
            TransferError::Overflow => EOVERFLOW,
            TransferError::Short => EREMOTEIO,
            TransferError::Protocol(error)
            | TransferError::Cancelled(error)
            | TransferError::Gone(error)
            | TransferError::Other(error) => error,
        }
    }
}
