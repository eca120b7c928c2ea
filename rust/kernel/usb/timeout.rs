// SPDX-License-Identifier: GPL-2.0

//! How long, and how, somebody sleeps who waits for a transfer.

use crate::{
    bindings,
    prelude::*,
    task::MAX_SCHEDULE_TIMEOUT,
    time::{
        msecs_to_jiffies,
        Jiffies, //
    }, //
};

/// How long a synchronous transfer may take: 1 ms to 60 s.
///
/// There is no "for ever": the upper limit is that of the C API
/// (`USB_MAX_SYNCHRONOUS_TIMEOUT`). For more see [`LongTimeout`].
///
/// # Examples
///
/// ```
/// use kernel::usb::Timeout;
///
/// const ONE_SECOND: Timeout = Timeout::from_millis::<1000>();
/// assert_eq!(Timeout::try_from_millis(1000)?, ONE_SECOND);
///
/// assert!(Timeout::try_from_millis(0).is_err());
/// assert!(Timeout::try_from_millis(1).is_ok());
/// assert!(Timeout::try_from_millis(60_000).is_ok());
/// assert!(Timeout::try_from_millis(60_001).is_err());
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout {
    millis: u32,
}

impl Timeout {
    /// The longest one, in milliseconds.
    pub const MAX_MILLIS: u32 = bindings::USB_MAX_SYNCHRONOUS_TIMEOUT;

    /// A timeout known at build time, which fails where `MILLIS` is out of range.
    pub const fn from_millis<const MILLIS: u32>() -> Self {
        const_assert!(
            MILLIS >= 1 && MILLIS <= Timeout::MAX_MILLIS,
            "a timeout is 1 ms to 60,000 ms; there is no \"for ever\""
        );
        Self { millis: MILLIS }
    }

    /// A timeout known at run time.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `millis` is not between 1 and [`Timeout::MAX_MILLIS`].
    pub const fn try_from_millis(millis: u32) -> Result<Self> {
        if millis == 0 || millis > Self::MAX_MILLIS {
            return Err(EINVAL);
        }
        Ok(Self { millis })
    }

    pub(super) fn to_jiffies(self) -> Jiffies {
        msecs_to_jiffies(self.millis)
    }
}

/// How long a transfer may take whose caller can be killed: 1 ms to 24 days, or for ever.
///
/// # Examples
///
/// ```
/// use kernel::usb::{LongTimeout, Timeout};
///
/// const SECOND: Timeout = Timeout::from_millis::<1000>();
/// assert_eq!(LongTimeout::from(SECOND), LongTimeout::try_from_millis(1000)?);
/// assert_ne!(LongTimeout::FOREVER, LongTimeout::try_from_millis(LongTimeout::MAX_MILLIS)?);
///
/// assert!(LongTimeout::try_from_millis(0).is_err());
/// assert!(LongTimeout::try_from_millis(LongTimeout::MAX_MILLIS + 1).is_err());
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LongTimeout {
    /// None is for ever.
    millis: Option<u32>,
}

impl LongTimeout {
    /// The longest one that ends, in milliseconds: the `int` of the C API.
    pub const MAX_MILLIS: u32 = i32::MAX as u32;

    /// As long as it takes. Unbinding the driver ends it nevertheless.
    pub const FOREVER: Self = Self { millis: None };

    /// A timeout known at run time.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `millis` is not between 1 and [`LongTimeout::MAX_MILLIS`].
    pub const fn try_from_millis(millis: u32) -> Result<Self> {
        if millis == 0 || millis > Self::MAX_MILLIS {
            return Err(EINVAL);
        }
        Ok(Self {
            millis: Some(millis),
        })
    }
}

impl From<Timeout> for LongTimeout {
    fn from(timeout: Timeout) -> Self {
        Self {
            millis: Some(timeout.millis),
        }
    }
}

/// How the caller of a synchronous transfer sleeps, and for how long at most.
///
/// A [`Timeout`] alone stands for [`Sleep::Interruptible`].
///
/// In a callback of the driver, `probe` among them, and while a device node is opened, nobody sleeps
/// for longer than 5 s (USB 2.0, 9.2.6.4), whatever is asked for: the core holds a lock meanwhile
/// that others need.
///
/// # Examples
///
/// ```
/// use kernel::usb::{LongTimeout, Sleep, Timeout};
///
/// const SECOND: Timeout = Timeout::from_millis::<1000>();
/// assert_eq!(Sleep::from(SECOND), Sleep::Interruptible(SECOND));
///
/// // A tape drive takes its time, but an administrator should be able to end that.
/// let rewind = Sleep::Killable(LongTimeout::FOREVER);
/// # let _ = rewind;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sleep {
    /// Any signal ends it: for what a program asked for.
    Interruptible(Timeout),
    /// A fatal signal ends it: for what programs don't expect to be interrupted, and what may take
    /// long.
    #[doc(alias("usb_bulk_msg_killable"))]
    Killable(LongTimeout),
    /// No signal ends it: for what must be done, as in `probe` or a worker.
    #[doc(alias("usb_bulk_msg", "usb_interrupt_msg", "usb_control_msg"))]
    Uninterruptible(Timeout),
}

impl From<Timeout> for Sleep {
    fn from(timeout: Timeout) -> Self {
        Self::Interruptible(timeout)
    }
}

impl Sleep {
    /// The most that is slept, in jiffies.
    pub(super) fn jiffies(self) -> c_long {
        let jiffies = match self {
            Self::Interruptible(timeout) | Self::Uninterruptible(timeout) => timeout.to_jiffies(),
            Self::Killable(LongTimeout { millis: None }) => return MAX_SCHEDULE_TIMEOUT,
            Self::Killable(LongTimeout {
                millis: Some(millis),
            }) => msecs_to_jiffies(millis),
        };
        c_long::try_from(jiffies).unwrap_or(MAX_SCHEDULE_TIMEOUT)
    }
}

#[kunit_tests(rust_usb_timeout)]
mod tests {
    use super::*;

    #[test]
    fn only_for_ever_is_for_ever() -> Result {
        let longest = LongTimeout::try_from_millis(LongTimeout::MAX_MILLIS)?;
        let minute = Timeout::try_from_millis(Timeout::MAX_MILLIS)?;
        let forever = Sleep::Killable(LongTimeout::FOREVER).jiffies();
        assert_eq!(forever, MAX_SCHEDULE_TIMEOUT);
        assert!(Sleep::Killable(longest).jiffies() < forever);
        assert!(Sleep::Killable(longest).jiffies() > Sleep::Killable(minute.into()).jiffies());
        Ok(())
    }

    #[test]
    fn a_minute_is_a_minute_however_one_sleeps() -> Result {
        let minute = Timeout::try_from_millis(60_000)?;
        let jiffies = msecs_to_jiffies(60_000) as c_long;
        assert_eq!(Sleep::Interruptible(minute).jiffies(), jiffies);
        assert_eq!(Sleep::Uninterruptible(minute).jiffies(), jiffies);
        assert_eq!(Sleep::Killable(minute.into()).jiffies(), jiffies);
        Ok(())
    }

    #[test]
    fn the_shortest_sleep_is_one() {
        assert!(Sleep::Interruptible(Timeout::from_millis::<1>()).jiffies() >= 1);
    }
}
