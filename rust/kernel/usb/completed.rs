// SPDX-License-Identifier: GPL-2.0

//! The end of a transfer: what became of it, and what may be done next.

use super::{
    buffer::Buffer,
    endpoint::{
        BulkOrInterrupt,
        Direction,
        Out,
        TransferType, //
    },
    memory::{
        Memory,
        MemoryMut, //
    },
    proof::Receives,
    raw::Handling,
    urb::Urb,
    Handler,
    Interface,
    TransferError, //
};
use crate::prelude::*;
use core::mem;

/// A transfer that has ended: the URB, and how it went.
///
/// It does not outlive the call of the handler; the URB may, see [`into_urb`](Completed::into_urb).
///
/// # Examples
///
/// ```
/// use kernel::{
///     prelude::*,
///     sync::{
///         atomic::{Atomic, Relaxed},
///         Arc, SpinLockIrq,
///     },
///     usb,
/// };
///
/// /// Where the answer to a question is waited for.
/// #[pin_data]
/// struct Mailbox {
///     bytes: Atomic<usize>,
///     #[pin]
///     answer: SpinLockIrq<Option<usb::Buffer>>,
/// }
///
/// struct Reader(Arc<Mailbox>);
///
/// impl usb::Handler<usb::Bulk, usb::In> for Reader {
///     fn complete(done: usb::Completed<'_, usb::Bulk, usb::In, Self>) {
///         match done.result() {
///             // An empty packet: the answer is still to come.
///             Ok(()) if done.actual_length() == 0 => {
///                 let _ = done.resubmit();
///             }
///             Ok(()) => {
///                 done.handler().0.bytes.store(done.actual_length(), Relaxed);
///                 let (buffer, Reader(mailbox)) = done.into_urb().into_parts();
///                 *mailbox.answer.lock() = Some(buffer);
///             }
///             Err(error) => pr_debug!("no answer: {error:?}\n"),
///         }
///     }
/// }
/// ```
#[must_use = "dropping it frees the URB; resubmit it or take the URB out to keep it"]
pub struct Completed<'a, T: TransferType, D: Direction, H: Handler<T, D, B>, B: Memory = Buffer> {
    /// Comes first, to be dropped before the URB.
    handling: Handling<'a>,
    pub(super) urb: Urb<T, D, H, B>,
    pub(super) result: Result<(), TransferError>,
    pub(super) actual_length: usize,
}

impl<'a, T: TransferType, D: Direction, H: Handler<T, D, B>, B: Memory> Completed<'a, T, D, H, B> {
    /// Judges what the host controller driver left in a URB.
    #[inline]
    pub(super) fn new(
        handling: Handling<'a>,
        urb: Urb<T, D, H, B>,
        status: i32,
        actual: u32,
    ) -> Self {
        let (result, actual_length) = check_outcome(status, actual, urb.length());
        Self {
            handling,
            urb,
            result,
            actual_length,
        }
    }

    /// How the transfer ended. Data may have been moved even where it ended badly.
    ///
    /// # Errors
    ///
    /// What it ended with: any [`TransferError`]. To ask for it never fails.
    #[doc(alias = "status")]
    pub fn result(&self) -> Result<(), TransferError> {
        self.result
    }

    /// Why it did not end well, seen by who wanted the transfer: where it was cancelled because I/O
    /// has to cease, it is what the next one would be refused with.
    pub fn error(&self) -> Option<TransferError> {
        let error = self.result.err()?;
        let gate = self.urb.gate();
        match error {
            TransferError::Shutdown => Some(TransferError::NoDevice),
            error if error.is_cancelled() && gate.is_refusing() => {
                Some(TransferError::from_refusal(gate.refusal()))
            }
            error => Some(error),
        }
    }

    /// Bytes that were moved, at most [`Urb::length`].
    pub fn actual_length(&self) -> usize {
        self.actual_length
    }

    /// The interface, to be named in messages.
    ///
    /// It is not a bound one, so that nothing that sleeps can be asked of it.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{prelude::*, usb};
    ///
    /// struct Sent;
    ///
    /// impl usb::Handler<usb::Bulk, usb::Out> for Sent {
    ///     fn complete(done: usb::Completed<'_, usb::Bulk, usb::Out, Self>) {
    ///         if let Err(error) = done.result() {
    ///             dev_dbg!(done.interface(), "not sent: {error:?}\n");
    ///         }
    ///     }
    /// }
    /// ```
    pub fn interface(&self) -> &Interface {
        let interface = self.urb.gate().intf();
        // SAFETY: The gate does not close before the handler has returned, which a `Completed`
        // does not outlive. Until then the interface is bound, and so it is valid.
        unsafe { &*interface.cast() }
    }

    /// The handler of the URB.
    pub fn handler(&self) -> &H {
        self.urb.handler()
    }

    /// The handler of the URB, to be changed: nobody else has it meanwhile.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{prelude::*, usb};
    ///
    /// /// Asks again until the device has an answer, but not for ever.
    /// struct Asking {
    ///     tries_left: u32,
    /// }
    ///
    /// impl usb::Handler<usb::Bulk, usb::In> for Asking {
    ///     fn complete(mut done: usb::Completed<'_, usb::Bulk, usb::In, Self>) {
    ///         let tries_left = done.handler().tries_left;
    ///         if tries_left > 0 && done.actual_length() == 0 {
    ///             done.handler_mut().tries_left = tries_left - 1;
    ///             let _ = done.resubmit();
    ///         }
    ///     }
    /// }
    /// ```
    pub fn handler_mut(&mut self) -> &mut H {
        self.urb.handler_mut()
    }

    /// The memory of the URB, whole.
    pub fn memory(&self) -> &B {
        self.urb.memory()
    }

    /// The memory of the URB, whole, to be filled anew.
    pub fn memory_mut(&mut self) -> MemoryMut<'_, B> {
        self.urb.memory_mut()
    }

    /// Takes the URB out, to be filled anew, kept for later, or dropped.
    pub fn into_urb(self) -> Urb<T, D, H, B> {
        let Self { handling, urb, .. } = self;
        drop(handling);
        urb
    }

    /// Starts the same transfer again, without an allocation of our own.
    ///
    /// It is the host controller's then: the handler looks at its data before, and makes a copy of
    /// what it keeps.
    ///
    /// # Context
    ///
    /// Any that a completion handler may be called in, but no lock may be held that the handler
    /// takes: it may run again before this returns.
    ///
    /// # Errors
    ///
    /// As [`Urb::submit`]. While the URB is being killed, while I/O is paused and after the driver
    /// was unbound it is an error, so that a handler that always resubmits ends.
    pub fn resubmit(self) -> Result<(), SubmitError<T, D, H, B>> {
        let Self { handling, urb, .. } = self;
        // SAFETY: A `Completed` does not outlive the call of the handler.
        let result = unsafe { urb.resubmit() };
        if result.is_ok() {
            // The URB stays in the fleet: nobody has to be told.
            mem::forget(handling);
        }
        result
    }
}

impl<T: BulkOrInterrupt, D: Direction, H: Handler<T, D, B>, B: Memory> Completed<'_, T, D, H, B> {
    /// Makes the next transfer move only the first `length` bytes of the memory, once all of this
    /// one was looked at.
    ///
    /// # Errors
    ///
    /// As [`Urb::set_length`].
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{prelude::*, usb};
    ///
    /// /// Asks for as much as the device had to say last time, at most.
    /// struct Sparing;
    ///
    /// impl usb::Handler<usb::Bulk, usb::In> for Sparing {
    ///     fn complete(mut done: usb::Completed<'_, usb::Bulk, usb::In, Self>) {
    ///         // Whole packets: the device may send one.
    ///         let packets = done.actual_length().div_ceil(512).max(1);
    ///         if done.result().is_ok() && done.set_length(packets * 512).is_ok() {
    ///             let _ = done.resubmit();
    ///         }
    ///     }
    /// }
    /// ```
    pub fn set_length(&mut self, length: usize) -> Result {
        self.urb.set_length(length)
    }
}

impl<T: TransferType, D: Direction, H: Handler<T, D>> Completed<'_, T, D, H> {
    /// What the device sent. Of isochronous packets, each of which may be shorter than its place,
    /// see [`packet_data`](Completed::packet_data).
    pub fn data(&self) -> &[u8]
    where
        Self: Receives,
    {
        // PANIC: `actual_length` was checked against `length`, which is within the buffer.
        &self.urb.buffer()[..self.actual_length]
    }
}

impl<T: TransferType, H: Handler<T, Out, B>, B: Memory> Completed<'_, T, Out, H, B> {
    /// Whether the device took everything that it was sent.
    pub fn is_complete(&self) -> bool {
        self.result.is_ok() && self.actual_length == self.urb.length()
    }
}

/// A URB that could not be submitted, and why.
///
/// # Examples
///
/// ```
/// use kernel::{device::Bound, prelude::*, usb};
///
/// type Read<H> = usb::Urb<usb::Bulk, usb::In, H>;
///
/// /// Starts to read, or gives the URB back for `resume` to submit if the device sleeps.
/// fn start<H>(intf: &usb::Interface<Bound>, read: Read<H>) -> Result<Option<Read<H>>>
/// where
///     H: usb::Handler<usb::Bulk, usb::In>,
/// {
///     match read.submit(intf) {
///         Ok(()) => Ok(None),
///         Err(usb::SubmitError { error: usb::TransferError::Suspended, urb }) => Ok(Some(urb)),
///         Err(refused) => Err(refused.into()),
///     }
/// }
/// ```
pub struct SubmitError<T: TransferType, D: Direction, H: Handler<T, D, B>, B: Memory = Buffer> {
    /// Why.
    pub error: TransferError,
    /// The URB, idle as before.
    pub urb: Urb<T, D, H, B>,
}

impl<T: TransferType, D: Direction, H: Handler<T, D, B>, B: Memory> From<SubmitError<T, D, H, B>>
    for Error
{
    fn from(error: SubmitError<T, D, H, B>) -> Error {
        error.error.into()
    }
}

/// Judges what a host controller driver reported: all of it may be wrong.
///
/// A transfer that claims to have moved more than was asked for has no data, and if it claims to
/// have ended well, it is an overflow.
#[inline]
pub(super) fn check_outcome(
    status: i32,
    actual: u32,
    length: usize,
) -> (Result<(), TransferError>, usize) {
    match usize::try_from(actual) {
        Ok(actual) if status == 0 && actual <= length => (Ok(()), actual),
        _ => check_failure(status, actual, length),
    }
}

/// The rest of it, a call, so that what goes well needs no more than two comparisons.
#[cold]
#[inline(never)]
fn check_failure(status: i32, actual: u32, length: usize) -> (Result<(), TransferError>, usize) {
    let result = TransferError::from_status(status);
    match usize::try_from(actual) {
        Ok(actual) if actual <= length => (result, actual),
        _ => (result.and(Err(TransferError::Overflow)), 0),
    }
}

#[kunit_tests(rust_usb_completed)]
mod tests {
    use super::{
        super::{
            endpoint::{
                Bulk,
                In, //
            },
            idle,
            raw::RawUrb, //
        },
        *, //
    };
    use crate::{
        bindings,
        sync::{
            atomic::{
                Atomic,
                Relaxed, //
            },
            Arc, //
        }, //
    };

    const LENGTH: u32 = 512;

    /// What was in the memory before.
    const BEFORE: u8 = 0x77;

    /// What a handler has seen.
    struct Seen {
        errno: Atomic<i32>,
        actual_length: Atomic<usize>,
        /// Bytes of data that were in the memory before.
        known: Atomic<usize>,
        /// Bytes of data.
        data: Atomic<usize>,
    }

    struct Witness(Arc<Seen>);

    impl Handler<Bulk, In> for Witness {
        fn complete(done: Completed<'_, Bulk, In, Self>) {
            let seen = &done.handler().0;
            let errno = done
                .result()
                .map_or_else(|e| Error::from(e).to_errno(), |()| 0);
            seen.errno.store(errno, Relaxed);
            seen.actual_length.store(done.actual_length(), Relaxed);
            seen.data.store(done.data().len(), Relaxed);
            let known = done.data().iter().filter(|byte| **byte == BEFORE).count();
            seen.known.store(known, Relaxed);
        }
    }

    /// An idle URB for a device that there is not.
    fn idle(device: &bindings::usb_device, witness: Witness) -> Result<Urb<Bulk, In, Witness>> {
        let mut memory = Buffer::new(2 * LENGTH as usize, GFP_KERNEL)?;
        memory.fill(BEFORE);
        let mut urb = idle::idle(device, memory, witness)?;
        urb.set_length(LENGTH as usize)?;
        Ok(urb)
    }

    /// Ends a transfer as a host controller driver does, without a single byte of data.
    fn finish(status: i32, actual: u32) -> Result<Arc<Seen>> {
        let device = idle::no_device()?;
        let seen = Seen {
            errno: Atomic::new(1),
            actual_length: Atomic::new(usize::MAX),
            known: Atomic::new(0),
            data: Atomic::new(usize::MAX),
        };
        let seen = Arc::new(seen, GFP_KERNEL)?;
        let urb = idle(&device, Witness(seen.clone()))?;
        let c = urb.as_raw();
        let _raw = urb.into_raw();
        // SAFETY: The URB is valid, its owner was given up as on a submission, and nobody else
        // uses it.
        unsafe {
            (*c).status = status;
            (*c).actual_length = actual;
            RawUrb::complete(c);
        }
        Ok(seen)
    }

    #[test]
    fn a_handler_sees_no_more_than_was_asked_for() -> Result {
        for actual in [LENGTH + 1, 2 * LENGTH, 2 * LENGTH + 1, 1 << 31, u32::MAX] {
            for (status, errno) in [(0, EOVERFLOW), (EPIPE.to_errno(), EPIPE), (1, EIO)] {
                let seen = finish(status, actual)?;
                assert_eq!(seen.errno.load(Relaxed), errno.to_errno());
                assert_eq!(seen.actual_length.load(Relaxed), 0);
                assert_eq!(seen.data.load(Relaxed), 0);
            }
        }
        Ok(())
    }

    #[test]
    fn a_lie_shows_what_was_in_the_memory_before() -> Result {
        for actual in [0, 1, LENGTH - 1, LENGTH] {
            for (status, errno) in [(0, 0), (-4096, EIO.to_errno())] {
                let seen = finish(status, actual)?;
                assert_eq!(seen.errno.load(Relaxed), errno);
                assert_eq!(seen.actual_length.load(Relaxed), actual as usize);
                assert_eq!(seen.data.load(Relaxed), actual as usize);
                assert_eq!(seen.known.load(Relaxed), actual as usize);
            }
        }
        Ok(())
    }

    #[test]
    fn outcome_of_a_lying_device_is_an_overflow_without_data() {
        for actual in [4097, 4160, 0x7fff_ffff, 0x8000_0000, u32::MAX] {
            let lie = (Err(TransferError::Overflow), 0);
            assert!(check_outcome(0, actual, 4096) == lie);
            let stalled = (Err(TransferError::Stall), 0);
            assert!(check_outcome(EPIPE.to_errno(), actual, 4096) == stalled);
        }
    }

    #[test]
    fn outcome_keeps_what_was_moved() {
        for (actual, length) in [(0, 0), (0, 1), (1, 1), (511, 512), (4096, 4096)] {
            assert!(check_outcome(0, actual as u32, length) == (Ok(()), actual));
            let stalled = (Err(TransferError::Stall), actual);
            assert!(check_outcome(EPIPE.to_errno(), actual as u32, length) == stalled);
        }
    }
}
