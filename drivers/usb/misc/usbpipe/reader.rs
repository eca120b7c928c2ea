// SPDX-License-Identifier: GPL-2.0

//! From an IN endpoint to `read()`.
//!
//! A [`usb::Queue`] of URBs keeps the endpoint busy. A transfer that brought something is held, and
//! its URB submitted again when its data has been read. So a slow reader holds the device off, and
//! nothing is lost.
//!
//! After an error the queue has stopped, so that a halt can be cleared. It is started again by the
//! reader who is told of the error. While the device sleeps it has stopped as well, and readers
//! wait: it is started again when the device wakes up.

use crate::{
    news::{
        error_of,
        Chunk,
        News,
        Queue, //
    },
    pipe::Pipe,
    recovery::{
        clear_halt,
        diagnose, //
    },
    share::{
        self,
        Share, //
    },
    stream::{
        Deliver,
        Setup,
        Source,
        Stream,
        ENDED, //
    },
};
use kernel::{
    device::Bound,
    new_mutex,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Full,
            Relaxed,
            Release, //
        },
        Arc,
        Mutex, //
    },
    usb, //
};

/// URBs for reading ahead, if a program does not say how many.
const DEPTH: usize = 8;

#[pin_data]
struct Reader<K: usb::BulkOrInterrupt> {
    changed: Arc<usb::Events>,
    /// Keeps starting, stopping and recovery apart.
    #[pin]
    control: Mutex<()>,
    queue: Queue<K>,
    /// An errno that programs are to be told of when they have read what is held; or 0.
    notice: Atomic<i32>,
    /// The last file has gone: nothing more will come.
    ended: Atomic<bool>,
    /// Transfers that were given to programs as such.
    packets: Atomic<u64>,
    /// For a device that cannot wake the computer: it has to stay awake while somebody listens.
    _awake: Option<usb::PowerGuard>,
    share: Share,
}

/// Begins to read ahead.
///
/// # Errors
///
/// See [`Streams::join_source`](crate::stream::Streams::join_source).
pub(crate) fn open(
    pipe: &Pipe,
    operation: &usb::Operation<'_>,
    setup: Setup,
) -> Result<Arc<dyn Source>> {
    let interface = operation.interface();
    let address = setup.address;
    if let Some(endpoint) = interface.endpoint::<usb::Bulk, usb::In>(address) {
        let source = Reader::start(pipe, &endpoint, setup)?;
        return Ok(source);
    }
    let endpoint = interface.endpoint::<usb::Interrupt, usb::In>(address);
    let source = Reader::start(pipe, &endpoint.ok_or(EOPNOTSUPP)?, setup)?;
    Ok(source)
}

impl<K: usb::BulkOrInterrupt> Reader<K> {
    fn start(
        pipe: &Pipe,
        endpoint: &usb::Endpoint<'_, K, usb::In>,
        wanted: Setup,
    ) -> Result<Arc<Self>> {
        let setup = share::complete(endpoint, wanted, DEPTH);
        if setup.size % usize::from(endpoint.max_packet()) != 0 {
            // It was of another altsetting.
            return Err(EINVAL);
        }
        let share = Share::take(pipe, setup)?;
        let interface = endpoint.interface();
        let awake = interface.keep_awake()?;
        let queue = Queue::new(endpoint, setup.depth, News::new(pipe), |_| {
            usb::Buffer::new(setup.size, GFP_KERNEL)
        })?;
        let reader = Arc::pin_init(
            try_pin_init!(Self {
                changed: pipe.changed.clone(),
                control <- new_mutex!((), "usbpipe::Reader::control"),
                queue,
                notice: Atomic::new(0),
                ended: Atomic::new(false),
                packets: Atomic::new(0),
                _awake: (!pipe.wakes_host).then_some(awake),
                share,
            }),
            GFP_KERNEL,
        )?;
        // Last, so that nothing has come that is dropped when something else fails.
        reader.begin(interface).map(|()| reader)
    }

    /// If only some of its transfers could be started, and these have brought something, that is
    /// read before the program is told.
    fn begin(&self, interface: &usb::Interface<Bound>) -> Result {
        let started = self.queue.start(interface);
        if started.is_err() {
            self.queue.stop(interface);
        }
        match self.queue.held_count() {
            0 => started,
            _ => Ok(()),
        }
    }

    /// The chunk that is first in line.
    ///
    /// # Errors
    ///
    /// Those of [`Operation::wait`](usb::Operation::wait), and what programs have to be told of.
    fn next(&self, operation: &usb::Operation<'_>, wait: bool) -> Result<Chunk<K>> {
        loop {
            let next = match wait {
                true => operation.wait(|| self.try_next())?,
                // Who has something already does not wait for more, and learns of an error later.
                false => return self.queue.take_held().ok_or(EAGAIN),
            };
            match next {
                Some(chunk) => return Ok(chunk),
                None => self.recover(None, operation)?,
            }
        }
    }

    /// The first in line; [`None`] in it if nothing will come, since the queue has stopped.
    fn try_next(&self) -> Option<Option<Chunk<K>>> {
        let stopped = || self.has_to_report().then_some(None);
        self.queue.take_held().map(Some).or_else(stopped)
    }

    fn has_to_report(&self) -> bool {
        let error = self.queue.error();
        self.notice.load(Relaxed) != 0
            || self.ended.load(Relaxed)
            || error.is_some_and(|error| error != usb::TransferError::Suspended)
    }

    /// Copies from one chunk to somebody who has got `before` bytes already; what was not taken
    /// stays first in line. Returns how much was taken, and whether there may be more.
    fn deliver(
        &self,
        mut chunk: Chunk<K>,
        operation: &usb::Operation<'_>,
        (before, limit): (usize, usize),
        deliver: Deliver<'_>,
    ) -> Result<(usize, bool)> {
        let mut transfer = chunk.transfer();
        let unread = transfer.unread();
        let wanted = unread.len().min(limit);
        let count = deliver(&unread[..wanted]);
        transfer.consume(count);
        self.queue.handler().taken(count);
        let rest = transfer.unread().len();
        if rest == 0 {
            let more = self.finish(chunk, operation, before + count)?;
            return Ok((count, more));
        }
        chunk.put_back();
        match count < wanted && before + count == 0 {
            true => Err(EFAULT),
            false => Ok((count, false)),
        }
    }

    /// Everything of a chunk has been read; what is left is how its transfer ended.
    fn finish(
        &self,
        mut chunk: Chunk<K>,
        operation: &usb::Operation<'_>,
        taken: usize,
    ) -> Result<bool> {
        match error_of(&chunk.transfer()) {
            None => {
                // Not idle, so that a device that wakes the host is left awake for a while.
                if let Ok(power) = operation.interface().power() {
                    power.mark_last_busy();
                }
                // Its error is that of the queue, for the next one to see.
                let _ = chunk.resubmit(operation.interface());
                Ok(true)
            }
            Some(_) if taken == 0 => self.recover(Some(chunk), operation).map(|()| true),
            Some(_) => {
                // The program learns of the error when it has got all that came before it.
                chunk.put_back();
                Ok(false)
            }
        }
    }

    /// Gets the endpoint going again, unless somebody else did, and tells why that was necessary.
    /// What other transfers brought stays in line.
    fn recover(&self, failed: Option<Chunk<K>>, operation: &usb::Operation<'_>) -> Result {
        let interface = operation.interface();
        // Before the lock, which is taken when the device wakes up.
        let awake = interface.keep_awake();
        let _control = self.control.lock();
        if self.ended.load(Relaxed) {
            return Err(ENDED);
        }
        let _awake = awake?;
        let notice = self.notice.xchg(0, Full);
        let error = match (notice, self.queue.error()) {
            (0, None) => return failed.map_or(Ok(()), |chunk| chunk.resubmit(interface)),
            (0, Some(error)) => diagnose(error.into(), operation),
            (notice, _) => Error::from_errno(notice),
        };
        if error == ENODEV {
            // It stays in line, for everybody to see.
            if let Some(chunk) = failed {
                chunk.put_back();
            }
            return Err(ENODEV);
        }
        drop(failed);
        self.queue.stop(interface);
        let cleared = clear_halt::<K, usb::In>(error, interface, self.share.setup.address);
        let started = self.queue.start(interface);
        Err(cleared.and(started).err().unwrap_or(error))
    }

    /// The first in line that is a packet, and not just the error that came after one.
    fn next_packet(&self, operation: &usb::Operation<'_>) -> Result<Chunk<K>> {
        loop {
            let mut chunk = self.next(operation, true)?;
            let transfer = chunk.transfer();
            let is_packet = !transfer.unread().is_empty() || error_of(&transfer).is_none();
            if is_packet {
                return Ok(chunk);
            }
            self.recover(Some(chunk), operation)?;
        }
    }

    /// Others may have looked in vain while the chunk that is now in front was in hand here, or
    /// while an error was dealt with.
    fn pass_on(&self, result: &Result<usize>) {
        if result.is_err() || self.queue.held_count() != 0 {
            self.changed.notify();
        }
    }
}

impl<K: usb::BulkOrInterrupt> Source for Reader<K> {
    fn read(
        &self,
        operation: &usb::Operation<'_>,
        wanted: usize,
        deliver: Deliver<'_>,
    ) -> Result<usize> {
        let mut taken = 0;
        let mut step = Ok((0, true));
        while taken < wanted && step.is_ok_and(|(_, more)| more) {
            step = self
                .next(operation, taken == 0)
                .and_then(|chunk| self.deliver(chunk, operation, (taken, wanted - taken), deliver));
            taken += step.map_or(0, |(count, _)| count);
        }
        let result = match taken {
            0 => step.map(|_| 0),
            taken => Ok(taken),
        };
        self.pass_on(&result);
        result
    }

    fn read_packet(
        &self,
        operation: &usb::Operation<'_>,
        room: usize,
        deliver: Deliver<'_>,
    ) -> Result<(usize, u64)> {
        let mut chunk = self.next_packet(operation)?;
        let length = chunk.transfer().unread().len();
        let result = if length > room {
            chunk.put_back();
            Err(EMSGSIZE)
        } else {
            self.deliver(chunk, operation, (0, length), deliver)
                .map(|(length, _)| length)
        };
        self.pass_on(&result);
        result.map(|length| (length, self.packets.fetch_add(1, Relaxed) + 1))
    }

    fn keep_borders(&self, on: bool) {
        self.queue.handler().keep_borders(on);
    }

    fn available(&self) -> usize {
        self.queue.handler().waiting()
    }
}

impl<K: usb::BulkOrInterrupt> Stream for Reader<K> {
    fn setup(&self) -> Setup {
        self.share.setup
    }

    fn poll(&self) -> usb::PollEvents {
        let ready = usb::PollEvents::READABLE;
        let something = match self.queue.handler().keeps_borders() {
            false => self.available() > 0,
            true => self.queue.held_count() > 0,
        };
        match (something, self.has_to_report(), self.queue.error()) {
            (true, ..) => ready,
            (_, true, Some(usb::TransferError::NoDevice)) => ready.with(usb::PollEvents::GONE),
            (_, true, _) => ready.with(usb::PollEvents::ERROR),
            _ => usb::PollEvents::NONE,
        }
    }

    fn discard(&self, interface: &usb::Interface<Bound>) -> Result {
        let _control = self.control.lock();
        let halted = self.queue.error() == Some(usb::TransferError::Stall);
        self.queue.stop(interface);
        while let Some(mut chunk) = self.queue.take_held() {
            let count = chunk.transfer().unread().len();
            self.queue.handler().taken(count);
        }
        self.notice.store(0, Relaxed);
        let error = if halted { EPIPE } else { EAGAIN };
        clear_halt::<K, usb::In>(error, interface, self.share.setup.address)?;
        self.queue.start(interface)
    }

    fn drain(&self, _interface: &usb::Interface<Bound>) {}

    fn restart(&self, interface: &usb::Interface<Bound>) {
        let _control = self.control.lock();
        // After a reset it is started by whoever is told.
        if self.queue.error() == Some(usb::TransferError::Suspended) && !self.has_to_report() {
            // Its error is that of the queue, for the next one to see.
            let _ = self.queue.start(interface);
        }
        self.changed.notify();
    }

    fn reset(&self) {
        self.notice.store(ECONNRESET.to_errno(), Release);
        self.changed.notify();
    }

    fn ends(&self, interface: &usb::Interface<Bound>) -> bool {
        let _control = self.control.lock();
        self.ended.store(true, Relaxed);
        self.queue.stop(interface);
        // Other threads of the program may wait here.
        self.changed.notify();
        true
    }
}
