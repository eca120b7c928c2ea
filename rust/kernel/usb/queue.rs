// SPDX-License-Identifier: GPL-2.0

//! URBs that keep an endpoint busy.
//!
//! Each URB of a queue is in one place at any time: *in flight*; *held*, in the order in which
//! transfers ended, until somebody takes it; *taken*; or *idle*, until the queue is started. Both
//! lists have a slot for each URB, so that nothing is allocated once a queue was made, and a URB
//! that cannot be submitted is never lost.
//!
//! A queue stops when it is told to, when a transfer failed, and when I/O is paused or the driver
//! unbound. All that is in flight comes back then; data that it brought is held. It goes on with
//! [`Queue::start`].

use super::{
    endpoint::{
        BulkOrInterrupt,
        Direction,
        Endpoint,
        Isochronous,
        TransferType, //
    },
    held::HeldTransfer,
    memory::Memory,
    next::{
        judge,
        Next,
        Place, //
    },
    proof::IsBound,
    ring::Ring,
    statistics::Statistics,
    transfer::{
        Kept,
        QueueTransfer, //
    },
    urb::Urb,
    Anchor,
    Completed,
    Handler,
    Interface,
    SubmitError,
    TransferError, //
};
use crate::{
    device,
    prelude::*,
    static_lock_class,
    sync::{
        Arc,
        Mutex,
        SpinLockIrq, //
    }, //
};

/// What a driver does with the transfers of a [`Queue`].
pub trait QueueHandler: Sized + Send + Sync + 'static {
    /// The type of the transfers.
    type Kind: TransferType;
    /// Their direction.
    type Direction: Direction;
    /// What they move.
    type Memory: Memory;

    /// A URB is about to be submitted by [`Queue::start`]: the moment to fill one that sends.
    ///
    /// # Context
    ///
    /// May sleep, but must not use the queue. Completions may run at the same time.
    fn prepare(&self, _transfer: &mut QueueTransfer<'_, Self>) -> Next {
        Next::Resubmit
    }

    /// A transfer has ended. One that was cancelled, or ended after the queue has stopped, comes
    /// here only if it moved data.
    ///
    /// # Context
    ///
    /// Atomic, see [`Handler::complete`].
    fn complete(&self, transfer: &mut QueueTransfer<'_, Self>) -> Next;

    /// There is something for [`Queue::take_held`]: the moment to wake who waits for it.
    ///
    /// # Context
    ///
    /// As [`complete`](QueueHandler::complete).
    fn held(&self) {}

    /// The queue has stopped by itself; it is what [`Queue::error`] returns.
    ///
    /// # Context
    ///
    /// As [`complete`](QueueHandler::complete).
    fn stopped(&self, _error: TransferError) {}
}

pub(super) type PortUrb<Q> = Urb<
    <Q as QueueHandler>::Kind,
    <Q as QueueHandler>::Direction,
    QueuePort<Q>,
    <Q as QueueHandler>::Memory,
>;

pub(super) type PortCompleted<'a, Q> = Completed<
    'a,
    <Q as QueueHandler>::Kind,
    <Q as QueueHandler>::Direction,
    QueuePort<Q>,
    <Q as QueueHandler>::Memory,
>;

struct State<Q: QueueHandler> {
    idle: Ring<Kept<Q>>,
    held: Ring<Kept<Q>>,
    running: bool,
    /// Whether the queue is gone.
    closed: bool,
    /// Why it stopped by itself.
    error: Option<TransferError>,
    statistics: Statistics,
}

/// What the queue and its URBs share.
#[pin_data]
struct Shared<Q: QueueHandler> {
    handler: Q,
    anchor: Anchor,
    /// Keeps starting, stopping and releasing apart.
    #[pin]
    control: Mutex<()>,
    #[pin]
    state: SpinLockIrq<State<Q>>,
}

impl<Q: QueueHandler> Shared<Q> {
    /// Deals with a transfer that has ended.
    fn ended(&self, mut done: PortCompleted<'_, Q>) {
        let (result, length) = (done.result(), done.actual_length());
        let mut state = self.state.lock();
        state.statistics.count(result, length);
        let (closed, running) = (state.closed, state.running);
        drop(state);
        if closed {
            // Nobody wants it any more: it is freed.
            return;
        }
        let cancelled = result.is_err_and(TransferError::is_final);
        let mut consumed = 0;
        let mut transfer = QueueTransfer::of(&mut done, &mut consumed);
        let mut error = transfer.error();
        let next = match length == 0 && (cancelled || !running) {
            true => Next::Stop,
            false => self.handler.complete(&mut transfer),
        };
        let (place, stops) = judge(next, result);
        let mut stopped = stops && self.halt();
        // Before others come back, whose data is to be held behind its own.
        if place != Place::Flight {
            self.keep(place, Kept::new(done, consumed));
        } else if let Some(reason) = self.resubmit(done) {
            stopped = self.halt();
            error = Some(reason);
        }
        if stopped {
            // Until we return, the host controller does not go on to the next one.
            self.anchor.unlink();
        }
        // Who learns of the error finds what was held before it.
        if let (true, Some(error)) = (stopped, error) {
            self.state.lock().error = Some(error);
            self.handler.stopped(error);
        }
    }

    /// Submits a URB again, if the queue is running. Returns why that did not work.
    fn resubmit(&self, done: PortCompleted<'_, Q>) -> Option<TransferError> {
        if !self.is_running() {
            self.put_idle(done.into_urb());
            return None;
        }
        let SubmitError { error, urb } = done.resubmit().err()?;
        self.put_idle(urb);
        Some(error)
    }

    /// Puts a URB where it belongs that is not submitted.
    fn keep(&self, place: Place, kept: Kept<Q>) {
        let mut state = self.state.lock();
        let surplus = match place {
            Place::Held => state.held.push_back(kept),
            Place::Flight | Place::Idle => state.idle.push_back(kept),
        };
        drop(state);
        // There is a slot for each, unless the queue is gone.
        drop(surplus);
        if place == Place::Held {
            self.handler.held();
        }
    }

    fn put_idle(&self, urb: PortUrb<Q>) {
        self.keep(Place::Idle, Kept::idle(urb));
    }

    /// Ends submissions, unless that was done; then what is in flight has to be cancelled.
    ///
    /// To be called in a handler, or with `control` locked: starting waits for both.
    #[must_use]
    fn halt(&self) -> bool {
        let mut state = self.state.lock();
        if !state.running {
            return false;
        }
        state.running = false;
        drop(state);
        self.anchor.block();
        true
    }

    fn is_running(&self) -> bool {
        self.state.lock().running
    }

    /// [`Queue::start`], in one copy for whatever proves that the driver is bound.
    fn start(&self, interface: &Interface<device::Bound>) -> Result {
        let _control = self.control.lock();
        if self.is_running() {
            return Ok(());
        }
        self.anchor.poison(interface);
        self.anchor.unpoison();
        let mut state = self.state.lock();
        state.running = true;
        state.error = None;
        let count = state.idle.len();
        drop(state);
        for _ in 0..count {
            // A statement of its own, so that the lock is not held any more.
            let idle = self.state.lock().idle.pop_front();
            if let Some(kept) = idle {
                self.launch(kept, interface);
            }
        }
        let error = self.state.lock().error;
        error.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Submits a URB from a context that may sleep, if the queue is running.
    fn submit(&self, mut urb: PortUrb<Q>, interface: &Interface<device::Bound>) -> Result {
        if !self.is_running() {
            self.put_idle(urb);
            return Ok(());
        }
        urb.set_anchor(&self.anchor);
        urb.submit(interface).map_err(|SubmitError { error, urb }| {
            self.put_idle(urb);
            if self.halt() {
                self.anchor.unlink();
                self.state.lock().error = Some(error);
            }
            error.into()
        })
    }

    /// Submits a URB for the first time since the queue was started.
    fn launch(&self, mut kept: Kept<Q>, interface: &Interface<device::Bound>) {
        let place = match self.handler.prepare(&mut kept.transfer()) {
            Next::Resubmit => {
                // If it fails, the queue has an error.
                let _ = self.submit(kept.urb, interface);
                return;
            }
            Next::Hold => Place::Held,
            Next::Stop => {
                if self.halt() {
                    self.anchor.unlink();
                }
                Place::Idle
            }
        };
        self.keep(place, kept);
    }
}

/// The handler of a URB that belongs to a [`Queue`].
pub struct QueuePort<Q: QueueHandler>(Arc<Shared<Q>>);

impl<Q: QueueHandler> Handler<Q::Kind, Q::Direction, Q::Memory> for QueuePort<Q> {
    fn complete(done: PortCompleted<'_, Q>) {
        let shared = done.handler().0.clone();
        shared.ended(done);
    }
}

/// What is done with a transfer that was held, and taken.
impl<Q: QueueHandler> Kept<Q> {
    fn shared(&self) -> Arc<Shared<Q>> {
        self.urb.handler().0.clone()
    }

    /// Makes its URB wait for the next start.
    pub(super) fn retire(self) {
        let shared = self.shared();
        shared.put_idle(self.urb);
    }

    pub(super) fn put_back(self) {
        let shared = self.shared();
        let surplus = shared.state.lock().held.push_front(self);
        // There is a slot for each, unless the queue is gone.
        drop(surplus);
    }

    pub(super) fn resubmit(self, interface: &Interface<device::Bound>) -> Result {
        let shared = self.shared();
        let _control = shared.control.lock();
        shared.submit(self.urb, interface)
    }
}

/// A number of URBs that keep an endpoint busy: each is submitted again when it has ended.
///
/// Data arrive in [`QueueHandler::complete`] in the order in which the device sent them. A handler
/// that cannot take them at once holds them; then the device is held off when all URBs are held.
///
/// Dropping the queue, in any context, cancels what is in flight; URBs are freed as they come
/// back. The handler is not called any more, and dropped together with the last of them, maybe in
/// atomic context. Forgetting the queue leaks memory, and goes on until the driver is unbound.
///
/// # Examples
///
/// ```
/// use kernel::{device::Bound, prelude::*, usb};
///
/// /// Logs what a device has to say.
/// struct Log;
///
/// impl usb::QueueHandler for Log {
///     type Kind = usb::Interrupt;
///     type Direction = usb::In;
///     type Memory = usb::Buffer;
///
///     fn complete(&self, transfer: &mut usb::QueueTransfer<'_, Self>) -> usb::Next {
///         match transfer.result() {
///             Ok(()) => {
///                 pr_debug!("{} bytes\n", transfer.data().len());
///                 usb::Next::Resubmit
///             }
///             Err(_) => usb::Next::Stop,
///         }
///     }
///
///     fn stopped(&self, error: usb::TransferError) {
///         pr_debug!("no more news: {error:?}\n");
///     }
/// }
///
/// fn listen(intf: &usb::Interface<Bound>) -> Result<usb::Queue<Log>> {
///     let endpoint = intf.find_endpoint::<usb::Interrupt, usb::In>().ok_or(ENXIO)?;
///     let length = endpoint.max_packet().into();
///     let queue = usb::Queue::new(&endpoint, 4, Log, |_| usb::Buffer::new(length, GFP_KERNEL))?;
///     queue.start(intf)?;
///     Ok(queue)
/// }
///
/// /// Goes on after a stall; after resume() it is enough to start.
/// fn recover(queue: &usb::Queue<Log>, intf: &usb::Interface<Bound>) -> Result {
///     queue.stop(intf);
///     if queue.error() == Some(usb::TransferError::Stall) {
///         let endpoint = intf.find_endpoint::<usb::Interrupt, usb::In>().ok_or(ENXIO)?;
///         endpoint.clear_halt()?;
///     }
///     queue.start(intf)
/// }
/// ```
pub struct Queue<Q: QueueHandler>(Arc<Shared<Q>>);

impl<Q: QueueHandler> Queue<Q> {
    /// Makes a queue of `count` URBs; `make` makes each of them, and is told how many there are
    /// already. Nothing is submitted before [`start`](Queue::start).
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: `count` is 0.
    /// - `ENOMEM`.
    /// - Those of `make`.
    pub fn with_urbs(
        count: usize,
        handler: Q,
        mut make: impl FnMut(usize, QueuePort<Q>) -> Result<PortUrb<Q>>,
    ) -> Result<Self> {
        if count == 0 {
            return Err(EINVAL);
        }
        let state = State {
            idle: Ring::new(count)?,
            held: Ring::new(count)?,
            running: false,
            closed: false,
            error: None,
            statistics: Statistics::default(),
        };
        let shared = Arc::pin_init(
            try_pin_init!(Shared {
                handler,
                anchor: Anchor::new()?,
                control <- Mutex::new((), lock_name!(c"usb::Queue::control"), static_lock_class!()),
                state <- SpinLockIrq::new(
                    state,
                    lock_name!(c"usb::Queue::state"),
                    static_lock_class!()
                ),
            }),
            GFP_KERNEL,
        )?;
        // Its destructor frees the URBs if one cannot be made.
        let queue = Self(shared);
        for index in 0..count {
            let urb = make(index, QueuePort(queue.0.clone()))?;
            queue.0.put_idle(urb);
        }
        Ok(queue)
    }

    /// Submits all URBs that are idle. Nothing happens if the queue is running.
    ///
    /// # Context
    ///
    /// May sleep. Waits for what an earlier run has left in flight.
    ///
    /// # Errors
    ///
    /// As [`Urb::submit`], and why a transfer failed at once. The queue has stopped then.
    pub fn start<Ctx: device::DeviceContext>(&self, interface: &Interface<Ctx>) -> Result
    where
        Interface<Ctx>: IsBound,
    {
        self.0.start(interface.bound())
    }

    /// Cancels what is in flight. Nothing is in flight and no handler runs when this returns, and
    /// nothing is submitted before the next [`start`](Queue::start). What is held stays.
    ///
    /// # Context
    ///
    /// May sleep. No lock may be held that the handler takes.
    pub fn stop<Ctx: device::DeviceContext>(&self, interface: &Interface<Ctx>)
    where
        Interface<Ctx>: IsBound,
    {
        let _control = self.0.control.lock();
        self.0.state.lock().running = false;
        self.0.anchor.poison(interface);
    }

    /// Whether URBs that end are submitted again.
    pub fn is_running(&self) -> bool {
        self.0.is_running()
    }

    /// Why the queue has stopped by itself, until it is started again:
    ///
    /// - [`NoDevice`](TransferError::NoDevice): the driver is being unbound, or the device is gone.
    /// - [`Suspended`](TransferError::Suspended): I/O is paused: the device is suspended or being
    ///   reset.
    /// - any other: how the transfer ended that stopped it, or why it was not submitted again.
    pub fn error(&self) -> Option<TransferError> {
        self.0.state.lock().error
    }

    /// Takes the transfer that has been held for the longest time.
    ///
    /// # Context
    ///
    /// Any.
    pub fn take_held(&self) -> Option<HeldTransfer<Q>> {
        let kept = self.0.state.lock().held.pop_front()?;
        Some(HeldTransfer::new(kept))
    }

    /// Looks at the transfer that has been held for the longest time.
    ///
    /// # Context
    ///
    /// Any. `look` is called with a spinlock held: it must not sleep, or use the queue.
    pub fn with_held<R>(&self, look: impl FnOnce(&QueueTransfer<'_, Q>) -> R) -> Option<R> {
        let mut state = self.0.state.lock();
        state.held.first_mut().map(|kept| look(&kept.transfer()))
    }

    /// How many transfers are held.
    pub fn held_count(&self) -> usize {
        self.0.state.lock().held.len()
    }

    /// Submits all URBs that are held, whose data is dropped, if the queue is running; otherwise
    /// they are submitted by the next [`start`](Queue::start).
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// As [`Urb::submit`]. The queue has stopped then.
    pub fn release<Ctx: device::DeviceContext>(&self, interface: &Interface<Ctx>) -> Result
    where
        Interface<Ctx>: IsBound,
    {
        for _ in 0..self.held_count() {
            let Some(transfer) = self.take_held() else {
                break;
            };
            transfer.resubmit(interface)?;
        }
        Ok(())
    }

    /// What went through the queue.
    pub fn statistics(&self) -> Statistics {
        self.0.state.lock().statistics
    }

    /// What was given to the constructor.
    pub fn handler(&self) -> &Q {
        &self.0.handler
    }
}

impl<Q: QueueHandler> Queue<Q>
where
    Q::Kind: BulkOrInterrupt,
{
    /// Makes a queue of `count` URBs for `endpoint`; `memory` makes the memory of each.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: `count` is 0.
    /// - Those of [`Urb::new`] and of `memory`.
    pub fn new(
        endpoint: &Endpoint<'_, Q::Kind, Q::Direction>,
        count: usize,
        handler: Q,
        mut memory: impl FnMut(usize) -> Result<Q::Memory>,
    ) -> Result<Self> {
        Self::with_urbs(count, handler, |index, port| {
            Urb::new(endpoint, memory(index)?, port)
        })
    }
}

impl<Q: QueueHandler<Kind = Isochronous>> Queue<Q> {
    /// Makes a queue of `count` URBs for `endpoint`, each with `packets` packets of
    /// `packet_length` bytes; `memory` makes the memory of each.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: `count` is 0.
    /// - Those of [`Urb::isochronous`] and of `memory`.
    pub fn isochronous(
        endpoint: &Endpoint<'_, Isochronous, Q::Direction>,
        count: usize,
        packets: usize,
        packet_length: usize,
        handler: Q,
        mut memory: impl FnMut(usize) -> Result<Q::Memory>,
    ) -> Result<Self> {
        Self::with_urbs(count, handler, |index, port| {
            Urb::isochronous(endpoint, memory(index)?, packets, packet_length, port)
        })
    }
}

impl<Q: QueueHandler> Drop for Queue<Q> {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        state.closed = true;
        state.running = false;
        // The URBs refer to where they lie, which must be undone by hand.
        let idle = core::mem::replace(&mut state.idle, Ring::NONE);
        let held = core::mem::replace(&mut state.held, Ring::NONE);
        drop(state);
        self.0.anchor.block();
        self.0.anchor.unlink();
        drop((idle, held));
    }
}
