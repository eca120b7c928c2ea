// SPDX-License-Identifier: GPL-2.0

//! A URB that goes to the device and comes back, one transfer at a time.

use crate::{
    bench::{
        modulus,
        Bench, //
    },
    memory::{
        self,
        Address,
        Bytes, //
    },
    tally::{
        Progress,
        Tally, //
    },
    way::Way, //
};
use kernel::{
    prelude::*,
    sync::Arc,
    usb::{
        BulkOrInterrupt,
        Canceller,
        Completed,
        Endpoint,
        Handler,
        Part,
        SubmitError,
        TransferError,
        Urb, //
    }, //
};

type Vehicle<T, D, B> = Urb<T, D, Return<T, D, B>, Part<B>>;

/// A transfer that has ended.
struct Arrival<T: BulkOrInterrupt, D: Way<T>, B: Bytes> {
    urb: Vehicle<T, D, B>,
    result: Result<(), TransferError>,
    actual_length: usize,
}

/// Where it waits for the case.
struct Platform<T: BulkOrInterrupt, D: Way<T>, B: Bytes>(Option<Arrival<T, D, B>>);

// A URB does not care where it is, whatever its type parameters say.
impl<T: BulkOrInterrupt, D: Way<T>, B: Bytes> Unpin for Platform<T, D, B> {}

impl<T: BulkOrInterrupt, D: Way<T>, B: Bytes> Progress for Platform<T, D, B> {
    fn is_over(&self) -> bool {
        self.0.is_some()
    }

    fn ended(&self) -> u64 {
        0
    }
}

/// The handler, which leaves the URB there.
struct Return<T: BulkOrInterrupt, D: Way<T>, B: Bytes>(Arc<Tally<Platform<T, D, B>>>);

impl<T: BulkOrInterrupt, D: Way<T>, B: Bytes> Handler<T, D, Part<B>> for Return<T, D, B> {
    fn complete(done: Completed<'_, T, D, Self, Part<B>>) {
        let (result, actual_length) = (done.result(), done.actual_length());
        let platform = done.handler().0.clone();
        let urb = done.into_urb();
        let arrival = Arrival {
            urb,
            result,
            actual_length,
        };
        platform.update(|platform| platform.0 = Some(arrival));
    }
}

/// A URB that goes to the device and comes back.
pub(crate) struct Shuttle<'a, T: BulkOrInterrupt, D: Way<T>, B: Bytes> {
    bench: &'a Bench<'a>,
    platform: Arc<Tally<Platform<T, D, B>>>,
    canceller: Canceller,
    /// There whenever it is not on its way.
    urb: Option<Vehicle<T, D, B>>,
    packet: usize,
}

impl<'a, T: BulkOrInterrupt, D: Way<T>, B: Bytes> Shuttle<'a, T, D, B> {
    /// For transfers of up to `length` bytes.
    pub(crate) fn new(
        bench: &'a Bench<'a>,
        endpoint: &Endpoint<'_, T, D>,
        length: usize,
        address: Address,
    ) -> Result<Self> {
        let platform = Tally::new(Platform(None))?;
        let memory = memory::allocate(bench.interface, length, address)?;
        let mut urb = Urb::new(endpoint, memory, Return(platform.clone()))?;
        D::want_all(&mut urb);
        D::mark_end(&mut urb);
        Ok(Self {
            bench,
            platform,
            canceller: urb.canceller(),
            urb: Some(urb),
            packet: modulus(endpoint.descriptor()),
        })
    }

    /// Makes the next transfers shorter or longer, up to all of the memory.
    pub(crate) fn set_length(&mut self, length: usize) -> Result {
        self.urb.as_mut().ok_or(EIO)?.set_length(length)
    }

    /// Moves data once, and looks at what has come.
    ///
    /// # Errors
    ///
    /// - `ETIMEDOUT`: it took too long.
    /// - `EINTR`: there is a signal.
    /// - `EINVAL`: the data are wrong, or there are some in front of the memory.
    /// - Those of [`Urb::submit`] and of the transfer.
    pub(crate) fn trip(&mut self) -> Result {
        let (pattern, packet) = (self.bench.pattern, self.packet);
        let mut urb = self.urb.take().ok_or(EIO)?;
        let length = urb.length();
        memory::change(urb.memory_mut(), length, |bytes| {
            D::prepare(pattern, bytes, 0, packet);
        })?;
        if let Err(SubmitError { error, urb }) = urb.submit(self.bench.interface) {
            self.urb = Some(urb);
            return Err(error.into());
        }
        let actual_length = self.wait()?;
        self.check(actual_length)
    }

    /// Waits for the URB. Returns how much was moved.
    fn wait(&mut self) -> Result<usize> {
        let reason = self.platform.wait().err();
        if reason.is_some() {
            // Its handler has returned then.
            self.canceller.kill(self.bench.interface)?;
        }
        let arrival = self.platform.state.lock().0.take().ok_or(EIO)?;
        self.urb = Some(arrival.urb);
        match (arrival.result, reason) {
            (Err(error), Some(reason)) if error.is_cancelled() => Err(reason),
            (result, _) => Ok(result.map(|()| arrival.actual_length)?),
        }
    }

    fn check(&self, actual_length: usize) -> Result {
        let part = self.urb.as_ref().ok_or(EIO)?.memory();
        if !memory::is_guarded(part)? {
            self.bench.complain(fmt!("data in front of the memory"));
            return Err(EINVAL);
        }
        let check = |bytes: &[u8]| D::check(self.bench.pattern, bytes, 0, self.packet);
        memory::look(part, actual_length, check)?.map_err(|mismatch| {
            self.bench.complain(fmt!("{:?}", mismatch));
            EINVAL
        })
    }
}

impl<T: BulkOrInterrupt, D: Way<T>, B: Bytes> Drop for Shuttle<'_, T, D, B> {
    /// Breaks the cycle of URB, handler and platform.
    fn drop(&mut self) {
        let _ = self.canceller.kill(self.bench.interface);
        let arrival = self.platform.state.lock().0.take();
        drop(arrival);
    }
}
