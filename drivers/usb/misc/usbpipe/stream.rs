// SPDX-License-Identifier: GPL-2.0

//! The streams of a node: endpoints that `read()` takes from, and that `write()` gives to.
//!
//! Files that choose the same endpoint share its stream. It begins with the first of them that
//! reads, polls or writes, and ends with the last: what nobody has read is dropped then, what was
//! written goes on its way.

use crate::{
    pipe::Pipe,
    reader,
    writer, //
};
use kernel::{
    device::Bound,
    iov::IovIterSource,
    new_mutex,
    prelude::*,
    sync::{
        Arc,
        Mutex, //
    },
    usb, //
};

/// What a reader gets who waited at a stream that ends. It is not for programs.
pub(crate) const ENDED: Error = ECANCELED;

/// How a stream is set up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Setup {
    /// bEndpointAddress.
    pub(crate) address: u8,
    /// Bytes of a transfer, 0 for the default.
    pub(crate) size: usize,
    /// Transfers in flight, 0 for the default.
    pub(crate) depth: usize,
}

impl Setup {
    /// With these in place of what is left open.
    pub(crate) fn or(self, size: usize, depth: usize) -> Self {
        let pick = |wanted, default| if wanted == 0 { default } else { wanted };
        Self {
            size: pick(self.size, size),
            depth: pick(self.depth, depth),
            ..self
        }
    }
}

/// What somebody who reads does with the data: returns how many bytes of it he took.
pub(crate) type Deliver<'a> = &'a mut dyn FnMut(&[u8]) -> usize;

/// What a stream of either direction can do.
pub(crate) trait Stream: Send + Sync {
    fn setup(&self) -> Setup;

    /// What `poll()` says of it.
    fn poll(&self) -> usb::PollEvents;

    /// Drops what is in it.
    fn discard(&self, interface: &usb::Interface<Bound>) -> Result;

    /// The device is about to be suspended or reset: what is to arrive has to be quick.
    fn drain(&self, interface: &usb::Interface<Bound>);

    /// I/O is possible again.
    fn restart(&self, interface: &usb::Interface<Bound>);

    /// The device was reset: it may have forgotten anything, of which programs are told.
    fn reset(&self);

    /// The last file has gone. Returns whether the stream ends with it: a sink does not before
    /// everything has arrived, until when it stays as it is.
    fn ends(&self, interface: &usb::Interface<Bound>) -> bool;
}

/// An endpoint that data comes from.
pub(crate) trait Source: Stream {
    /// Gives at least one byte to `deliver`, and as many as there are, up to `wanted`.
    fn read(
        &self,
        operation: &usb::Operation<'_>,
        wanted: usize,
        deliver: Deliver<'_>,
    ) -> Result<usize>;

    /// Gives one transfer to `deliver`, if there is room for it. Returns its length and its
    /// number, from 1.
    fn read_packet(
        &self,
        operation: &usb::Operation<'_>,
        room: usize,
        deliver: Deliver<'_>,
    ) -> Result<(usize, u64)>;

    /// Begins to hold empty transfers as well, for a file that keeps their borders; or no longer.
    fn keep_borders(&self, on: bool);

    /// Bytes that have come and were not read.
    fn available(&self) -> usize;
}

/// An endpoint that data goes to.
pub(crate) trait Sink: Stream {
    /// Takes all of the data, or what fits if the file is non-blocking.
    fn write(&self, operation: &usb::Operation<'_>, iov: &mut IovIterSource<'_>) -> Result<usize>;

    /// Takes all of the data as one transfer.
    fn write_packet(
        &self,
        operation: &usb::Operation<'_>,
        iov: &mut IovIterSource<'_>,
    ) -> Result<usize>;

    /// Waits until the device has everything.
    fn flush(&self, operation: &usb::Operation<'_>) -> Result;
}

/// A stream, and how many files use it.
struct Entry<S: ?Sized> {
    stream: Arc<S>,
    files: usize,
}

impl<S: ?Sized + Stream> Entry<S> {
    /// # Errors
    ///
    /// `EBUSY`: it was set up in another way, and this one is asked for explicitly.
    fn join(&mut self, wanted: Setup) -> Result<Arc<S>> {
        let is = self.stream.setup();
        let fits = |wanted, is| wanted == 0 || wanted == is;
        if !fits(wanted.size, is.size) || !fits(wanted.depth, is.depth) {
            return Err(EBUSY);
        }
        self.files += 1;
        Ok(self.stream.clone())
    }
}

/// The streams of one direction; there is at most one for each endpoint.
type Entries<S> = KVec<Entry<S>>;

#[pin_data]
pub(crate) struct Streams {
    #[pin]
    sources: Mutex<Entries<dyn Source>>,
    #[pin]
    sinks: Mutex<Entries<dyn Sink>>,
}

impl Streams {
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            sources <- new_mutex!(KVec::new(), "usbpipe::Streams::sources"),
            sinks <- new_mutex!(KVec::new(), "usbpipe::Streams::sinks"),
        })
    }

    /// Begins to read from an endpoint, or joins those who do.
    ///
    /// # Errors
    ///
    /// - `EOPNOTSUPP`: there is no such endpoint, or nothing can be read from it.
    /// - `EBUSY`: it is used for something else, or set up in another way.
    /// - `ENOBUFS`, `ENOMEM`.
    pub(crate) fn join_source(
        &self,
        pipe: &Pipe,
        operation: &usb::Operation<'_>,
        setup: Setup,
    ) -> Result<Arc<dyn Source>> {
        join(&mut self.sources.lock(), setup, || {
            reader::open(pipe, operation, setup)
        })
    }

    /// As [`join_source`](Self::join_source), for writing.
    pub(crate) fn join_sink(
        &self,
        pipe: &Pipe,
        operation: &usb::Operation<'_>,
        setup: Setup,
    ) -> Result<Arc<dyn Sink>> {
        self.reap(operation.interface());
        join(&mut self.sinks.lock(), setup, || {
            writer::open(pipe, operation, setup)
        })
    }

    pub(crate) fn leave_source(
        &self,
        stream: &Arc<dyn Source>,
        interface: Option<&usb::Interface<Bound>>,
    ) {
        leave(&mut self.sources.lock(), stream.setup().address, interface);
    }

    pub(crate) fn leave_sink(
        &self,
        stream: &Arc<dyn Sink>,
        interface: Option<&usb::Interface<Bound>>,
    ) {
        leave(&mut self.sinks.lock(), stream.setup().address, interface);
    }

    /// Ends what goes on for the sake of files that were closed, if it is over. To be called by
    /// those who want an endpoint for something else.
    pub(crate) fn reap(&self, interface: &usb::Interface<Bound>) {
        let mut sinks = self.sinks.lock();
        sinks.retain(|entry| entry.files > 0 || !entry.stream.ends(interface));
    }

    /// Whether other files have streams than one that has these, or something is on its way.
    pub(crate) fn are_needed(
        &self,
        interface: &usb::Interface<Bound>,
        sources: [&Option<Arc<dyn Source>>; 2],
        sink: &Option<Arc<dyn Sink>>,
    ) -> bool {
        let read = others(&self.sources.lock(), &sources);
        let sinks = self.sinks.lock();
        let is_busy = sinks.iter().any(|entry| !entry.stream.ends(interface));
        read || is_busy || others(&sinks, &[sink])
    }

    /// Does something with all of them.
    pub(crate) fn for_each(&self, mut f: impl FnMut(&dyn Stream)) {
        for entry in self.sources.lock().iter() {
            f(&*entry.stream);
        }
        for entry in self.sinks.lock().iter() {
            f(&*entry.stream);
        }
    }
}

/// Whether one is used more often than it is among `own`.
fn others<S: ?Sized + Stream>(entries: &Entries<S>, own: &[&Option<Arc<S>>]) -> bool {
    entries.iter().any(|entry| {
        let is_it = |stream: &&Option<Arc<S>>| {
            let stream = stream.as_ref();
            stream.is_some_and(|stream| Arc::ptr_eq(stream, &entry.stream))
        };
        entry.files > own.iter().filter(|stream| is_it(stream)).count()
    })
}

fn join<S: ?Sized + Stream>(
    entries: &mut Entries<S>,
    setup: Setup,
    open: impl FnOnce() -> Result<Arc<S>>,
) -> Result<Arc<S>> {
    let found = entries
        .iter_mut()
        .find(|entry| entry.stream.setup().address == setup.address);
    if let Some(entry) = found {
        return entry.join(setup);
    }
    // First, so that nothing can fail when the stream has begun.
    entries.reserve(1, GFP_KERNEL)?;
    let stream = open()?;
    let entry = Entry {
        stream: stream.clone(),
        files: 1,
    };
    entries.push(entry, GFP_KERNEL)?;
    Ok(stream)
}

/// Without an interface the device is gone, and nothing goes on.
fn leave<S: ?Sized + Stream>(
    entries: &mut Entries<S>,
    address: u8,
    interface: Option<&usb::Interface<Bound>>,
) {
    entries.retain(|entry| {
        let is_it = entry.stream.setup().address == address;
        entry.files -= usize::from(is_it);
        entry.files > 0 || interface.is_some_and(|interface| !entry.stream.ends(interface))
    });
}
