// SPDX-License-Identifier: GPL-2.0

//! From `write()` to an OUT endpoint.
//!
//! A write copies its data into URBs of a [`usb::Pool`], and submits them; when all are in flight it
//! waits. An error belongs to data that a program was already told of as written, so the first one
//! is kept, and reported once, to the next write or fsync. What was on its way behind the failed
//! transfer is dropped with it: a device that lost the middle has no use for the end.

use crate::{
    losses::Losses,
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
        Setup,
        Sink,
        Stream, //
    },
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

/// URBs for writing behind, if a program does not say how many. Together with those for reading
/// they take less than a MiB.
const DEPTH: usize = 7;

/// How long written data may take to arrive when the device is to sleep.
const DRAIN: usb::Sleep = usb::Sleep::Uninterruptible(usb::Timeout::from_millis::<1000>());

/// Reports what became of a transfer.
struct Report<K> {
    losses: Arc<Losses>,
    kind: core::marker::PhantomData<K>,
}

type Pool<K> = usb::Pool<Report<K>>;
type PooledUrb<K> = usb::PooledUrb<Report<K>>;

impl<K: usb::BulkOrInterrupt> usb::PoolHandler for Report<K> {
    type Kind = K;
    type Direction = usb::Out;
    type Memory = usb::Buffer;

    fn ended(&self, transfer: &usb::PoolTransfer<'_, Self>) {
        let result = match transfer.result() {
            Ok(()) if !transfer.is_complete() => Err(usb::TransferError::Short),
            result => result,
        };
        self.losses.ended(result, transfer.actual_length());
    }

    fn returned(&self) {
        self.losses.returned();
    }
}

#[pin_data]
struct Writer<K: usb::BulkOrInterrupt> {
    max_packet: usize,
    losses: Arc<Losses>,
    /// For recovery, one at a time.
    #[pin]
    control: Mutex<()>,
    pool: Pool<K>,
    share: Share,
}

/// Makes everything ready for writing.
///
/// # Errors
///
/// See [`Streams::join_sink`](crate::stream::Streams::join_sink).
pub(crate) fn open(
    pipe: &Pipe,
    operation: &usb::Operation<'_>,
    setup: Setup,
) -> Result<Arc<dyn Sink>> {
    let interface = operation.interface();
    let address = setup.address;
    if let Some(endpoint) = interface.endpoint::<usb::Bulk, usb::Out>(address) {
        let sink = Writer::new(pipe, &endpoint, setup)?;
        return Ok(sink);
    }
    let endpoint = interface.endpoint::<usb::Interrupt, usb::Out>(address);
    let sink = Writer::new(pipe, &endpoint.ok_or(EOPNOTSUPP)?, setup)?;
    Ok(sink)
}

impl<K: usb::BulkOrInterrupt> Writer<K>
where
    usb::ZeroPacket: usb::Flag<K, usb::Out>,
{
    fn new(
        pipe: &Pipe,
        endpoint: &usb::Endpoint<'_, K, usb::Out>,
        wanted: Setup,
    ) -> Result<Arc<Self>> {
        let setup = share::complete(endpoint, wanted, DEPTH);
        let share = Share::take(pipe, setup)?;
        let losses = Losses::new(pipe)?;
        let report = Report {
            losses: losses.clone(),
            kind: core::marker::PhantomData,
        };
        let pool = Pool::new(endpoint, setup.depth, report, |_| {
            usb::Buffer::new(setup.size, GFP_KERNEL)
        })?;
        Arc::pin_init(
            try_pin_init!(Self {
                max_packet: endpoint.max_packet().into(),
                losses,
                control <- new_mutex!((), "usbpipe::Writer::control"),
                pool,
                share,
            }),
            GFP_KERNEL,
        )
    }

    /// Waits for a URB that is idle, unless there is an error to report.
    fn take_idle(&self, operation: &usb::Operation<'_>) -> Result<PooledUrb<K>> {
        operation.wait(|| match self.losses.error() {
            Some(error) => Some(Err(error)),
            None => self.pool.try_take().map(Ok),
        })?
    }

    /// Fills a URB and submits it. Returns how many bytes it carries.
    fn send(
        &self,
        mut urb: PooledUrb<K>,
        operation: &usb::Operation<'_>,
        iov: &mut IovIterSource<'_>,
        packet: bool,
    ) -> Result<usize> {
        let wanted = iov.len().min(urb.buffer().len());
        let count = iov.copy_from_iter(urb.buffer_mut());
        if (count == 0 && wanted > 0) || (packet && count < wanted) {
            return Err(EFAULT);
        }
        urb.set_length(count)?;
        match packet && count % self.max_packet == 0 && count > 0 {
            true => urb.set_flag(usb::ZeroPacket),
            false => urb.clear_flag(usb::ZeroPacket),
        }
        self.losses.begun(operation.interface())?;
        match urb.submit(operation.interface()) {
            Ok(()) => Ok(count),
            Err(refused) => {
                self.losses.not_begun();
                Err(self.refusal(refused.error, operation))
            }
        }
    }

    /// Why a transfer could not be begun. The device may still be waking up.
    fn refusal(&self, error: usb::TransferError, operation: &usb::Operation<'_>) -> Error {
        match error {
            usb::TransferError::Suspended if operation.is_nonblocking() => {
                self.losses.stay_awake(operation.interface());
                EAGAIN
            }
            error => error.into(),
        }
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
        if self.losses.error().is_none() {
            // Somebody else was told of it, too, and has dealt with it. What was written since is
            // none of its victims.
            return error;
        }
        let interface = operation.interface();
        self.pool.kill(interface);
        let cleared = clear_halt::<K, usb::Out>(error, interface, self.share.setup.address);
        // Together with the first one, those that came of stopping the others.
        self.losses.forget();
        cleared.err().unwrap_or(error)
    }

    fn is_idle(&self) -> bool {
        self.pool.is_idle()
    }
}

impl<K: usb::BulkOrInterrupt> Sink for Writer<K>
where
    usb::ZeroPacket: usb::Flag<K, usb::Out>,
{
    fn write(&self, operation: &usb::Operation<'_>, iov: &mut IovIterSource<'_>) -> Result<usize> {
        let mut written = 0;
        while !iov.is_empty() {
            let step = self
                .take_idle(operation)
                .and_then(|urb| self.send(urb, operation, iov, false));
            match step {
                Ok(count) => written += count,
                // The error, if it is one of the device, is reported next time.
                Err(_) if written > 0 => break,
                Err(error) => return Err(self.recover(error, operation)),
            }
        }
        Ok(written)
    }

    fn write_packet(
        &self,
        operation: &usb::Operation<'_>,
        iov: &mut IovIterSource<'_>,
    ) -> Result<usize> {
        if iov.len() > self.share.setup.size {
            return Err(EMSGSIZE);
        }
        self.take_idle(operation)
            .and_then(|urb| self.send(urb, operation, iov, true))
            .map_err(|error| self.recover(error, operation))
    }

    fn flush(&self, operation: &usb::Operation<'_>) -> Result {
        let flushed = operation.blocking().wait(|| {
            // In this order: a URB comes back after its error was kept.
            let idle = self.is_idle();
            match self.losses.error() {
                Some(error) => Some(Err(error)),
                None => idle.then_some(Ok(())),
            }
        });
        flushed
            .and_then(|result| result)
            .map_err(|error| self.recover(error, operation))
    }
}

impl<K: usb::BulkOrInterrupt> Stream for Writer<K>
where
    usb::ZeroPacket: usb::Flag<K, usb::Out>,
{
    fn setup(&self) -> Setup {
        self.share.setup
    }

    fn poll(&self) -> usb::PollEvents {
        let writable = usb::PollEvents::WRITABLE;
        match self.losses.error() {
            Some(_) => writable.with(usb::PollEvents::ERROR),
            None if self.pool.available() > 0 => writable,
            None => usb::PollEvents::NONE,
        }
    }

    fn discard(&self, interface: &usb::Interface<Bound>) -> Result {
        let _control = self.control.lock();
        self.pool.kill(interface);
        let error = self.losses.error().unwrap_or(EAGAIN);
        let cleared = clear_halt::<K, usb::Out>(error, interface, self.share.setup.address);
        self.losses.forget();
        cleared
    }

    fn drain(&self, interface: &usb::Interface<Bound>) {
        // What does not arrive in time is cancelled, and reported as lost.
        let _ = self.pool.wait_idle(interface, DRAIN);
    }

    fn restart(&self, _interface: &usb::Interface<Bound>) {
        self.losses.returned();
    }

    fn reset(&self) {
        // Whatever else was lost, this says more.
        self.losses.replace(ECONNRESET);
    }

    fn ends(&self, _interface: &usb::Interface<Bound>) -> bool {
        self.is_idle()
    }
}
