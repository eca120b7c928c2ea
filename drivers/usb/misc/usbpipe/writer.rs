// SPDX-License-Identifier: GPL-2.0

//! From `write()` to the first bulk OUT endpoint.
//!
//! A write copies its data into idle URBs, of which there are [`DEPTH`], and submits them; when all
//! are in flight it waits. An error belongs to data that a program was already told of as written,
//! so the first one is kept, and reported once, to the next write or fsync. What was on its way behind
//! the failed transfer is dropped with it: a device that lost the middle has no use for the end.

use crate::{
    pipe::Pipe,
    recovery::{
        clear_halt,
        diagnose,
        kill_all,
        to_user, //
    },
    ring::Ring, //
};
use kernel::{
    iov::IovIterSource,
    new_mutex,
    new_spinlock_irq,
    prelude::*,
    sync::{
        Arc,
        ArcBorrow,
        Mutex,
        SpinLockIrq, //
    },
    usb, //
};

/// URBs for writing behind.
const DEPTH: usize = 8;

/// Bytes a URB carries at most; a multiple of every bulk packet size.
const CHUNK_LENGTH: usize = 32 * 1024;

/// Tells a completion which pipe it belongs to.
struct WriteDone(Arc<Pipe>);

type WriteUrb = usb::Urb<usb::Bulk, usb::Out, WriteDone>;

struct State {
    idle: Ring<WriteUrb, DEPTH>,
    in_flight: usize,
    /// The first error that nobody was told of yet.
    error: Option<Error>,
}

#[pin_data]
pub(crate) struct Writer {
    #[pin]
    state: SpinLockIrq<State>,
    /// One for each URB, once they exist. Also keeps allocation and recovery apart.
    #[pin]
    pool: Mutex<KVec<usb::Canceller>>,
}

impl usb::Handler<usb::Bulk, usb::Out> for WriteDone {
    fn complete(done: usb::Completed<'_, usb::Bulk, usb::Out, Self>) {
        let pipe = done.handler().0.clone();
        let error = match done.result() {
            Ok(()) if done.is_complete() => None,
            Ok(()) => Some(EIO),
            Err(error) => Some(to_user(error)),
        };
        pipe.writer.finished(done.into_urb(), error);
        pipe.changed.notify();
    }
}

impl Writer {
    pub(crate) fn new() -> impl PinInit<Self, Error> {
        let state = State {
            idle: Ring::new(),
            in_flight: 0,
            error: None,
        };
        try_pin_init!(Self {
            state <- new_spinlock_irq!(state, "usbpipe::Writer::state"),
            pool <- new_mutex!(KVec::new(), "usbpipe::Writer::pool"),
        })
    }

    /// Takes all of the data, or what fits if the file is non-blocking.
    pub(crate) fn write(
        &self,
        pipe: ArcBorrow<'_, Pipe>,
        operation: &usb::Operation<'_>,
        iov: &mut IovIterSource<'_>,
    ) -> Result<usize> {
        self.prepare(pipe, operation)?;
        let mut written = 0;
        while !iov.is_empty() {
            let step = self
                .take_idle(operation)
                .and_then(|urb| self.send(urb, operation, iov));
            match step {
                Ok(count) => written += count,
                // The error, if it is one of the device, is reported next time.
                Err(_) if written > 0 => break,
                Err(error) => {
                    let error = self.recover(error, operation);
                    // What this writer had taken is there for others again.
                    pipe.changed.notify();
                    return Err(error);
                }
            }
        }
        Ok(written)
    }

    /// Waits for a URB that is idle, unless there is an error to report.
    fn take_idle(&self, operation: &usb::Operation<'_>) -> Result<WriteUrb> {
        operation.wait(|| {
            let mut state = self.state.lock();
            match state.error {
                Some(error) => Some(Err(error)),
                None => state.idle.pop_front().map(Ok),
            }
        })?
    }

    /// Fills `urb` and submits it. Returns how many bytes it carries.
    fn send(
        &self,
        mut urb: WriteUrb,
        operation: &usb::Operation<'_>,
        iov: &mut IovIterSource<'_>,
    ) -> Result<usize> {
        let count = iov.copy_from_iter(urb.buffer_mut());
        if count == 0 || urb.set_length(count).is_err() {
            self.put_idle(urb);
            return Err(EFAULT);
        }
        self.state.lock().in_flight += 1;
        match urb.submit(operation.interface()) {
            Ok(()) => Ok(count),
            Err(usb::SubmitError { error, urb }) => {
                self.finished(urb, None);
                Err(error)
            }
        }
    }

    /// Counts a URB as no longer in flight.
    fn finished(&self, urb: WriteUrb, error: Option<Error>) {
        let mut state = self.state.lock();
        state.in_flight -= 1;
        state.error = state.error.or(error);
        let overflow = state.idle.push_back(urb);
        drop(state);
        // There is a slot for each URB.
        drop(overflow);
    }

    fn put_idle(&self, urb: WriteUrb) {
        let overflow = self.state.lock().idle.push_back(urb);
        // As above.
        drop(overflow);
    }

    /// Allocates the URBs, unless they exist.
    fn prepare(&self, pipe: ArcBorrow<'_, Pipe>, operation: &usb::Operation<'_>) -> Result {
        let mut pool = self.pool.lock();
        if !pool.is_empty() {
            return Ok(());
        }
        let endpoint = operation.interface().find_endpoint().ok_or(EOPNOTSUPP)?;
        pool.reserve(DEPTH, GFP_KERNEL)?;
        for _ in 0..DEPTH {
            let buffer = usb::Buffer::new(CHUNK_LENGTH, GFP_KERNEL)?;
            let urb = WriteUrb::new(&endpoint, buffer, WriteDone(pipe.into()))?;
            pool.push(urb.canceller(), GFP_KERNEL)?;
            self.put_idle(urb);
        }
        Ok(())
    }

    /// Reports `error`. If it is the device's, also gets the endpoint going again.
    fn recover(&self, error: Error, operation: &usb::Operation<'_>) -> Error {
        if self.state.lock().error.is_none() {
            return error;
        }
        let error = diagnose(error, operation);
        if error == ENODEV {
            return error;
        }
        let pool = self.pool.lock();
        kill_all(&pool, operation);
        let cleared = clear_halt::<usb::Out>(error, operation);
        // Together with the first one, those that came of stopping the others.
        self.state.lock().error = None;
        cleared.err().unwrap_or(error)
    }

    /// Waits until the device has everything.
    pub(crate) fn flush(&self, operation: &usb::Operation<'_>) -> Result {
        let flushed = operation.wait(|| {
            let state = self.state.lock();
            match state.error {
                Some(error) => Some(Err(error)),
                None => (state.in_flight == 0).then_some(Ok(())),
            }
        });
        flushed
            .and_then(|result| result)
            .map_err(|error| self.recover(error, operation))
    }

    /// Frees the URBs if none is in flight.
    pub(crate) fn release_idle(&self) {
        let mut pool = self.pool.lock();
        let idle = {
            let mut state = self.state.lock();
            if state.in_flight > 0 {
                return;
            }
            core::mem::replace(&mut state.idle, Ring::new())
        };
        pool.clear();
        drop(idle);
    }

    /// Frees all URBs, when nothing can be in flight.
    pub(crate) fn clear(&self) {
        self.release_idle();
    }

    /// Would a write block?
    pub(crate) fn poll(&self, operation: &usb::Operation<'_>) -> usb::PollEvents {
        let interface = operation.interface();
        if interface.find_endpoint::<usb::Bulk, usb::Out>().is_none() {
            return usb::PollEvents::NONE;
        }
        let state = self.state.lock();
        let not_yet_used = state.in_flight == 0;
        match state.error {
            Some(_) => usb::PollEvents::WRITABLE.with(usb::PollEvents::ERROR),
            None if not_yet_used || !state.idle.is_empty() => usb::PollEvents::WRITABLE,
            None => usb::PollEvents::NONE,
        }
    }
}
