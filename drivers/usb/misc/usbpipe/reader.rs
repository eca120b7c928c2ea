// SPDX-License-Identifier: GPL-2.0

//! From the first bulk IN endpoint to `read()`.
//!
//! Once somebody reads or polls, [`DEPTH`] URBs keep the endpoint busy. A URB that completes becomes
//! a [`Chunk`] in a ring, in the order in which the data came; it is submitted again when its data
//! has been read. So a slow reader holds the device off, and nothing is lost.

use crate::{
    pipe::Pipe,
    ring::Ring, //
};
use core::ops::Range;
use kernel::{
    iov::IovIterDest,
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

/// URBs for reading ahead.
const DEPTH: usize = 8;

/// Bytes a URB asks for; a multiple of every bulk packet size.
const CHUNK_LENGTH: usize = 32 * 1024;

/// Tells a completion which pipe it belongs to.
struct ReadDone(Arc<Pipe>);

type ReadUrb = usb::Urb<usb::Bulk, usb::In, ReadDone>;

/// A transfer that has ended: data that waits to be read, and what went wrong after it.
struct Chunk {
    urb: ReadUrb,
    data: Range<usize>,
    error: Option<Error>,
}

#[pin_data]
pub(crate) struct Reader {
    #[pin]
    ready: SpinLockIrq<Ring<Chunk, DEPTH>>,
    /// One for each URB, while reading ahead. Also keeps starting, stopping and recovery apart.
    #[pin]
    running: Mutex<KVec<usb::Canceller>>,
}

impl usb::Handler<usb::Bulk, usb::In> for ReadDone {
    fn complete(done: usb::Completed<usb::Bulk, usb::In, Self>) {
        let pipe = done.handler().0.clone();
        let data = 0..done.actual_length();
        let error = done.result().err();
        // An empty packet is no news for a stream of bytes.
        let again = data.is_empty() && error.is_none();
        if again {
            pipe.reader.give_back(done.resubmit());
        } else {
            pipe.reader.put_last(Chunk {
                urb: done.into_urb(),
                data,
                error: error.map(to_user),
            });
        }
        pipe.changed.notify_all();
    }
}

/// What a transfer's error is to a program. A transfer is only cancelled by [`Reader::stop`] and
/// [`Reader::recover`], which don't report it, and when the driver is unbound.
pub(crate) fn to_user(error: usb::TransferError) -> Error {
    match error {
        usb::TransferError::Cancelled(_) | usb::TransferError::Gone(_) => ENODEV,
        error => error.into(),
    }
}

impl Reader {
    pub(crate) fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            ready <- new_spinlock_irq!(Ring::new(), "usbpipe::Reader::ready"),
            running <- new_mutex!(KVec::new(), "usbpipe::Reader::running"),
        })
    }

    /// Reads at least one byte, and as many as there are.
    pub(crate) fn read(
        &self,
        pipe: ArcBorrow<'_, Pipe>,
        operation: &usb::Operation<'_>,
        iov: &mut IovIterDest<'_>,
    ) -> Result<usize> {
        let wanted = iov.len();
        self.start(pipe, operation)?;
        let mut result = Ok(());
        while result.is_ok() && !iov.is_empty() {
            // Who has something already does not wait for more.
            let chunk = match iov.len() == wanted {
                true => operation.wait(|| self.ready.lock().pop_front()),
                false => self.ready.lock().pop_front().ok_or(EAGAIN),
            };
            result = chunk.and_then(|chunk| self.deliver(chunk, operation, iov, wanted));
        }
        match (wanted - iov.len(), result) {
            (0, Err(error)) => Err(error),
            (count, _) => Ok(count),
        }
    }

    /// Copies from one chunk; what was not read stays first in line.
    fn deliver(
        &self,
        mut chunk: Chunk,
        operation: &usb::Operation<'_>,
        iov: &mut IovIterDest<'_>,
        wanted: usize,
    ) -> Result {
        let count = iov.copy_to_iter(&chunk.urb.buffer()[chunk.data.clone()]);
        chunk.data.start += count;
        let faulted = !chunk.data.is_empty() && !iov.is_empty();
        match chunk.error {
            _ if faulted => Err(self.keep(chunk, EFAULT)),
            _ if !chunk.data.is_empty() => Err(self.keep(chunk, EAGAIN)),
            // The program learns of the error when it has got all that came before it.
            Some(error) if iov.len() < wanted => Err(self.keep(chunk, error)),
            Some(error) => Err(self.recover(chunk, error, operation)),
            None => {
                self.give_back(chunk.urb.submit(operation.interface()));
                Ok(())
            }
        }
    }

    /// Puts a chunk back in front. Returns `error`, for the caller to end with.
    fn keep(&self, chunk: Chunk, error: Error) -> Error {
        let overflow = self.ready.lock().push_front(chunk);
        // There is a slot for each URB.
        drop(overflow);
        error
    }

    fn put_last(&self, chunk: Chunk) {
        let overflow = self.ready.lock().push_back(chunk);
        // As above.
        drop(overflow);
    }

    /// Deals with a URB that could not be submitted: the next reader learns why.
    fn give_back(&self, submitted: Result<(), usb::SubmitError<usb::Bulk, usb::In, ReadDone>>) {
        if let Err(usb::SubmitError { error, urb }) = submitted {
            self.put_last(Chunk {
                urb,
                data: 0..0,
                error: Some(error),
            });
        }
    }

    /// Gets the endpoint going again after `error`, which is returned.
    ///
    /// All transfers are stopped first, so that a halt can be cleared; those that brought data
    /// stay in line.
    fn recover(&self, failed: Chunk, error: Error, operation: &usb::Operation<'_>) -> Error {
        let running = self.running.lock();
        self.keep(failed, error);
        kill_all(&running, operation);
        if error == EPIPE {
            if let Err(error) = clear_halt(operation) {
                return error;
            }
        }
        let mut waiting = self.ready.lock().len();
        while waiting > 0 {
            waiting -= 1;
            let Some(mut chunk) = self.ready.lock().pop_front() else { break };
            if chunk.data.is_empty() {
                self.give_back(chunk.urb.submit(operation.interface()));
            } else {
                chunk.error = None;
                self.put_last(chunk);
            }
        }
        error
    }

    /// Begins to read ahead, unless that is going on.
    fn start(&self, pipe: ArcBorrow<'_, Pipe>, operation: &usb::Operation<'_>) -> Result {
        let mut running = self.running.lock();
        if !running.is_empty() {
            return Ok(());
        }
        let interface = operation.interface();
        let endpoint = interface.find_endpoint().ok_or(EOPNOTSUPP)?;
        running.reserve(DEPTH, GFP_KERNEL)?;
        for _ in 0..DEPTH {
            let buffer = usb::Buffer::new(CHUNK_LENGTH, GFP_KERNEL)?;
            let urb = ReadUrb::new(&endpoint, buffer, ReadDone(pipe.into()))?;
            running.push(urb.canceller(), GFP_KERNEL)?;
            self.give_back(urb.submit(interface));
        }
        Ok(())
    }

    /// Ends reading ahead and drops what has come.
    pub(crate) fn stop(&self, operation: &usb::Operation<'_>) {
        let mut running = self.running.lock();
        kill_all(&running, operation);
        running.clear();
        self.drop_ready();
    }

    /// Frees all URBs, when nothing can be in flight.
    pub(crate) fn clear(&self) {
        self.running.lock().clear();
        self.drop_ready();
    }

    fn drop_ready(&self) {
        // A statement of its own, so that the URBs are freed without the lock.
        let ready = core::mem::replace(&mut *self.ready.lock(), Ring::new());
        drop(ready);
    }

    /// Is there something to read? Whoever asks wants reading ahead to begin.
    pub(crate) fn poll(
        &self,
        pipe: ArcBorrow<'_, Pipe>,
        operation: &usb::Operation<'_>,
    ) -> usb::PollEvents {
        match self.start(pipe, operation) {
            Err(EOPNOTSUPP) => usb::PollEvents::NONE,
            Err(_) => usb::PollEvents::ERROR,
            Ok(()) if self.ready.lock().is_empty() => usb::PollEvents::NONE,
            Ok(()) => usb::PollEvents::READABLE,
        }
    }
}

/// Cancels all of `urbs` and waits until they are in the ring, or dropped.
fn kill_all(urbs: &[usb::Canceller], operation: &usb::Operation<'_>) {
    for urb in urbs {
        // It can only fail for the URB of another interface.
        let _ = urb.kill(operation.interface());
    }
}

fn clear_halt(operation: &usb::Operation<'_>) -> Result {
    operation
        .interface()
        .find_endpoint::<usb::Bulk, usb::In>()
        .ok_or(EOPNOTSUPP)?
        .clear_halt()
}
