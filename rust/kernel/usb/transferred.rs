// SPDX-License-Identifier: GPL-2.0

//! What becomes of a synchronous transfer, and of its memory.

use super::{
    memory::Memory,
    Buffer,
    TransferError, //
};
use crate::prelude::*;

/// A synchronous transfer that was carried out, well or not.
#[must_use = "how the transfer ended is in its result"]
pub struct Transferred<B: Memory = Buffer> {
    /// The memory it was started with.
    pub buffer: B,
    /// Bytes that were moved, also where it ended badly.
    pub actual_length: usize,
    /// How it ended:
    ///
    /// - [`TimedOut`](TransferError::TimedOut): it was cancelled when its time was over.
    /// - [`Interrupted`](TransferError::Interrupted): it was cancelled because of a signal.
    /// - [`NoDevice`](TransferError::NoDevice): it was cancelled or not started because the driver
    ///   is being unbound, or the device is gone.
    /// - [`Suspended`](TransferError::Suspended): it was cancelled or not started because I/O is
    ///   paused: the device is suspended or being reset, or its endpoints are being replaced.
    /// - [`Stale`](TransferError::Stale), [`NoBandwidth`](TransferError::NoBandwidth),
    ///   [`NoMemory`](TransferError::NoMemory): it was not started.
    /// - any other that the device or the host controller can cause.
    pub result: Result<(), TransferError>,
}

impl<B: Memory> Transferred<B> {
    /// A transfer that was not started.
    pub(super) fn refused(buffer: B, error: TransferError) -> Self {
        Self {
            buffer,
            actual_length: 0,
            result: Err(error),
        }
    }

    /// The memory of a transfer that ended well and moved all of it.
    ///
    /// # Errors
    ///
    /// - [`Short`](TransferError::Short) if it ended well, but was short.
    /// - Otherwise that of [`result`](Transferred::result).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb};
    ///
    /// const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();
    ///
    /// fn read_header(from: &usb::Endpoint<'_, usb::Bulk, usb::In>) -> Result<usb::Buffer> {
    ///     let header = usb::Buffer::new(512, GFP_KERNEL)?;
    ///     Ok(from.read(header, SECOND)?.whole()?)
    /// }
    /// ```
    pub fn whole(self) -> Result<B, TransferFailure> {
        let is_whole = self.actual_length == self.buffer.length();
        match self.result {
            Ok(()) if is_whole => Ok(self.buffer),
            Ok(()) => Err(self.failure(TransferError::Short)),
            Err(error) => Err(self.failure(error)),
        }
    }

    pub(super) fn failure(&self, error: TransferError) -> TransferFailure {
        TransferFailure {
            error,
            actual_length: self.actual_length,
        }
    }
}

impl Transferred {
    /// The bytes that were moved.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb;
    ///
    /// /// The first line of what came, whether or not the rest did.
    /// fn first_line(done: &usb::Transferred) -> &[u8] {
    ///     done.data().split(|byte| *byte == b'\n').next().unwrap_or(&[])
    /// }
    /// ```
    pub fn data(&self) -> &[u8] {
        self.buffer.get(..self.actual_length).unwrap_or(&[])
    }
}

/// A transfer that was not even begun: why, and the memory that was meant for it.
///
/// Converts into [`Error`] and [`TransferError`].
///
/// # Examples
///
/// ```
/// use kernel::{device::Bound, prelude::*, usb};
///
/// const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();
///
/// type Input<'a> = usb::Endpoint<'a, usb::Bulk, usb::In>;
///
/// /// Reads into a buffer that is used again and again. It comes back whatever happens.
/// fn read(from: &Input<'_>, buffer: usb::Buffer) -> (usb::Buffer, Result<usize>) {
///     match from.read(buffer, SECOND) {
///         Ok(done) => (done.buffer, done.result.map(|()| done.actual_length).map_err(Into::into)),
///         Err(usb::StartError { error, buffer }) => (buffer, Err(error.into())),
///     }
/// }
/// ```
pub struct StartError<B: Memory = Buffer> {
    /// Why.
    pub error: TransferError,
    /// The memory, as it was.
    pub buffer: B,
}

impl<B: Memory> StartError<B> {
    pub(super) fn new(error: Error, buffer: B) -> Self {
        Self {
            error: TransferError::from_refusal(error),
            buffer,
        }
    }
}

impl<B: Memory> From<StartError<B>> for TransferError {
    fn from(refused: StartError<B>) -> Self {
        refused.error
    }
}

impl<B: Memory> From<StartError<B>> for Error {
    fn from(refused: StartError<B>) -> Self {
        refused.error.into()
    }
}

/// Why a transfer of bytes that lie anywhere did not do all of it, and how many it moved until then.
///
/// Converts into [`Error`] and [`TransferError`].
///
/// # Examples
///
/// ```
/// use kernel::{prelude::*, usb};
///
/// const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();
///
/// /// What became of a page of print.
/// fn print(to: &usb::Endpoint<'_, usb::Bulk, usb::Out>, page: &[u8]) -> Result<&'static str> {
///     use usb::TransferError::{Stall, TimedOut};
///     match to.send(page, SECOND) {
///         Ok(()) => Ok("printed"),
///         Err(usb::TransferFailure { error: TimedOut, actual_length: 0 }) => Ok("out of paper"),
///         Err(usb::TransferFailure { error: TimedOut, .. }) => Ok("jammed"),
///         Err(failure) if failure.error == Stall => Ok("no such font"),
///         Err(failure) => Err(failure.into()),
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransferFailure {
    /// Why.
    pub error: TransferError,
    /// Bytes that were moved.
    pub actual_length: usize,
}

impl TransferFailure {
    /// A transfer that was not begun.
    pub(super) fn unstarted(error: Error) -> Self {
        TransferError::from_refusal(error).into()
    }
}

impl From<TransferError> for TransferFailure {
    /// Of a transfer that has moved nothing.
    fn from(error: TransferError) -> Self {
        Self {
            error,
            actual_length: 0,
        }
    }
}

impl<B: Memory> From<StartError<B>> for TransferFailure {
    fn from(refused: StartError<B>) -> Self {
        refused.error.into()
    }
}

impl From<TransferFailure> for TransferError {
    fn from(failure: TransferFailure) -> Self {
        failure.error
    }
}

impl From<TransferFailure> for Error {
    fn from(failure: TransferFailure) -> Self {
        failure.error.into()
    }
}

#[kunit_tests(rust_usb_transferred)]
mod tests {
    use super::*;

    fn transferred(actual_length: usize, result: Result<(), TransferError>) -> Result<Transferred> {
        let mut buffer = Buffer::new(4, GFP_KERNEL)?;
        buffer[..].copy_from_slice(b"four");
        Ok(Transferred {
            buffer,
            actual_length,
            result,
        })
    }

    #[test]
    fn whole_is_neither_short_nor_failed() -> Result {
        assert_eq!(&transferred(4, Ok(()))?.whole()?[..], b"four");
        for (actual, result, error) in [
            (3, Ok(()), TransferError::Short),
            (0, Ok(()), TransferError::Short),
            (4, Err(TransferError::Stall), TransferError::Stall),
            (0, Err(TransferError::TimedOut), TransferError::TimedOut),
        ] {
            let failure = TransferFailure {
                error,
                actual_length: actual,
            };
            assert_eq!(transferred(actual, result)?.whole().err(), Some(failure));
        }
        Ok(())
    }

    #[test]
    fn data_is_what_was_moved() -> Result {
        assert_eq!(transferred(0, Ok(()))?.data(), b"");
        assert_eq!(transferred(3, Err(TransferError::Protocol))?.data(), b"fou");
        assert_eq!(transferred(4, Ok(()))?.data(), b"four");
        // Nobody makes that, but the fields are public.
        assert_eq!(transferred(5, Ok(()))?.data(), b"");
        Ok(())
    }

    #[test]
    fn errors_keep_their_names_until_they_are_errno() -> Result {
        for (errno, name) in [
            (EPERM, TransferError::Rejected),
            (EINVAL, TransferError::Invalid),
            (EMSGSIZE, TransferError::MessageSize),
            (ENOMEM, TransferError::NoMemory),
            (ENODEV, TransferError::NoDevice),
            (EOPNOTSUPP, TransferError::Other(EOPNOTSUPP)),
        ] {
            let refused =
                || -> Result<_> { Ok(StartError::new(errno, Buffer::new(3, GFP_KERNEL)?)) };
            assert_eq!(refused()?.buffer.len(), 3);
            assert_eq!(TransferError::from(refused()?), name);
            assert_eq!(Error::from(refused()?), errno);
            let failure = TransferFailure::from(refused()?);
            assert_eq!((failure.error, failure.actual_length), (name, 0));
            assert_eq!(failure, TransferFailure::unstarted(errno));
            assert_eq!(Error::from(failure), errno);
        }
        Ok(())
    }
}
