// SPDX-License-Identifier: GPL-2.0

//! From `write()` to the first bulk OUT endpoint.
//!
//! A write copies its data into URBs of a [`usb::Pool`] of [`DEPTH`], and submits them; when all are
//! in flight it waits. An error belongs to data that a program was already told of as written, so
//! the first one is kept, and reported once, to the next write or fsync. What was on its way behind
//! the failed transfer is dropped with it: a device that lost the middle has no use for the end.

use crate::recovery::{
    clear_halt,
    diagnose,
    to_user, //
};
use kernel::{
    iov::IovIterSource,
    new_mutex,
    new_spinlock,
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Full,
            Release, //
        },
        Arc,
        Mutex,
        SpinLock, //
    },
    usb, //
};

/// URBs for writing behind.
const DEPTH: usize = 8;

/// Bytes a URB carries at most; a multiple of every bulk packet size.
const CHUNK_LENGTH: usize = 32 * 1024;

/// What became of what was written.
struct Losses {
    /// The first error that nobody was told of yet, as an errno; 0 if there is none.
    first: Atomic<i32>,
    changed: Arc<usb::Events>,
}

impl Losses {
    fn error(&self) -> Option<Error> {
        match self.first.load(Acquire) {
            0 => None,
            errno => Some(Error::from_errno(errno)),
        }
    }
}

/// Reports what became of a transfer.
struct Report(Arc<Losses>);

type Pool = usb::Pool<Report>;

impl usb::PoolHandler for Report {
    type Kind = usb::Bulk;
    type Direction = usb::Out;
    type Memory = usb::Buffer;

    fn ended(&self, transfer: &usb::PoolTransfer<'_, Self>) {
        let error = match transfer.result() {
            Ok(()) if transfer.is_complete() => return,
            Ok(()) => EIO,
            Err(error) => to_user(error),
        };
        // Only the first one is kept.
        let _ = self.0.first.cmpxchg(0, error.to_errno(), Full);
    }

    fn returned(&self) {
        self.0.changed.notify();
    }
}

#[pin_data]
pub(crate) struct Writer {
    losses: Arc<Losses>,
    /// Keeps allocation and recovery apart.
    #[pin]
    control: Mutex<()>,
    /// There once somebody has written.
    #[pin]
    pool: SpinLock<Option<Arc<Pool>>>,
}

impl Writer {
    pub(crate) fn new(changed: Arc<usb::Events>) -> impl PinInit<Self, Error> {
        let first = Atomic::new(0);
        try_pin_init!(Self {
            losses: Arc::new(Losses { first, changed }, GFP_KERNEL)?,
            control <- new_mutex!((), "usbpipe::Writer::control"),
            pool <- new_spinlock!(None, "usbpipe::Writer::pool"),
        })
    }

    /// Takes all of the data, or what fits if the file is non-blocking.
    pub(crate) fn write(
        &self,
        operation: &usb::Operation<'_>,
        iov: &mut IovIterSource<'_>,
    ) -> Result<usize> {
        let pool = self.prepare(operation)?;
        let mut written = 0;
        while !iov.is_empty() {
            let step = self
                .take_idle(&pool, operation)
                .and_then(|urb| send(urb, operation, iov));
            match step {
                Ok(count) => written += count,
                // The error, if it is one of the device, is reported next time.
                Err(_) if written > 0 => break,
                Err(error) => return Err(self.recover(error, operation)),
            }
        }
        Ok(written)
    }

    /// Waits for a URB that is idle, unless there is an error to report.
    fn take_idle(
        &self,
        pool: &Pool,
        operation: &usb::Operation<'_>,
    ) -> Result<usb::PooledUrb<Report>> {
        operation.wait(|| match self.losses.error() {
            Some(error) => Some(Err(error)),
            None => pool.try_take().map(Ok),
        })?
    }

    fn pool(&self) -> Option<Arc<Pool>> {
        self.pool.lock().clone()
    }

    /// Allocates the URBs, unless they exist.
    fn prepare(&self, operation: &usb::Operation<'_>) -> Result<Arc<Pool>> {
        let _control = self.control.lock();
        if let Some(pool) = self.pool() {
            return Ok(pool);
        }
        let endpoint = operation.interface().find_endpoint().ok_or(EOPNOTSUPP)?;
        let pool = Pool::new(&endpoint, DEPTH, Report(self.losses.clone()), |_| {
            usb::Buffer::new(CHUNK_LENGTH, GFP_KERNEL)
        })?;
        let pool = Arc::new(pool, GFP_KERNEL)?;
        *self.pool.lock() = Some(pool.clone());
        Ok(pool)
    }

    /// Reports `error`. If it is the device's, also gets the endpoint going again.
    fn recover(&self, error: Error, operation: &usb::Operation<'_>) -> Error {
        if self.losses.error().is_none() {
            return error;
        }
        let error = diagnose(error, operation);
        if error == ENODEV {
            return error;
        }
        let _control = self.control.lock();
        if let Some(pool) = self.pool() {
            pool.kill(operation.interface());
        }
        let cleared = clear_halt::<usb::Out>(error, operation);
        // Together with the first one, those that came of stopping the others.
        self.losses.first.store(0, Release);
        self.losses.changed.notify();
        cleared.err().unwrap_or(error)
    }

    /// Waits until the device has everything.
    pub(crate) fn flush(&self, operation: &usb::Operation<'_>) -> Result {
        let pool = self.pool();
        let flushed = operation.wait(|| {
            // In this order: a URB comes back after its error was kept.
            let idle = pool.as_ref().is_none_or(|pool| pool.is_idle());
            match self.losses.error() {
                Some(error) => Some(Err(error)),
                None => idle.then_some(Ok(())),
            }
        });
        flushed
            .and_then(|result| result)
            .map_err(|error| self.recover(error, operation))
    }

    /// Frees the URBs if none is in flight.
    pub(crate) fn release_idle(&self) {
        let _control = self.control.lock();
        let pool = self.pool();
        if pool.is_some_and(|pool| pool.is_idle()) {
            let pool = self.pool.lock().take();
            drop(pool);
        }
    }

    /// Would a write block?
    pub(crate) fn poll(&self, operation: &usb::Operation<'_>) -> usb::PollEvents {
        let interface = operation.interface();
        if interface.find_endpoint::<usb::Bulk, usb::Out>().is_none() {
            return usb::PollEvents::NONE;
        }
        let room = self.pool().is_none_or(|pool| pool.available() > 0);
        match self.losses.error() {
            Some(_) => usb::PollEvents::WRITABLE.with(usb::PollEvents::ERROR),
            None if room => usb::PollEvents::WRITABLE,
            None => usb::PollEvents::NONE,
        }
    }
}

/// Fills `urb` and submits it. Returns how many bytes it carries.
fn send(
    mut urb: usb::PooledUrb<Report>,
    operation: &usb::Operation<'_>,
    iov: &mut IovIterSource<'_>,
) -> Result<usize> {
    let count = iov.copy_from_iter(urb.buffer_mut());
    if count == 0 || urb.set_length(count).is_err() {
        return Err(EFAULT);
    }
    urb.submit(operation.interface())?;
    Ok(count)
}
