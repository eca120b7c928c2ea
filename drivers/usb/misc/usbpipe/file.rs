// SPDX-License-Identifier: GPL-2.0

//! One open file: which endpoints it reads from and writes to.

use crate::{
    pipe::Pipe,
    ring::Rings,
    stream::{
        Setup,
        Sink,
        Source, //
    },
    uring::Commands,
};
use kernel::{
    device::Bound,
    new_mutex,
    prelude::*,
    sync::{
        Arc,
        Mutex, //
    },
    uapi,
    usb, //
};

/// One direction of a file.
struct Side<S: ?Sized> {
    /// What the program wants; its address may be that of the default.
    wanted: Setup,
    /// There from the first use on.
    stream: Option<Arc<S>>,
}

impl<S: ?Sized> Side<S> {
    const DEFAULT: Self = Self {
        wanted: Setup {
            // CAST: It is 0xff.
            address: uapi::USBPIPE_ENDPOINT_DEFAULT as u8,
            size: 0,
            depth: 0,
        },
        stream: None,
    };
}

struct Choice {
    reading: Side<dyn Source>,
    writing: Side<dyn Sink>,
    /// The interrupt endpoint whose events the program wants.
    events: Option<Arc<dyn Source>>,
    /// Whether it wants the borders of transfers to be kept.
    packets: bool,
}

/// What `USBPIPE_IOC_SELECT` asks for.
pub(crate) struct Selection {
    pub(crate) reading: Setup,
    pub(crate) writing: Setup,
    pub(crate) packets: bool,
}

#[pin_data]
pub(crate) struct File {
    #[pin]
    choice: Mutex<Choice>,
    #[pin]
    pub(crate) rings: Rings,
    pub(crate) commands: Commands,
}

impl File {
    pub(crate) fn new(pipe: &Pipe) -> Result<impl PinInit<Self> + use<>> {
        let table = pipe.rings.clone();
        let commands = Commands::new(pipe)?;
        let choice = Choice {
            reading: Side::DEFAULT,
            writing: Side::DEFAULT,
            events: None,
            packets: false,
        };
        Ok(pin_init!(Self {
            choice <- new_mutex!(choice, "usbpipe::File::choice"),
            rings <- Rings::new(table),
            commands,
        }))
    }

    /// Where `read()` takes from, and whether it keeps the borders of transfers.
    ///
    /// # Errors
    ///
    /// See [`Streams::join_source`](crate::stream::Streams::join_source).
    pub(crate) fn source(
        &self,
        pipe: &Pipe,
        operation: &usb::Operation<'_>,
    ) -> Result<(Arc<dyn Source>, bool)> {
        // Before any lock: waking the device up takes those of its streams.
        let _awake = match self.open_source() {
            Some(_) => None,
            None => Some(operation.interface().keep_awake()?),
        };
        let choice = &mut *self.choice.lock();
        if let Some(source) = &choice.reading.stream {
            return Ok((source.clone(), choice.packets));
        }
        let setup = resolve::<usb::In>(choice.reading.wanted, operation.interface());
        let source = pipe.streams.join_source(pipe, operation, setup)?;
        if choice.packets {
            source.keep_borders(true);
        }
        choice.reading.stream = Some(source.clone());
        Ok((source, choice.packets))
    }

    /// Where `write()` gives to, as above.
    pub(crate) fn sink(
        &self,
        pipe: &Pipe,
        operation: &usb::Operation<'_>,
    ) -> Result<(Arc<dyn Sink>, bool)> {
        let choice = &mut *self.choice.lock();
        if let Some(sink) = &choice.writing.stream {
            return Ok((sink.clone(), choice.packets));
        }
        let setup = resolve::<usb::Out>(choice.writing.wanted, operation.interface());
        let sink = pipe.streams.join_sink(pipe, operation, setup)?;
        choice.writing.stream = Some(sink.clone());
        Ok((sink, choice.packets))
    }

    /// The same if the program has read or written already.
    pub(crate) fn open_source(&self) -> Option<Arc<dyn Source>> {
        self.choice.lock().reading.stream.clone()
    }

    pub(crate) fn open_sink(&self) -> Option<Arc<dyn Sink>> {
        self.choice.lock().writing.stream.clone()
    }

    /// Where events come from: from the interrupt endpoint of that address; if it is 0, from the
    /// one of the last time, or the first that `read()` does not take from.
    ///
    /// # Errors
    ///
    /// - `EOPNOTSUPP`: there is no such endpoint.
    /// - See [`Streams::join_source`](crate::stream::Streams::join_source).
    pub(crate) fn event_source(
        &self,
        pipe: &Pipe,
        operation: &usb::Operation<'_>,
        address: u8,
    ) -> Result<Arc<dyn Source>> {
        let is_it = |source: &Arc<dyn Source>| address == 0 || source.setup().address == address;
        let open = self.choice.lock().events.clone().filter(is_it);
        if let Some(source) = open {
            return Ok(source);
        }
        // Before any lock, as above.
        let _awake = operation.interface().keep_awake()?;
        let choice = &mut *self.choice.lock();
        let interface = operation.interface();
        let reading = resolve::<usb::In>(choice.reading.wanted, interface).address;
        let setup = Setup {
            address: interface
                .find_endpoints::<usb::Interrupt, usb::In>()
                .map(|endpoint| endpoint.address())
                .find(|is| *is == address || (address == 0 && *is != reading))
                .ok_or(EOPNOTSUPP)?,
            size: 0,
            depth: 0,
        };
        let source = pipe.streams.join_source(pipe, operation, setup)?;
        source.keep_borders(true);
        leave_source(
            pipe,
            choice.events.replace(source.clone()),
            true,
            Some(interface),
        );
        Ok(source)
    }

    /// Makes another choice. What was not read of the old one is dropped, unless another file
    /// reads it.
    pub(crate) fn select(&self, pipe: &Pipe, interface: &usb::Interface<Bound>, new: &Selection) {
        let choice = &mut *self.choice.lock();
        leave(pipe, choice, Some(interface));
        choice.reading.wanted = new.reading;
        choice.writing.wanted = new.writing;
        choice.packets = new.packets;
    }

    /// The addresses that `read()` and `write()` use, 0 for none.
    pub(crate) fn addresses(&self, interface: &usb::Interface<Bound>) -> (u8, u8) {
        let choice = self.choice.lock();
        let reading = resolve::<usb::In>(choice.reading.wanted, interface);
        let writing = resolve::<usb::Out>(choice.writing.wanted, interface);
        (reading.address, writing.address)
    }

    /// # Errors
    ///
    /// `EBUSY`: another file has a stream, or what was written is on its way.
    pub(crate) fn check_alone(&self, pipe: &Pipe, interface: &usb::Interface<Bound>) -> Result {
        let choice = self.choice.lock();
        let sources = [&choice.reading.stream, &choice.events];
        match pipe
            .streams
            .are_needed(interface, sources, &choice.writing.stream)
        {
            true => Err(EBUSY),
            false => Ok(()),
        }
    }

    /// Ends its part in streams. Without an interface, the device is gone.
    pub(crate) fn leave(&self, pipe: &Pipe, interface: Option<&usb::Interface<Bound>>) {
        leave(pipe, &mut self.choice.lock(), interface);
    }
}

fn leave(pipe: &Pipe, choice: &mut Choice, interface: Option<&usb::Interface<Bound>>) {
    leave_source(
        pipe,
        choice.reading.stream.take(),
        choice.packets,
        interface,
    );
    leave_source(pipe, choice.events.take(), true, interface);
    if let Some(sink) = choice.writing.stream.take() {
        pipe.streams.leave_sink(&sink, interface);
    }
}

fn leave_source(
    pipe: &Pipe,
    source: Option<Arc<dyn Source>>,
    borders: bool,
    interface: Option<&usb::Interface<Bound>>,
) {
    let Some(source) = source else {
        return;
    };
    if borders {
        source.keep_borders(false);
    }
    pipe.streams.leave_source(&source, interface);
}

/// With the address of the first bulk, else the first interrupt endpoint, if that is what is
/// wanted; 0 if there is none.
pub(crate) fn resolve<D: usb::Direction>(
    wanted: Setup,
    interface: &usb::Interface<Bound>,
) -> Setup {
    if u32::from(wanted.address) != uapi::USBPIPE_ENDPOINT_DEFAULT {
        return wanted;
    }
    let bulk = interface.find_endpoint::<usb::Bulk, D>();
    let interrupt = || interface.find_endpoint::<usb::Interrupt, D>();
    let address = bulk
        .map(|endpoint| endpoint.address())
        .or_else(|| interrupt().map(|endpoint| endpoint.address()))
        .unwrap_or(0);
    Setup { address, ..wanted }
}
