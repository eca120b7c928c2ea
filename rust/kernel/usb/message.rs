// SPDX-License-Identifier: GPL-2.0

//! Synchronous transfers: start one and sleep until it has ended.
//!
//! Unlike their C counterparts in `drivers/usb/core/message.c` they go through the interface's I/O
//! gate: when the driver is unbound, a caller that waits comes back at once.

use super::{
    control::{
        ControlRequest,
        Recipient,
        RequestType, //
    },
    endpoint::{
        BulkOrInterrupt,
        Control,
        Direction,
        Endpoint,
        Out, //
    },
    urb::{
        Handler,
        Urb, //
    },
    Buffer,
    Canceller,
    Completed,
    Interface,
    TransferError, //
};
use crate::{
    bindings,
    device,
    new_condvar,
    new_spinlock_irq,
    prelude::*,
    sync::{
        Arc,
        CondVar,
        CondVarTimeoutResult,
        SpinLockIrq, //
    },
    time::{
        msecs_to_jiffies,
        Jiffies, //
    }, //
};

/// How long a synchronous transfer may take: 1 ms to 60 s.
///
/// There is no "for ever": the upper limit is that of the C API
/// (`USB_MAX_SYNCHRONOUS_TIMEOUT`).
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
        const_assert!(MILLIS >= 1 && MILLIS <= Timeout::MAX_MILLIS);
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

/// A synchronous transfer that was carried out, well or not.
pub struct Transferred {
    /// The buffer it was started with.
    pub buffer: Buffer,
    /// Bytes that were moved, also where it ended badly.
    pub actual_length: usize,
    /// How it ended:
    ///
    /// - `ETIMEDOUT`: it was cancelled when its time was over.
    /// - `EINTR`: it was cancelled because of a signal.
    /// - `ENODEV`: it was cancelled because the driver is being unbound, or the device is gone.
    /// - any errno that a [`TransferError`] stands for.
    pub result: Result,
}

/// Where the handler leaves the transfer for the caller who sleeps.
#[pin_data]
struct Waiter {
    #[pin]
    outcome: SpinLockIrq<Option<Outcome>>,
    #[pin]
    ended: CondVar,
}

struct Outcome {
    buffer: Buffer,
    actual_length: usize,
    result: Result<(), TransferError>,
}

impl<D: Direction> Handler<Control, D> for Arc<Waiter> {
    fn complete(done: Completed<'_, Control, D, Self>) {
        let (result, actual_length) = (done.result(), done.actual_length());
        let (buffer, waiter) = done.into_urb().into_parts();
        *waiter.outcome.lock() = Some(Outcome {
            buffer,
            actual_length,
            result,
        });
        waiter.ended.notify_all();
    }
}

impl Waiter {
    fn new() -> Result<Arc<Self>> {
        Arc::pin_init(
            pin_init!(Self {
                outcome <- new_spinlock_irq!(None, "usb::Waiter::outcome"),
                ended <- new_condvar!("usb::Waiter::ended"),
            }),
            GFP_KERNEL,
        )
    }

    /// Sleeps until the transfer has ended. Says why, if that was because it had to be cancelled.
    fn wait(
        &self,
        timeout: Timeout,
        canceller: &Canceller,
        interface: &Interface<device::Bound>,
    ) -> Result<(Outcome, Option<Error>)> {
        let reason = match self.wait_in_time(timeout.to_jiffies()) {
            Ok(outcome) => return Ok((outcome, None)),
            Err(reason) => reason,
        };
        canceller.kill(interface)?;
        // Its handler has returned. It may have ended well at the last moment.
        let outcome = self.outcome.lock().take().ok_or(EIO)?;
        Ok((outcome, Some(reason)))
    }

    fn wait_in_time(&self, mut jiffies: Jiffies) -> Result<Outcome> {
        let mut outcome = self.outcome.lock();
        loop {
            if let Some(outcome) = outcome.take() {
                return Ok(outcome);
            }
            match self.ended.wait_interruptible_timeout(&mut outcome, jiffies) {
                CondVarTimeoutResult::Woken { jiffies: left } => jiffies = left,
                CondVarTimeoutResult::Signal { .. } => return Err(EINTR),
                CondVarTimeoutResult::Timeout => return outcome.take().ok_or(ETIMEDOUT),
            }
        }
    }
}

impl Outcome {
    /// Ends up with the reason for which a transfer was cancelled, rather than with the fact.
    fn into_transferred(self, reason: Option<Error>) -> Transferred {
        let result = match (self.result, reason) {
            (Err(TransferError::Cancelled(_)), Some(reason)) => Err(reason),
            // Nobody but the gate cancels a transfer that has a caller.
            (Err(TransferError::Cancelled(_) | TransferError::Gone(_)), None) => Err(ENODEV),
            (result, _) => result.map_err(Error::from),
        };
        Transferred {
            buffer: self.buffer,
            actual_length: self.actual_length,
            result,
        }
    }
}

impl Interface<device::Bound> {
    /// Carries out a control request on endpoint 0 and waits for its end.
    ///
    /// The data stage is `buffer`, whole; an empty one means that there is none.
    ///
    /// # Context
    ///
    /// May sleep. Comes back early for a signal, and at once when the driver is unbound.
    ///
    /// # Errors
    ///
    /// How the request went is in [`Transferred::result`]. It was not started at all for:
    ///
    /// - `EMSGSIZE`: the buffer is longer than 65,535 bytes.
    /// - `ENODEV`: the driver is being unbound, or the device is gone.
    /// - `ENOMEM`.
    #[doc(alias("usb_control_msg", "usb_control_msg_send", "usb_control_msg_recv"))]
    pub fn control<D: Direction>(
        &self,
        request: &ControlRequest<D>,
        buffer: Buffer,
        timeout: Timeout,
    ) -> Result<Transferred> {
        let _caller = self.gate()?.enter()?;
        let waiter = Waiter::new()?;
        let setup = request.setup_packet();
        let urb = Urb::<Control, D, _>::with_setup(self, setup, buffer, waiter.clone())?;
        let canceller = urb.canceller();
        urb.submit(self)?;
        let (outcome, reason) = waiter.wait(timeout, &canceller, self)?;
        Ok(outcome.into_transferred(reason))
    }
}

impl<T: BulkOrInterrupt, D: Direction> Endpoint<'_, T, D> {
    /// Ends the halt of the endpoint, on both sides: the device is told, and the host controller
    /// starts its packet sequence anew (USB 2.0, 9.4.5).
    ///
    /// Nothing must be in flight on the endpoint.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// As [`Interface::control`] and [`Transferred::result`]; `EPIPE` if the device refuses.
    #[doc(alias = "usb_clear_halt")]
    pub fn clear_halt(&self) -> Result {
        const CLEAR_FEATURE: u8 = 1;
        const ENDPOINT_HALT: u16 = 0;
        const LIMIT: Timeout = Timeout::from_millis::<5000>();

        let address = self.address();
        let request = ControlRequest::<Out>::new(
            RequestType::Standard,
            Recipient::Endpoint,
            CLEAR_FEATURE,
            ENDPOINT_HALT,
            address.into(),
        );
        let buffer = Buffer::new(0, GFP_KERNEL)?;
        self.interface().control(&request, buffer, LIMIT)?.result?;
        let udev = self.interface().device().as_raw();
        // SAFETY: The interface is bound, so `udev` is valid and configured; the address is one
        // of its endpoints'. The function may sleep, as we may.
        unsafe { bindings::usb_reset_endpoint(udev, address.into()) };
        Ok(())
    }
}
