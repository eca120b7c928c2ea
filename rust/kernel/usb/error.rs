// SPDX-License-Identifier: GPL-2.0

//! How a transfer ended, or why there was none: the one table of errno and meaning.
//!
//! C reference: [`Documentation/driver-api/usb/error-codes.rst`].
//!
//! [`Documentation/driver-api/usb/error-codes.rst`]: srctree/Documentation/driver-api/usb/error-codes.rst

use crate::{
    bindings,
    prelude::*, //
};

/// Why a transfer did not end well, or was not even started.
///
/// Each errno of `error-codes.rst` has a name here. Three of them, `EPIPE`, `ENOENT` and `EXDEV`, mean one
/// thing when a URB is submitted and another one when it has ended, so that there are two names.
/// Converts into [`Error`] with that errno, so that `?` in a driver passes the kernel's own code
/// on. That conversion loses the difference, so who wants to know matches the name before.
///
/// [`is_cancelled`](Self::is_cancelled), [`is_gone`](Self::is_gone) and
/// [`is_bus_error`](Self::is_bus_error) tell the kinds apart that most drivers care for.
///
/// # Examples
///
/// ```
/// use kernel::usb::TransferError;
///
/// /// Whether to try once more.
/// fn is_passing(error: TransferError) -> bool {
///     match error {
///         TransferError::TimedOut => true,
///         error => error.is_bus_error(),
///     }
/// }
///
/// assert!(is_passing(TransferError::Crc));
/// assert!(!is_passing(TransferError::Stall));
/// assert_eq!(EILSEQ, Error::from(TransferError::Crc));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransferError {
    // How a transfer ended.
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
    /// Bit stuffing, a wrong packet id, no answer, or what the host controller cannot tell
    /// (`EPROTO`).
    ///
    /// Often the first sign that the device was unplugged.
    Protocol,
    /// A wrong checksum, or, with some host controllers, no answer (`EILSEQ`).
    Crc,
    /// No answer within the turn-around time of the bus (`ETIME`).
    NoResponse,
    /// The host controller got data faster than it could write them to memory (`ECOMM`).
    BufferOverrun,
    /// The host controller could not read memory as fast as the bus takes data (`ENOSR`).
    BufferUnderrun,
    /// A packet of an isochronous transfer was moved in part (`EXDEV`).
    PartialPacket,
    /// The transfer was cancelled by somebody who waits for its end (`ENOENT`), as where I/O is
    /// paused, or the driver unbound.
    Killed,
    /// The transfer was cancelled by somebody who does not wait for this one (`ECONNRESET`), as by
    /// an anchor, a pool or a queue, which all begin to cancel before they wait.
    Unlinked,
    /// The device or the host controller was switched off, as after an unplug (`ESHUTDOWN`).
    Shutdown,
    /// The device is gone, or the driver may no longer talk to it (`ENODEV`).
    NoDevice,
    /// The URB is still in flight, as its host controller driver says that it has ended
    /// (`EINPROGRESS`): a bug of that.
    Pending,
    /// The host controller driver reported what is no errno at all (`EIO`).
    NoErrno(i32),

    // Why a caller who waited for the end cancelled it.
    /// The caller's time was over, or that of a host controller (`ETIMEDOUT`).
    TimedOut,
    /// The caller got a signal (`EINTR`).
    Interrupted,

    // Why it was not started.
    /// No memory for what the host controller driver needs (`ENOMEM`).
    NoMemory,
    /// I/O is paused: the device is suspended or being reset, or its endpoints are being replaced
    /// (`EHOSTUNREACH`).
    Suspended,
    /// The altsetting of the endpoint is no longer in use (`ESTALE`). The C core does not notice.
    Stale,
    /// The URB is being killed, or was poisoned or blocked, its endpoint is being reset, or the
    /// request [belongs to the USB core](super::ControlRequest::belongs_to_core) (`EPERM`).
    Rejected,
    /// The bus has no bandwidth left for a periodic transfer (`ENOSPC`).
    NoBandwidth,
    /// All frames in which an isochronous transfer would have taken place are over (`EXDEV`).
    Expired,
    /// More packets than the host controller can schedule (`EFBIG`).
    TooManyFrames,
    /// The host controller cannot move that much at once, or not in packets of that size, or there
    /// is more than a request can have (`EMSGSIZE`).
    MessageSize,
    /// The host controller driver does not queue transfers of this type (`ENXIO`).
    NotQueued,
    /// The host controller does not do it like that: type of transfer, interval, stream (`EINVAL`).
    /// Or the URB or the memory was made for another interface or direction, or there is no memory
    /// to fill. As the end of a transfer it is what `error-codes.rst` calls "ISO madness".
    Invalid,
    /// There is no such endpoint in use (`ENOENT`). An [`Endpoint`](super::Endpoint) is there until
    /// the core disables it, which is how unbinding begins, so this becomes
    /// [`NoDevice`](Self::NoDevice), and so does [`Shutdown`](Self::Shutdown) where a URB is
    /// submitted.
    NoEndpoint,
    /// The URB is in flight (`EBUSY`). Submitting consumes a [`Urb`](super::Urb).
    Busy,
    /// The pipe is not of the endpoint's type (`EPIPE`). A [`Urb`](super::Urb) has the type of its
    /// endpoint.
    WrongPipe,
    /// The setup packet tells another length than the URB (`EBADR`). It is derived from it.
    SetupLength,
    /// A control transfer has no setup packet (`ENOEXEC`). Each has one.
    NoSetup,

    /// What the tables in `error-codes.rst` do not know in this place.
    Other(Error),
}

impl TransferError {
    /// Whether somebody on our side did not want the transfer any more: it was killed or unlinked, or
    /// there was a signal for who waited for it. That its time was over is another matter.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::TransferError;
    ///
    /// /// Whether anybody is told of an error: not where the driver itself ended the transfer, nor
    /// /// where the device was unplugged. A device that does not answer is worth a message.
    /// fn is_worth_a_message(error: TransferError) -> bool {
    ///     !error.is_cancelled() && !error.is_gone()
    /// }
    ///
    /// assert!(!is_worth_a_message(TransferError::Killed));
    /// assert!(!is_worth_a_message(TransferError::Shutdown));
    /// assert!(is_worth_a_message(TransferError::Overflow));
    /// assert!(is_worth_a_message(TransferError::TimedOut));
    /// ```
    pub const fn is_cancelled(self) -> bool {
        matches!(self, Self::Killed | Self::Unlinked | Self::Interrupted)
    }

    /// Whether there is nobody to talk to any more: the device is gone or switched off, or the
    /// driver is being unbound.
    pub const fn is_gone(self) -> bool {
        matches!(self, Self::NoDevice | Self::Shutdown)
    }

    /// Whether the transfer failed on the bus, or on its way between bus and memory.
    ///
    /// Another try may succeed. While a device is being unplugged, transfers fail like this until
    /// the hub is heard.
    pub const fn is_bus_error(self) -> bool {
        matches!(
            self,
            Self::Protocol
                | Self::Crc
                | Self::NoResponse
                | Self::BufferOverrun
                | Self::BufferUnderrun
                | Self::PartialPacket
        )
    }

    /// Whether a URB ended like this because it was cancelled or has lost its device.
    pub(super) const fn is_final(self) -> bool {
        self.is_cancelled() || self.is_gone()
    }

    /// Reads the `status` of a completed URB.
    ///
    /// A host controller driver may report anything, so everything has a meaning.
    #[inline]
    pub(super) fn from_status(status: i32) -> Result<(), Self> {
        if status == 0 {
            return Ok(());
        }
        Err(Self::from_failure(status))
    }

    #[cold]
    fn from_failure(status: i32) -> Self {
        if !(-(bindings::MAX_ERRNO as i32)..0).contains(&status) {
            return Self::NoErrno(status);
        }
        match Error::from_errno(status) {
            EPIPE => Self::Stall,
            EOVERFLOW => Self::Overflow,
            EREMOTEIO => Self::Short,
            EPROTO => Self::Protocol,
            EILSEQ => Self::Crc,
            ETIME => Self::NoResponse,
            ECOMM => Self::BufferOverrun,
            ENOSR => Self::BufferUnderrun,
            EXDEV => Self::PartialPacket,
            ENOENT => Self::Killed,
            ECONNRESET => Self::Unlinked,
            ESHUTDOWN => Self::Shutdown,
            ENODEV => Self::NoDevice,
            EINVAL => Self::Invalid,
            EINPROGRESS => Self::Pending,
            ETIMEDOUT => Self::TimedOut,
            error => Self::Other(error),
        }
    }

    /// Why a URB was not submitted.
    #[cold]
    pub(super) fn from_refusal(error: Error) -> Self {
        match error {
            ENOMEM => Self::NoMemory,
            EHOSTUNREACH => Self::Suspended,
            ESTALE => Self::Stale,
            EPERM => Self::Rejected,
            ENOSPC => Self::NoBandwidth,
            EXDEV => Self::Expired,
            EFBIG => Self::TooManyFrames,
            EMSGSIZE => Self::MessageSize,
            ENXIO => Self::NotQueued,
            EINVAL => Self::Invalid,
            ENOENT => Self::NoEndpoint,
            EBUSY => Self::Busy,
            EPIPE => Self::WrongPipe,
            EBADR => Self::SetupLength,
            ENOEXEC => Self::NoSetup,
            ENODEV => Self::NoDevice,
            ESHUTDOWN => Self::Shutdown,
            error => Self::Other(error),
        }
    }

    /// Why somebody who waited for the end of a transfer did not do so any longer.
    #[cold]
    pub(super) fn from_impatience(error: Error) -> Self {
        match error {
            ETIMEDOUT => Self::TimedOut,
            EINTR => Self::Interrupted,
            ENODEV => Self::NoDevice,
            error => Self::Other(error),
        }
    }
}

impl From<TransferError> for Error {
    fn from(error: TransferError) -> Error {
        match error {
            TransferError::Stall | TransferError::WrongPipe => EPIPE,
            TransferError::Overflow => EOVERFLOW,
            TransferError::Short => EREMOTEIO,
            TransferError::Protocol => EPROTO,
            TransferError::Crc => EILSEQ,
            TransferError::NoResponse => ETIME,
            TransferError::BufferOverrun => ECOMM,
            TransferError::BufferUnderrun => ENOSR,
            TransferError::PartialPacket | TransferError::Expired => EXDEV,
            TransferError::Killed | TransferError::NoEndpoint => ENOENT,
            TransferError::Unlinked => ECONNRESET,
            TransferError::Shutdown => ESHUTDOWN,
            TransferError::NoDevice => ENODEV,
            TransferError::Pending => EINPROGRESS,
            TransferError::NoErrno(_) => EIO,
            TransferError::TimedOut => ETIMEDOUT,
            TransferError::Interrupted => EINTR,
            TransferError::NoMemory => ENOMEM,
            TransferError::Suspended => EHOSTUNREACH,
            TransferError::Stale => ESTALE,
            TransferError::Rejected => EPERM,
            TransferError::NoBandwidth => ENOSPC,
            TransferError::TooManyFrames => EFBIG,
            TransferError::MessageSize => EMSGSIZE,
            TransferError::NotQueued => ENXIO,
            TransferError::Invalid => EINVAL,
            TransferError::Busy => EBUSY,
            TransferError::SetupLength => EBADR,
            TransferError::NoSetup => ENOEXEC,
            TransferError::Other(error) => error,
        }
    }
}

#[kunit_tests(rust_usb_error)]
mod tests {
    use super::*;

    /// The second table of `error-codes.rst`, in its order.
    const STATUS: [Error; 16] = [
        ENOENT,
        EINPROGRESS,
        EPROTO,
        EILSEQ,
        ETIME,
        ETIMEDOUT,
        EPIPE,
        ECOMM,
        ENOSR,
        EOVERFLOW,
        EREMOTEIO,
        ENODEV,
        EXDEV,
        EINVAL,
        ECONNRESET,
        ESHUTDOWN,
    ];

    /// The first one, and `ESTALE`.
    const REFUSAL: [Error; 17] = [
        ENOMEM,
        EBUSY,
        ENODEV,
        ENOENT,
        ENXIO,
        EINVAL,
        EXDEV,
        EFBIG,
        EPIPE,
        EMSGSIZE,
        EBADR,
        ENOSPC,
        ESHUTDOWN,
        EPERM,
        EHOSTUNREACH,
        ENOEXEC,
        ESTALE,
    ];

    fn is_named(error: TransferError, errno: Error) -> bool {
        !matches!(error, TransferError::Other(_)) && Error::from(error) == errno
    }

    #[test]
    fn each_documented_errno_has_a_name_and_comes_back() {
        for errno in STATUS {
            let ended = TransferError::from_status(errno.to_errno());
            assert!(ended.is_err_and(|error| is_named(error, errno)));
        }
        for errno in REFUSAL {
            assert!(is_named(TransferError::from_refusal(errno), errno));
        }
        for errno in [ETIMEDOUT, EINTR] {
            assert!(is_named(TransferError::from_impatience(errno), errno));
        }
    }

    #[test]
    fn errno_of_two_meanings_have_two_names() {
        for errno in [EPIPE, ENOENT, EXDEV] {
            let ended = TransferError::from_status(errno.to_errno());
            assert!(ended != Err(TransferError::from_refusal(errno)));
        }
    }

    #[test]
    fn names_of_a_table_are_told_apart() {
        let ended = STATUS.map(|errno| TransferError::from_failure(errno.to_errno()));
        let refused = REFUSAL.map(TransferError::from_refusal);
        for names in [&ended[..], &refused[..]] {
            for (index, name) in names.iter().enumerate() {
                assert!(!names[..index].contains(name));
            }
        }
    }

    #[test]
    fn what_is_no_errno_is_kept_and_an_i_o_error() {
        for status in [1, 4096, i32::MAX, -4096, i32::MIN] {
            let ended = TransferError::from_status(status);
            assert_eq!(ended, Err(TransferError::NoErrno(status)));
            assert_eq!(Error::from(TransferError::NoErrno(status)), EIO);
        }
        for errno in [-1, -4095] {
            let ended = TransferError::from_status(errno);
            assert_eq!(ended, Err(TransferError::Other(Error::from_errno(errno))));
        }
        let unknown = TransferError::from_status(EDOM.to_errno());
        assert_eq!(unknown, Err(TransferError::Other(EDOM)));
        assert_eq!(TransferError::from_status(0), Ok(()));
    }

    #[test]
    fn a_timeout_is_told_from_what_somebody_cancelled() {
        let timeout = TransferError::from_impatience(ETIMEDOUT);
        assert!(!timeout.is_cancelled() && !timeout.is_gone() && !timeout.is_bus_error());
        for cancelled in [
            TransferError::Killed,
            TransferError::Unlinked,
            TransferError::Interrupted,
        ] {
            assert!(cancelled.is_cancelled() && cancelled.is_final());
        }
    }

    #[test]
    fn kinds_exclude_each_other() {
        for errno in STATUS {
            let error = TransferError::from_failure(errno.to_errno());
            let kinds = [error.is_cancelled(), error.is_gone(), error.is_bus_error()];
            assert!(kinds.into_iter().filter(|is| *is).count() <= 1);
        }
    }
}
