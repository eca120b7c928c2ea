// SPDX-License-Identifier: GPL-2.0

//! From the first bulk IN endpoint to `read()`.
//!
//! Once somebody reads or polls, a [`usb::Queue`] of [`DEPTH`] URBs keeps the endpoint busy. A
//! transfer that brought something is held, and its URB submitted again when its data has been
//! read. So a slow reader holds the device off, and nothing is lost.
//!
//! After an error the queue has stopped, so that a halt can be cleared. It is started again by the
//! reader who is told of the error.

use crate::recovery::{
    clear_halt,
    diagnose, //
};
use kernel::{
    iov::IovIterDest,
    new_mutex,
    new_spinlock,
    prelude::*,
    sync::{
        Arc,
        Mutex,
        SpinLock, //
    },
    usb, //
};

/// URBs for reading ahead.
const DEPTH: usize = 8;

/// Bytes a URB asks for; a multiple of every bulk packet size.
const CHUNK_LENGTH: usize = 32 * 1024;

/// Tells the node that there is news.
struct News(Arc<usb::Events>);

type Queue = usb::Queue<News>;
type Chunk = usb::HeldTransfer<News>;

impl usb::QueueHandler for News {
    type Kind = usb::Bulk;
    type Direction = usb::In;
    type Memory = usb::Buffer;

    fn complete(&self, transfer: &mut usb::QueueTransfer<'_, Self>) -> usb::Next {
        match transfer.result() {
            // An empty packet is no news for a stream of bytes.
            Ok(()) if transfer.data().is_empty() => usb::Next::Resubmit,
            _ => usb::Next::Hold,
        }
    }

    fn held(&self) {
        self.0.notify();
    }

    fn stopped(&self, _error: usb::TransferError) {
        self.0.notify();
    }
}

#[pin_data]
pub(crate) struct Reader {
    changed: Arc<usb::Events>,
    /// Keeps starting, stopping and recovery apart.
    #[pin]
    control: Mutex<()>,
    /// There while reading ahead.
    #[pin]
    queue: SpinLock<Option<Arc<Queue>>>,
}

impl Reader {
    pub(crate) fn new(changed: Arc<usb::Events>) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            changed,
            control <- new_mutex!((), "usbpipe::Reader::control"),
            queue <- new_spinlock!(None, "usbpipe::Reader::queue"),
        })
    }

    /// Reads at least one byte, and as many as there are.
    pub(crate) fn read(
        &self,
        operation: &usb::Operation<'_>,
        iov: &mut IovIterDest<'_>,
    ) -> Result<usize> {
        let wanted = iov.len();
        let queue = self.start(operation)?;
        let mut result = Ok(());
        while result.is_ok() && !iov.is_empty() {
            // Who has something already does not wait for more.
            let chunk = match iov.len() == wanted {
                true => operation.wait(|| next(&queue)),
                false => queue.take_held().map(Some).ok_or(EAGAIN),
            };
            result = chunk.and_then(|chunk| match chunk {
                Some(chunk) => self.deliver(&queue, chunk, operation, iov, wanted),
                None => self.recover(&queue, None, operation),
            });
        }
        // Others may have looked in vain while the chunk that is now in front was in hand here, or
        // while an error was dealt with.
        let nothing = iov.len() == wanted;
        if (nothing && result.is_err()) || queue.held_count() != 0 {
            self.changed.notify();
        }
        match (wanted - iov.len(), result) {
            (0, Err(error)) => Err(error),
            (count, _) => Ok(count),
        }
    }

    /// Copies from one chunk; what was not read stays first in line.
    fn deliver(
        &self,
        queue: &Queue,
        mut chunk: Chunk,
        operation: &usb::Operation<'_>,
        iov: &mut IovIterDest<'_>,
        wanted: usize,
    ) -> Result {
        let mut transfer = chunk.transfer();
        let count = iov.copy_to_iter(transfer.unread());
        transfer.consume(count);
        if !transfer.unread().is_empty() {
            chunk.put_back();
            return Err(if iov.is_empty() { EAGAIN } else { EFAULT });
        }
        match error_of(&transfer) {
            // The program learns of the error when it has got all that came before it.
            Some(_) if iov.len() < wanted => {
                chunk.put_back();
                Err(EAGAIN)
            }
            Some(_) => self.recover(queue, Some(chunk), operation),
            None => {
                // Its error is that of the queue, for the next one to see.
                let _ = chunk.resubmit(operation.interface());
                Ok(())
            }
        }
    }

    /// Gets the endpoint going again, unless somebody else did, and tells why that was necessary.
    /// What other transfers brought stays in line.
    fn recover(
        &self,
        queue: &Queue,
        failed: Option<Chunk>,
        operation: &usb::Operation<'_>,
    ) -> Result {
        let _control = self.control.lock();
        let interface = operation.interface();
        let Some(error) = queue.error() else {
            return failed.map_or(Ok(()), |chunk| chunk.resubmit(interface));
        };
        let error = diagnose(error.into(), operation);
        if error == ENODEV {
            // It stays in line, for everybody to see.
            if let Some(chunk) = failed {
                chunk.put_back();
            }
            return Err(ENODEV);
        }
        drop(failed);
        queue.stop(interface);
        let cleared = clear_halt::<usb::In>(error, operation);
        let started = queue.start(interface);
        Err(cleared.and(started).err().unwrap_or(error))
    }

    fn queue(&self) -> Option<Arc<Queue>> {
        self.queue.lock().clone()
    }

    /// Begins to read ahead, unless that is going on.
    fn start(&self, operation: &usb::Operation<'_>) -> Result<Arc<Queue>> {
        let _control = self.control.lock();
        if let Some(queue) = self.queue() {
            return Ok(queue);
        }
        let interface = operation.interface();
        let endpoint = interface.find_endpoint().ok_or(EOPNOTSUPP)?;
        let queue = Queue::new(&endpoint, DEPTH, News(self.changed.clone()), |_| {
            usb::Buffer::new(CHUNK_LENGTH, GFP_KERNEL)
        })?;
        let queue = Arc::new(queue, GFP_KERNEL)?;
        queue.start(interface)?;
        *self.queue.lock() = Some(queue.clone());
        Ok(queue)
    }

    /// Ends reading ahead and drops what has come.
    pub(crate) fn stop(&self, operation: &usb::Operation<'_>) {
        let _control = self.control.lock();
        let queue = self.queue.lock().take();
        if let Some(queue) = queue {
            queue.stop(operation.interface());
        }
    }

    /// Is there something to read? Whoever asks wants reading ahead to begin.
    pub(crate) fn poll(&self, operation: &usb::Operation<'_>) -> usb::PollEvents {
        let started = match self.queue() {
            Some(queue) => Ok(queue),
            None => self.start(operation),
        };
        match started {
            Err(EOPNOTSUPP) => usb::PollEvents::NONE,
            Err(_) => usb::PollEvents::ERROR,
            Ok(queue) => events(&queue),
        }
    }
}

/// The first in line; [`None`] in it if nothing will come, since the queue has stopped.
fn next(queue: &Queue) -> Option<Option<Chunk>> {
    let stopped = queue.error().map(|_| None);
    queue.take_held().map(Some).or(stopped)
}

/// What has to be reported of a transfer. Others were cancelled for the sake of one that has.
fn error_of(transfer: &usb::QueueTransfer<'_, News>) -> Option<usb::TransferError> {
    let error = transfer.result().err()?;
    (!error.is_cancelled()).then_some(error)
}

/// What poll() says of what is first in line.
fn events(queue: &Queue) -> usb::PollEvents {
    let error = queue.error();
    let readable = queue.with_held(|chunk| !chunk.unread().is_empty());
    match (readable, error) {
        (Some(true), _) | (Some(_), None) => usb::PollEvents::READABLE,
        (_, Some(usb::TransferError::NoDevice)) => {
            usb::PollEvents::READABLE.with(usb::PollEvents::GONE)
        }
        (_, Some(_)) => usb::PollEvents::READABLE.with(usb::PollEvents::ERROR),
        (None, None) => usb::PollEvents::NONE,
    }
}
