// SPDX-License-Identifier: GPL-2.0

//! From the first bulk IN endpoint to `read()`.
//!
//! Once somebody reads or polls, [`DEPTH`] URBs keep the endpoint busy. A URB that completes becomes
//! a [`Chunk`] in a ring, in the order in which the data came; it is submitted again when its data
//! has been read. So a slow reader holds the device off, and nothing is lost.
//!
//! After an error all URBs are stopped, so that a halt can be cleared, and started again. Those that
//! were stopped without having brought anything wait for that on a ring of their own, out of the
//! sight of other readers.

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

impl Chunk {
    /// What poll() says while this is first in line.
    fn events(&self) -> usb::PollEvents {
        match self.error {
            _ if !self.data.is_empty() => usb::PollEvents::READABLE,
            Some(ENODEV) => usb::PollEvents::READABLE.with(usb::PollEvents::GONE),
            Some(_) => usb::PollEvents::READABLE.with(usb::PollEvents::ERROR),
            None => usb::PollEvents::READABLE,
        }
    }
}

struct State {
    ready: Ring<Chunk, DEPTH>,
    /// Cancelled, and not to be submitted before the endpoint works again.
    stopped: Ring<ReadUrb, DEPTH>,
}

#[pin_data]
pub(crate) struct Reader {
    #[pin]
    state: SpinLockIrq<State>,
    /// One for each URB, while reading ahead. Also keeps starting, stopping and recovery apart.
    #[pin]
    running: Mutex<KVec<usb::Canceller>>,
}

impl usb::Handler<usb::Bulk, usb::In> for ReadDone {
    fn complete(done: usb::Completed<'_, usb::Bulk, usb::In, Self>) {
        let pipe = done.handler().0.clone();
        pipe.reader.completed(done);
        pipe.changed.notify();
    }
}

impl State {
    fn new() -> Self {
        Self {
            ready: Ring::new(),
            stopped: Ring::new(),
        }
    }

    /// Takes out of line what holds no data, and forgets the errors of the rest.
    fn stop_empty(&mut self) {
        for _ in 0..self.ready.len() {
            let Some(mut chunk) = self.ready.pop_front() else {
                break;
            };
            // There is a slot for each URB in either ring.
            if chunk.data.is_empty() {
                let _ = self.stopped.push_back(chunk.urb);
            } else {
                chunk.error = None;
                let _ = self.ready.push_back(chunk);
            }
        }
    }
}

impl Reader {
    pub(crate) fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            state <- new_spinlock_irq!(State::new(), "usbpipe::Reader::state"),
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
        self.start(&mut self.running.lock(), pipe, operation)?;
        let mut result = Ok(());
        while result.is_ok() && !iov.is_empty() {
            // Who has something already does not wait for more.
            let chunk = match iov.len() == wanted {
                true => operation.wait(|| self.state.lock().ready.pop_front()),
                false => self.state.lock().ready.pop_front().ok_or(EAGAIN),
            };
            result = chunk.and_then(|chunk| self.deliver(chunk, operation, iov, wanted));
        }
        // Others may have looked in vain while the chunk that is now in front was in hand here, or
        // while an error was dealt with.
        let nothing = iov.len() == wanted;
        if (nothing && result.is_err()) || !self.state.lock().ready.is_empty() {
            pipe.changed.notify();
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
        // There is a slot for each URB.
        let _ = self.state.lock().ready.push_front(chunk);
        error
    }

    fn completed(&self, done: usb::Completed<'_, usb::Bulk, usb::In, ReadDone>) {
        let data = 0..done.actual_length();
        let error = done.result().err();
        match error {
            // An empty packet is no news for a stream of bytes.
            None if data.is_empty() => self.give_back(done.resubmit()),
            Some(usb::TransferError::Cancelled(_)) if data.is_empty() => {
                let _ = self.state.lock().stopped.push_back(done.into_urb());
            }
            _ => self.put_last(done.into_urb(), data, error.map(to_user)),
        }
    }

    fn put_last(&self, urb: ReadUrb, data: Range<usize>, error: Option<Error>) {
        let chunk = Chunk { urb, data, error };
        // As above.
        let _ = self.state.lock().ready.push_back(chunk);
    }

    /// Deals with a URB that could not be submitted: the next reader learns why.
    fn give_back(&self, submitted: Result<(), usb::SubmitError<usb::Bulk, usb::In, ReadDone>>) {
        if let Err(usb::SubmitError { error, urb }) = submitted {
            self.put_last(urb, 0..0, Some(error));
        }
    }

    /// Gets the endpoint going again after `error`, which is returned. What other transfers
    /// brought stays in line.
    fn recover(&self, failed: Chunk, error: Error, operation: &usb::Operation<'_>) -> Error {
        let error = diagnose(error, operation);
        let running = self.running.lock();
        if error == ENODEV {
            // It stays in line, for everybody to see.
            let error = Some(error);
            return self.keep(Chunk { error, ..failed }, ENODEV);
        }
        // Not back in line: nobody else is to be told of its error.
        let _ = self.state.lock().stopped.push_back(failed.urb);
        kill_all(&running, operation);
        self.state.lock().stop_empty();
        let cleared = clear_halt::<usb::In>(error, operation);
        for _ in 0..DEPTH {
            let Some(urb) = self.state.lock().stopped.pop_front() else {
                break;
            };
            self.give_back(urb.submit(operation.interface()));
        }
        cleared.err().unwrap_or(error)
    }

    /// Begins to read ahead, unless that is going on.
    fn start(
        &self,
        running: &mut KVec<usb::Canceller>,
        pipe: ArcBorrow<'_, Pipe>,
        operation: &usb::Operation<'_>,
    ) -> Result {
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
        let state = core::mem::replace(&mut *self.state.lock(), State::new());
        drop(state);
    }

    /// Is there something to read? Whoever asks wants reading ahead to begin.
    pub(crate) fn poll(
        &self,
        pipe: ArcBorrow<'_, Pipe>,
        operation: &usb::Operation<'_>,
    ) -> usb::PollEvents {
        let started = match self.running.try_lock() {
            Some(mut running) => self.start(&mut running, pipe, operation),
            // Somebody else is starting it, or getting it going again.
            None => Ok(()),
        };
        match started {
            Err(EOPNOTSUPP) => usb::PollEvents::NONE,
            Err(_) => usb::PollEvents::ERROR,
            Ok(()) => {
                let state = self.state.lock();
                state
                    .ready
                    .first()
                    .map_or(usb::PollEvents::NONE, Chunk::events)
            }
        }
    }
}
