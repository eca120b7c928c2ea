// SPDX-License-Identifier: GPL-2.0

//! Several transfers carried out as one: what `usb_sg_wait()` does in C.
//!
//! There is one URB for each piece of memory. All of them are submitted before the first is waited
//! for, so that the bus does not idle between them. The first that goes wrong cancels the rest, in
//! its completion handler: until that returns, a host controller does not go on to the next one.

use super::{
    endpoint::{
        BulkOrInterrupt,
        Direction,
        Endpoint,
        In,
        Out, //
    },
    flag::{
        Flag,
        NoInterrupt,
        ShortNotOk, //
    },
    gate::Gate,
    memory::Memory,
    urb::Urb,
    waiter::{
        Patience,
        Waiter, //
    },
    Anchor,
    Buffer,
    Completed,
    Handler,
    Interface,
    Sleep,
    SubmitError,
    TransferError, //
};
use crate::{
    device,
    new_spinlock_irq,
    prelude::*,
    static_lock_class,
    sync::{
        Arc,
        SpinLockIrq, //
    }, //
};

/// Why a gather ends before all is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    /// The gate of the interface was shut, or the host controller is going away.
    Gate,
    Error(TransferError),
}

impl Cause {
    fn impatience(reason: Error) -> Self {
        Self::Error(TransferError::from_impatience(reason))
    }

    /// What it means that one of the transfers ended like that.
    fn of(result: Result<(), TransferError>, is_short: bool) -> Option<Self> {
        match result {
            Ok(()) if is_short => Some(Self::Error(TransferError::Short)),
            Ok(()) => None,
            // What we cancel ourselves has a cause already.
            Err(error) if error.is_cancelled() => Some(Self::Gate),
            Err(TransferError::Shutdown) => Some(Self::Error(TransferError::NoDevice)),
            Err(error) => Some(Self::Error(error)),
        }
    }
}

/// What the caller, the handlers and the cancellers of one gather share.
#[pin_data]
struct Progress {
    /// The first cause, which is the one that counts.
    #[pin]
    cause: SpinLockIrq<Option<Cause>>,
    /// Signalled once for each transfer.
    #[pin]
    ended: Waiter,
    anchor: Anchor,
}

impl Progress {
    fn new() -> Result<Arc<Self>> {
        Arc::pin_init(
            try_pin_init!(Self {
                cause <- new_spinlock_irq!(None, "usb::Progress::cause"),
                ended <- Waiter::new(),
                anchor: Anchor::new()?,
            }),
            GFP_KERNEL,
        )
    }

    /// Cancels all that is in flight and prevents the rest, unless that was done.
    fn stop(&self, cause: Cause) {
        let mut first = self.cause.lock();
        if first.is_some() {
            return;
        }
        *first = Some(cause);
        drop(first);
        self.anchor.block();
        self.anchor.unlink();
    }

    fn cause(&self) -> Option<Cause> {
        *self.cause.lock()
    }
}

/// Pieces of memory that are to be moved one after the other, as if they were one.
///
/// It is carried out by `Endpoint::transfer_all`, which exists for both directions.
///
/// # Examples
///
/// ```
/// use kernel::{device::Bound, prelude::*, usb};
///
/// const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();
///
/// fn read_image(intf: &usb::Interface<Bound>) -> Result<usize> {
///     let from = intf.find_endpoint::<usb::Bulk, usb::In>().ok_or(ENXIO)?;
///     let mut pieces = KVec::new();
///     for _ in 0..16 {
///         pieces.push(usb::Buffer::new(16384, GFP_KERNEL)?, GFP_KERNEL)?;
///     }
///     let outcome = from.transfer_all(usb::Gather::new(pieces)?, SECOND)?;
///     outcome.result?;
///     Ok(outcome.actual_length)
/// }
/// ```
#[doc(alias("usb_sg_request", "usb_sg_init"))]
pub struct Gather<B: Memory = Buffer> {
    buffers: KVec<B>,
    progress: Arc<Progress>,
}

impl<B: Memory> Gather<B> {
    /// Prepares to move `buffers`, in their order.
    ///
    /// All but the last should be multiples of the endpoint's packet size: a short packet ends
    /// what a device takes for one transfer.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: there are none.
    /// - `ENOMEM`.
    pub fn new(buffers: KVec<B>) -> Result<Self> {
        if buffers.is_empty() {
            return Err(EINVAL);
        }
        Ok(Self {
            buffers,
            progress: Progress::new()?,
        })
    }

    /// Something to end it with while somebody waits for it.
    pub fn canceller(&self) -> GatherCanceller {
        GatherCanceller(self.progress.clone())
    }
}

/// Ends a [`Gather`] from elsewhere.
#[derive(Clone)]
pub struct GatherCanceller(Arc<Progress>);

impl GatherCanceller {
    /// Makes the gather end with `ECONNRESET`, now or as soon as it is begun; nothing happens if
    /// it has ended.
    ///
    /// # Context
    ///
    /// Any.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{prelude::*, usb};
    ///
    /// let mut pieces = KVec::new();
    /// pieces.push(usb::Buffer::new(512, GFP_KERNEL)?, GFP_KERNEL)?;
    /// let gather = usb::Gather::new(pieces)?;
    /// // For another thread; nothing will be moved now.
    /// let canceller: usb::GatherCanceller = gather.canceller();
    /// canceller.cancel();
    ///
    /// assert!(usb::Gather::<usb::Buffer>::new(KVec::new()).is_err());
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_sg_cancel")]
    pub fn cancel(&self) {
        self.0.stop(Cause::Error(TransferError::Unlinked));
    }
}

/// One piece of a [`Gather`] that was carried out.
pub struct GatherEntry<B: Memory = Buffer> {
    /// The memory.
    pub buffer: B,
    /// Bytes of it that were moved.
    pub actual_length: usize,
}

/// A [`Gather`] that was carried out, well or not.
///
/// # Examples
///
/// ```
/// use kernel::usb;
///
/// /// What arrived, piece by piece.
/// fn data(outcome: &usb::GatherOutcome) -> impl Iterator<Item = &[u8]> {
///     let moved = |entry: &'_ usb::GatherEntry| entry.actual_length;
///     outcome.entries.iter().filter_map(move |entry| entry.buffer.get(..moved(entry)))
/// }
/// ```
pub struct GatherOutcome<B: Memory = Buffer> {
    /// All pieces, in their order.
    pub entries: KVec<GatherEntry<B>>,
    /// Bytes that were moved in all.
    pub actual_length: usize,
    /// How it ended; only what went wrong first is told:
    ///
    /// - [`Short`](TransferError::Short): a piece was not moved as a whole, other than the last
    ///   one of a read.
    /// - [`TimedOut`](TransferError::TimedOut): it was cancelled when its time was over.
    /// - [`Interrupted`](TransferError::Interrupted): it was cancelled because of a signal.
    /// - [`Unlinked`](TransferError::Unlinked): it was cancelled with a [`GatherCanceller`].
    /// - [`NoDevice`](TransferError::NoDevice): the driver is being unbound, or the device is gone.
    /// - [`Suspended`](TransferError::Suspended): I/O is paused: the device is suspended or being
    ///   reset.
    /// - [`Stale`](TransferError::Stale): the altsetting of the endpoint is no longer in use.
    /// - [`NoMemory`](TransferError::NoMemory), [`NotQueued`](TransferError::NotQueued) and the
    ///   like: the host controller could not take a single one of the pieces that were left.
    /// - any other that the device or the host controller can cause.
    pub result: Result<(), TransferError>,
}

/// Where handlers leave the pieces.
#[pin_data]
struct Tray<B: Memory> {
    progress: Arc<Progress>,
    #[pin]
    slots: SpinLockIrq<KVec<Option<GatherEntry<B>>>>,
}

/// The handler of one piece.
struct Piece<B: Memory> {
    tray: Arc<Tray<B>>,
    index: usize,
    may_be_short: bool,
}

impl<T: BulkOrInterrupt, D: Direction, B: Memory> Handler<T, D, B> for Piece<B> {
    fn complete(done: Completed<'_, T, D, Self, B>) {
        let (result, actual_length) = (done.result(), done.actual_length());
        let urb = done.into_urb();
        let is_short = actual_length < urb.length() && !urb.handler().may_be_short;
        if let Some(cause) = Cause::of(result, is_short) {
            urb.handler().tray.progress.stop(cause);
        }
        let (buffer, piece) = urb.into_parts();
        piece.leave(buffer, actual_length);
        piece.tray.progress.ended.signal();
    }
}

impl<B: Memory> Piece<B> {
    fn leave(&self, buffer: B, actual_length: usize) {
        let entry = GatherEntry {
            buffer,
            actual_length,
        };
        // There is a slot for each piece, and it is empty.
        let surplus = match self.tray.slots.lock().get_mut(self.index) {
            Some(slot) => slot.replace(entry),
            None => Some(entry),
        };
        drop(surplus);
    }
}

impl<B: Memory> Tray<B> {
    fn new(progress: Arc<Progress>, count: usize) -> Result<Arc<Self>> {
        let mut slots = KVec::with_capacity(count, GFP_KERNEL)?;
        for _ in 0..count {
            slots.push_within_capacity(None)?;
        }
        Arc::pin_init(
            pin_init!(Self {
                progress,
                slots <- SpinLockIrq::new(
                    slots,
                    lock_name!(c"usb::Tray::slots"),
                    static_lock_class!()
                ),
            }),
            GFP_KERNEL,
        )
    }
}

/// The caller's side of a gather.
struct Conductor<'a> {
    interface: &'a Interface<device::Bound>,
    progress: Arc<Progress>,
    patience: Patience<'a>,
    /// Pieces whose end was not waited for yet.
    outstanding: usize,
}

impl Conductor<'_> {
    /// Submits one piece as soon as the host controller takes it. It comes back if all is over.
    fn submit<T: BulkOrInterrupt, D: Direction, B: Memory>(
        &mut self,
        mut urb: Urb<T, D, Piece<B>, B>,
    ) -> Result<(), Urb<T, D, Piece<B>, B>> {
        while self.progress.cause().is_none() {
            match urb.submit(self.interface) {
                Ok(()) => {
                    self.outstanding += 1;
                    return Ok(());
                }
                Err(SubmitError { error, urb: back }) => {
                    urb = back;
                    self.make_room(error);
                }
            }
        }
        Err(urb)
    }

    /// Waits a little for what is in flight, if that can make a submission possible that failed
    /// with `error`.
    fn make_room(&mut self, error: TransferError) {
        let is_full = matches!(
            error,
            TransferError::NoMemory | TransferError::NotQueued | TransferError::Other(EAGAIN)
        );
        if !is_full || self.outstanding == 0 {
            return self.progress.stop(Cause::Error(error));
        }
        match self.progress.ended.wait_briefly(&mut self.patience) {
            Ok(true) => self.outstanding -= 1,
            Ok(false) => (),
            Err(reason) => self.progress.stop(Cause::impatience(reason)),
        }
    }

    /// Waits for all that was submitted, and cancels it when the patience is over.
    fn finish(&mut self) {
        while self.outstanding > 0 {
            match self.progress.ended.wait(&mut self.patience) {
                Ok(()) => self.outstanding -= 1,
                Err(reason) => {
                    self.progress.stop(Cause::impatience(reason));
                    break;
                }
            }
        }
        // The handlers have returned then; what was cancelled has come back.
        self.progress.anchor.poison(self.interface);
    }

    fn result(&self, gate: &Gate) -> Result<(), TransferError> {
        match self.progress.cause() {
            None => Ok(()),
            Some(Cause::Gate) => Err(TransferError::from_refusal(gate.refusal())),
            Some(Cause::Error(error)) => Err(error),
        }
    }
}

/// Carries a gather out; `prepare` sets the options of each piece but the last.
fn transfer_all<T: BulkOrInterrupt, D: Direction, B: Memory>(
    endpoint: &Endpoint<'_, T, D>,
    gather: Gather<B>,
    sleep: Sleep,
    prepare: impl Fn(&mut Urb<T, D, Piece<B>, B>),
) -> Result<GatherOutcome<B>> {
    let Gather { buffers, progress } = gather;
    let count = buffers.len();
    let tray = Tray::new(progress.clone(), count)?;
    let mut urbs = KVec::with_capacity(count, GFP_KERNEL)?;
    let mut entries = KVec::with_capacity(count, GFP_KERNEL)?;
    for (index, buffer) in buffers.into_iter().enumerate() {
        let is_last = index + 1 == count;
        let piece = Piece {
            tray: tray.clone(),
            index,
            may_be_short: D::IS_IN && is_last,
        };
        let mut urb = Urb::new(endpoint, buffer, piece)?;
        urb.set_anchor(&progress.anchor);
        if !is_last {
            prepare(&mut urb);
        }
        urbs.push_within_capacity(urb)?;
    }
    let interface = endpoint.interface();
    let patience = Patience::new(sleep, interface.gate()?);
    let result = conduct(interface, progress, patience, urbs)?;
    let slots = core::mem::take(&mut *tray.slots.lock());
    for entry in slots.into_iter().flatten() {
        entries.push_within_capacity(entry)?;
    }
    Ok(GatherOutcome {
        actual_length: entries.iter().map(|entry| entry.actual_length).sum(),
        entries,
        result,
    })
}

/// Submits all of `urbs` and waits until their memory is in the tray. Returns how it went.
fn conduct<'a, T: BulkOrInterrupt, D: Direction, B: Memory>(
    interface: &'a Interface<device::Bound>,
    progress: Arc<Progress>,
    patience: Patience<'a>,
    urbs: KVec<Urb<T, D, Piece<B>, B>>,
) -> Result<Result<(), TransferError>> {
    let gate = interface.gate()?;
    let caller = gate.enter();
    if caller.is_err() {
        progress.stop(Cause::Gate);
    }
    let mut conductor = Conductor {
        interface,
        progress,
        patience,
        outstanding: 0,
    };
    for urb in urbs {
        if let Err(urb) = conductor.submit(urb) {
            let (buffer, piece) = urb.into_parts();
            piece.leave(buffer, 0);
        }
    }
    conductor.finish();
    Ok(conductor.result(gate))
}

impl<T: BulkOrInterrupt> Endpoint<'_, T, In>
where
    ShortNotOk: Flag<T, In>,
{
    /// Reads into all pieces of memory, one behind the other, and waits for the end.
    ///
    /// Only the last piece may end up short: if another one does, the device has ended what it
    /// sends too early, which is an error.
    ///
    /// # Context
    ///
    /// As [`Interface::control`].
    ///
    /// # Errors
    ///
    /// How it went is in [`GatherOutcome::result`]. There was none for:
    ///
    /// - `EINVAL`: memory was allocated for another interface or direction.
    /// - `EOPNOTSUPP`: the host controller cannot gather that many pieces in one of them.
    /// - `ENODEV`: the driver's data is being dropped.
    /// - `ENOMEM`.
    #[doc(alias = "usb_sg_wait")]
    pub fn transfer_all<B: Memory>(
        &self,
        gather: Gather<B>,
        sleep: impl Into<Sleep>,
    ) -> Result<GatherOutcome<B>> {
        transfer_all(self, gather, sleep.into(), |urb| {
            urb.set_flag(NoInterrupt);
            urb.set_flag(ShortNotOk);
        })
    }
}

impl<T: BulkOrInterrupt> Endpoint<'_, T, Out> {
    /// Writes all pieces of memory, one behind the other, and waits until the device has them.
    ///
    /// # Context
    ///
    /// As [`Interface::control`].
    ///
    /// # Errors
    ///
    /// As for the other direction.
    #[doc(alias = "usb_sg_wait")]
    pub fn transfer_all<B: Memory>(
        &self,
        gather: Gather<B>,
        sleep: impl Into<Sleep>,
    ) -> Result<GatherOutcome<B>> {
        transfer_all(self, gather, sleep.into(), |urb| urb.set_flag(NoInterrupt))
    }
}

#[kunit_tests(rust_usb_gather)]
mod tests {
    use super::*;

    #[test]
    fn the_first_cause_counts() -> Result {
        let progress = Progress::new()?;
        assert_eq!(progress.cause(), None);
        progress.stop(Cause::Error(TransferError::Stall));
        progress.stop(Cause::Gate);
        GatherCanceller(progress.clone()).cancel();
        assert_eq!(progress.cause(), Some(Cause::Error(TransferError::Stall)));
        Ok(())
    }

    #[test]
    fn cancelling_is_a_cause() -> Result {
        let mut pieces = KVec::new();
        pieces.push(Buffer::new(1, GFP_KERNEL)?, GFP_KERNEL)?;
        let gather = Gather::new(pieces)?;
        gather.canceller().cancel();
        assert_eq!(
            gather.progress.cause(),
            Some(Cause::Error(TransferError::Unlinked))
        );
        Ok(())
    }

    #[test]
    fn causes_of_all_kinds_of_ends() {
        let gone = TransferError::Shutdown;
        let cancelled = TransferError::Unlinked;
        for (result, is_short, cause) in [
            (Ok(()), false, None),
            (Ok(()), true, Some(Cause::Error(TransferError::Short))),
            (
                Err(TransferError::Short),
                true,
                Some(Cause::Error(TransferError::Short)),
            ),
            (
                Err(TransferError::Stall),
                false,
                Some(Cause::Error(TransferError::Stall)),
            ),
            (
                Err(TransferError::Stall),
                true,
                Some(Cause::Error(TransferError::Stall)),
            ),
            (Err(gone), true, Some(Cause::Error(TransferError::NoDevice))),
            (Err(cancelled), true, Some(Cause::Gate)),
        ] {
            assert_eq!(Cause::of(result, is_short), cause);
        }
    }

    #[test]
    fn pieces_go_where_they_belong() -> Result {
        let tray = Tray::new(Progress::new()?, 2)?;
        for (index, length) in [(1, 10), (0, 20), (2, 30)] {
            let piece = Piece {
                tray: tray.clone(),
                index,
                may_be_short: false,
            };
            // There is no slot for the last one.
            piece.leave(Buffer::new(length, GFP_KERNEL)?, length / 2);
        }
        let slots = core::mem::take(&mut *tray.slots.lock());
        let mut lengths = slots.iter().flatten().map(|entry| entry.actual_length);
        assert_eq!(lengths.next(), Some(10));
        assert_eq!(lengths.next(), Some(5));
        assert_eq!(lengths.next(), None);
        Ok(())
    }
}
