// SPDX-License-Identifier: GPL-2.0

//! URBs to be taken, filled and submitted, again and again: mostly for writes.
//!
//! Nothing is allocated after a pool was made: a URB that is not in flight lies in a vector whose
//! capacity is the number of all.

use super::{
    endpoint::{
        BulkOrInterrupt,
        Direction,
        Endpoint,
        In,
        TransferType, //
    },
    memory::Memory,
    proof::IsBound,
    urb::Urb,
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
    prelude::*,
    static_lock_class,
    sync::{
        Arc,
        Mutex,
        SpinLockIrq, //
    },
    types::ScopeGuard, //
};
use core::ops::{
    Deref,
    DerefMut,
    Range, //
};

/// What the owner of a [`Pool`] wants to know of its transfers.
///
/// # Context
///
/// Both are called without a lock of the pool. [`ended`](PoolHandler::ended) is a part of a
/// completion, see [`Handler::complete`]; [`returned`](PoolHandler::returned) too, and is also
/// called where a [`PooledUrb`] is dropped.
pub trait PoolHandler: Sized + Send + Sync + 'static {
    /// The type of the transfers.
    type Kind: TransferType;
    /// Their direction.
    type Direction: Direction;
    /// What they move.
    type Memory: Memory;

    /// A transfer has ended, well or not. Nobody can take its URB before this returns.
    fn ended(&self, transfer: &PoolTransfer<'_, Self>);

    /// A URB is back in the pool: the moment to wake who waits for one.
    fn returned(&self) {}
}

type PortUrb<P> = Urb<
    <P as PoolHandler>::Kind,
    <P as PoolHandler>::Direction,
    PoolPort<P>,
    <P as PoolHandler>::Memory,
>;

/// A transfer of a [`Pool`] that has ended.
pub type PoolTransfer<'a, P> = Completed<
    'a,
    <P as PoolHandler>::Kind,
    <P as PoolHandler>::Direction,
    PoolPort<P>,
    <P as PoolHandler>::Memory,
>;

struct State<P: PoolHandler> {
    /// Has room for all URBs, until the pool is dropped; then for none.
    idle: KVec<PortUrb<P>>,
    in_flight: usize,
    /// Whether the pool is gone.
    closed: bool,
}

/// What the pool and its URBs share.
#[pin_data]
struct Home<P: PoolHandler> {
    handler: P,
    anchor: Anchor,
    /// Keeps submitting and cancelling apart: a URB that is being cancelled is back in the pool
    /// before the USB core would take it again.
    #[pin]
    control: Mutex<()>,
    #[pin]
    state: SpinLockIrq<State<P>>,
}

impl<P: PoolHandler> Home<P> {
    /// Takes a URB back, which ends `flights` of it, 0 or 1.
    fn put(&self, urb: PortUrb<P>, flights: usize) {
        let mut state = self.state.lock();
        // Whoever makes URBs can also submit them before they were in the pool.
        state.in_flight = state.in_flight.saturating_sub(flights);
        // In a pool that is gone there is no room.
        let surplus = state.idle.push_within_capacity(urb);
        let closed = state.closed;
        drop(state);
        // Frees the URB, which must not happen with the lock held.
        drop(surplus);
        if !closed {
            self.handler.returned();
        }
    }
}

/// The handler of a URB that belongs to a [`Pool`].
pub struct PoolPort<P: PoolHandler> {
    home: Arc<Home<P>>,
    /// Where what the last transfer brought lies, and nobody has consumed; within the memory.
    unread: Range<usize>,
}

impl<P: PoolHandler> PoolPort<P> {
    fn new(home: Arc<Home<P>>) -> Self {
        Self { home, unread: 0..0 }
    }
}

impl<P: PoolHandler> Handler<P::Kind, P::Direction, P::Memory> for PoolPort<P> {
    fn complete(done: PoolTransfer<'_, P>) {
        let home = done.handler().home.clone();
        let closed = home.state.lock().closed;
        if !closed {
            home.handler.ended(&done);
        }
        let unread = unread(done.result(), done.actual_length());
        let mut urb = done.into_urb();
        urb.handler_mut().unread = unread;
        home.put(urb, 1);
    }
}

/// What is worth reading of a transfer that moved so many bytes. One that was cancelled did nothing
/// wrong.
fn unread(result: Result<(), TransferError>, actual_length: usize) -> Range<usize> {
    match result {
        Err(error) if !error.is_cancelled() => 0..0,
        _ => 0..actual_length,
    }
}

/// A number of URBs to be taken, filled and submitted, which come back when they have ended.
///
/// Dropping the pool frees those that are in it. What is in flight goes on, and is freed at its
/// end; the handler is not called any more, and dropped together with the last of them, maybe in
/// atomic context. Forgetting the pool leaks memory.
///
/// # Examples
///
/// ```
/// use kernel::{
///     device::Bound,
///     prelude::*,
///     sync::atomic::{Atomic, Relaxed},
///     usb,
/// };
///
/// /// Counts what was lost.
/// struct Losses(Atomic<u32>);
///
/// impl usb::PoolHandler for Losses {
///     type Kind = usb::Bulk;
///     type Direction = usb::Out;
///     type Memory = usb::Buffer;
///
///     fn ended(&self, transfer: &usb::PoolTransfer<'_, Self>) {
///         if !transfer.is_complete() {
///             self.0.fetch_add(1, Relaxed);
///         }
///     }
/// }
///
/// fn new_pool(to: &usb::Endpoint<'_, usb::Bulk, usb::Out>) -> Result<usb::Pool<Losses>> {
///     usb::Pool::new(to, 16, Losses(Atomic::new(0)), |_| usb::Buffer::new(4096, GFP_KERNEL))
/// }
///
/// fn send_packet(
///     pool: &usb::Pool<Losses>,
///     intf: &usb::Interface<Bound>,
///     packet: &[u8],
/// ) -> Result {
///     let mut urb = pool.try_take().ok_or(EBUSY)?;
///     urb.fill(packet)?;
///     urb.submit(intf)?;
///     Ok(())
/// }
/// ```
pub struct Pool<P: PoolHandler>(Arc<Home<P>>);

impl<P: PoolHandler> Pool<P> {
    /// Makes a pool of `count` URBs; `make` makes each of them, and is told how many there are
    /// already.
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
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb};
    ///
    /// /// A pool of vendor's commands of up to 64 bytes.
    /// fn commands<P>(intf: &usb::Interface<Bound>, handler: P) -> Result<usb::Pool<P>>
    /// where
    ///     P: usb::PoolHandler<Kind = usb::Control, Direction = usb::Out, Memory = usb::Buffer>,
    /// {
    ///     let request = usb::ControlRequest::vendor(usb::Recipient::Device, 0x42, 0, 0);
    ///     usb::Pool::with_urbs(4, handler, |_, port: usb::PoolPort<P>| {
    ///         usb::Urb::control(intf, &request, usb::Buffer::new(64, GFP_KERNEL)?, port)
    ///     })
    /// }
    /// ```
    pub fn with_urbs(
        count: usize,
        handler: P,
        mut make: impl FnMut(usize, PoolPort<P>) -> Result<PortUrb<P>>,
    ) -> Result<Self> {
        if count == 0 {
            return Err(EINVAL);
        }
        let state = State {
            idle: KVec::with_capacity(count, GFP_KERNEL | __GFP_NOWARN)?,
            in_flight: 0,
            closed: false,
        };
        let home = Arc::pin_init(
            try_pin_init!(Home {
                handler,
                anchor: Anchor::new()?,
                control <- Mutex::new((), lock_name!(c"usb::Pool::control"), static_lock_class!()),
                state <- SpinLockIrq::new(
                    state,
                    lock_name!(c"usb::Pool::state"),
                    static_lock_class!()
                ),
            }),
            GFP_KERNEL,
        )?;
        // Its destructor frees the URBs if one cannot be made.
        let pool = Self(home);
        for index in 0..count {
            let urb = make(index, PoolPort::new(pool.0.clone()))?;
            let surplus = pool.0.state.lock().idle.push_within_capacity(urb);
            surplus?;
        }
        Ok(pool)
    }

    /// Takes a URB out, if there is one.
    ///
    /// # Context
    ///
    /// Any.
    pub fn try_take(&self) -> Option<PooledUrb<P>> {
        let urb = self.0.state.lock().idle.pop()?;
        Some(PooledUrb::new(urb))
    }

    /// How many URBs could be taken now.
    pub fn available(&self) -> usize {
        self.0.state.lock().idle.len()
    }

    /// Whether none of the URBs is in flight: all that was submitted has ended.
    ///
    /// # Context
    ///
    /// Any.
    pub fn is_idle(&self) -> bool {
        self.0.state.lock().in_flight == 0
    }

    /// Waits until all that was submitted has ended. Returns whether it was in time.
    ///
    /// # Context
    ///
    /// As [`Anchor::wait_empty`].
    ///
    /// # Errors
    ///
    /// As [`Anchor::wait_empty`].
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb};
    ///
    /// /// Gives what was written a second to arrive, and returns what the handler thinks of it.
    /// fn drain<'a, P: usb::PoolHandler>(
    ///     pool: &'a usb::Pool<P>,
    ///     intf: &usb::Interface<Bound>,
    /// ) -> Result<&'a P> {
    ///     const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();
    ///     if !pool.wait_idle(intf, SECOND)? {
    ///         pool.kill(intf);
    ///     }
    ///     Ok(pool.handler())
    /// }
    /// ```
    pub fn wait_idle<Ctx: device::DeviceContext>(
        &self,
        interface: &Interface<Ctx>,
        sleep: impl Into<Sleep>,
    ) -> Result<bool>
    where
        Interface<Ctx>: IsBound,
    {
        self.0.anchor.wait_empty(interface, sleep)
    }

    /// Cancels what is in flight and waits until it is back. Who submits something meanwhile
    /// waits, too, and then it stays.
    ///
    /// # Context
    ///
    /// May sleep. No lock may be held that the handler takes.
    pub fn kill<Ctx: device::DeviceContext>(&self, interface: &Interface<Ctx>)
    where
        Interface<Ctx>: IsBound,
    {
        let _control = self.0.control.lock();
        self.0.anchor.kill(interface);
    }

    /// Starts to cancel what is in flight.
    ///
    /// # Context
    ///
    /// Any, but no lock may be held that the handler takes.
    pub fn unlink(&self) {
        self.0.anchor.unlink();
    }

    /// What was given to the constructor.
    pub fn handler(&self) -> &P {
        &self.0.handler
    }
}

impl<P: PoolHandler> Pool<P>
where
    P::Kind: BulkOrInterrupt,
{
    /// Makes a pool of `count` URBs for `endpoint`; `memory` makes the memory of each.
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
        endpoint: &Endpoint<'_, P::Kind, P::Direction>,
        count: usize,
        handler: P,
        mut memory: impl FnMut(usize) -> Result<P::Memory>,
    ) -> Result<Self> {
        Self::with_urbs(count, handler, |index, port| {
            Urb::new(endpoint, memory(index)?, port)
        })
    }
}

impl<P: PoolHandler> Drop for Pool<P> {
    fn drop(&mut self) {
        // The URBs refer to where they lie, which must be undone by hand.
        let mut state = self.0.state.lock();
        state.closed = true;
        let idle = core::mem::take(&mut state.idle);
        drop(state);
        drop(idle);
    }
}

/// A URB that was taken out of a [`Pool`]; dropping it puts it back.
pub struct PooledUrb<P: PoolHandler>(ScopeGuard<PortUrb<P>, fn(PortUrb<P>)>);

impl<P: PoolHandler> PooledUrb<P> {
    fn new(urb: PortUrb<P>) -> Self {
        Self(ScopeGuard::new_with_data(urb, |urb| {
            let home = urb.handler().home.clone();
            home.put(urb, 0);
        }))
    }

    /// Starts the transfer.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// As [`Urb::submit`]; the URB comes back.
    pub fn submit<Ctx: device::DeviceContext>(
        self,
        interface: &Interface<Ctx>,
    ) -> Result<(), PoolSubmitError<P>>
    where
        Interface<Ctx>: IsBound,
    {
        self.submit_for(interface.bound())
    }

    fn submit_for(self, interface: &Interface<device::Bound>) -> Result<(), PoolSubmitError<P>> {
        let mut urb = self.0.dismiss();
        let home = urb.handler().home.clone();
        urb.handler_mut().unread = 0..0;
        // Its user may have changed that.
        urb.set_anchor(&home.anchor);
        let _control = home.control.lock();
        home.state.lock().in_flight += 1;
        urb.submit(interface).map_err(|SubmitError { error, urb }| {
            let mut state = home.state.lock();
            state.in_flight = state.in_flight.saturating_sub(1);
            drop(state);
            PoolSubmitError {
                error,
                urb: Self::new(urb),
            }
        })
    }
}

impl<P: PoolHandler> PooledUrb<P>
where
    P::Kind: BulkOrInterrupt,
{
    /// Copies `bytes` into the memory, and makes the transfer move just these.
    ///
    /// # Errors
    ///
    /// - `EINVAL` if they don't fit.
    /// - `ENODEV` if the memory was the device's and the driver was unbound.
    pub fn fill(&mut self, bytes: &[u8]) -> Result {
        self.0.memory_mut().copy_from_slice(0, bytes)?;
        self.0.set_length(bytes.len())
    }
}

impl<P: PoolHandler<Direction = In, Memory = Buffer>> PooledUrb<P> {
    /// What the last transfer brought, unless it failed, and was not [consumed] yet. It stays when
    /// the URB goes back into the pool, and is gone when it is submitted.
    ///
    /// # Examples
    ///
    /// A pool of one URB reads nothing that nobody asked for:
    ///
    /// ```
    /// use kernel::{iov::IovIterDest, prelude::*, usb};
    ///
    /// /// Copies what has come, and begins to read again when all of it was taken.
    /// fn read<P>(
    ///     pool: &usb::Pool<P>,
    ///     operation: &usb::Operation<'_>,
    ///     iov: &mut IovIterDest<'_>,
    /// ) -> Result<usize>
    /// where
    ///     P: usb::PoolHandler<Direction = usb::In, Memory = usb::Buffer>,
    /// {
    ///     let mut urb = operation.wait(|| pool.try_take())?;
    ///     let count = iov.copy_to_iter(urb.unread());
    ///     urb.consume(count);
    ///     if urb.unread().is_empty() {
    ///         urb.submit(operation.interface())?;
    ///     }
    ///     Ok(count)
    /// }
    /// ```
    ///
    /// [consumed]: PooledUrb::consume
    pub fn unread(&self) -> &[u8] {
        let unread = self.0.handler().unread.clone();
        self.0.buffer().get(unread).unwrap_or(&[])
    }

    /// Says that somebody has dealt with the first `count` bytes of
    /// [`unread`](PooledUrb::unread), or with all if there are not that many.
    pub fn consume(&mut self, count: usize) {
        let unread = &mut self.0.handler_mut().unread;
        unread.start = unread.start.saturating_add(count).min(unread.end);
    }
}

impl<P: PoolHandler> Deref for PooledUrb<P> {
    type Target = PortUrb<P>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<P: PoolHandler> DerefMut for PooledUrb<P> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

/// A URB of a pool that could not be submitted, and why. Dropping it puts the URB back.
///
/// # Examples
///
/// ```
/// use kernel::{device::Bound, prelude::*, usb};
///
/// /// Submits a URB, or leaves it for later, filled, if the device sleeps.
/// fn submit<P: usb::PoolHandler>(
///     urb: usb::PooledUrb<P>,
///     intf: &usb::Interface<Bound>,
/// ) -> Result<Option<usb::PooledUrb<P>>> {
///     match urb.submit(intf) {
///         Ok(()) => Ok(None),
///         Err(usb::PoolSubmitError { error: usb::TransferError::Suspended, urb }) => {
///             Ok(Some(urb))
///         }
///         Err(refused) => Err(refused.into()),
///     }
/// }
/// ```
pub struct PoolSubmitError<P: PoolHandler> {
    /// Why.
    pub error: TransferError,
    /// The URB, filled as before.
    pub urb: PooledUrb<P>,
}

impl<P: PoolHandler> From<PoolSubmitError<P>> for Error {
    fn from(error: PoolSubmitError<P>) -> Error {
        error.error.into()
    }
}

#[kunit_tests(rust_usb_pool)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_brought_nothing() {
        for (result, length, expected) in [
            (Ok(()), 0, 0..0),
            (Ok(()), 512, 0..512),
            (Err(TransferError::Killed), 0, 0..0),
            (Err(TransferError::Unlinked), 512, 0..512),
            (Err(TransferError::Stall), 512, 0..0),
            (Err(TransferError::Overflow), 512, 0..0),
            (Err(TransferError::Shutdown), 512, 0..0),
        ] {
            assert_eq!(unread(result, length), expected);
        }
    }
}
