// SPDX-License-Identifier: GPL-2.0

//! What a case works with: the interface, its endpoints, and what was asked for.

use crate::{
    pattern::Pattern,
    pipes::{
        Pipes,
        Place, //
    },
    request::Request, //
};
use kernel::{
    dev_err,
    device::{
        self,
        Bound, //
    },
    fmt,
    prelude::*,
    usb::{
        Bulk,
        Direction,
        Endpoint,
        EndpointDescriptor,
        In,
        Interface,
        Interrupt,
        Isochronous,
        Out,
        Sleep,
        Speed,
        Timeout,
        TransferKind,
        TransferType, //
    }, //
};

/// How long one transfer may take. A signal ends it earlier.
pub(crate) const LIMIT: Timeout = Timeout::from_millis::<LIMIT_MS>();

/// The same in milliseconds.
pub(crate) const LIMIT_MS: u32 = 10_000;

/// How long a control request may take.
pub(crate) const CONTROL_LIMIT: Timeout = Timeout::from_millis::<5_000>();

/// What a case works with.
pub(crate) struct Bench<'a> {
    pub(crate) interface: &'a Interface<Bound>,
    pub(crate) pipes: &'a Pipes,
    pub(crate) request: Request,
    pub(crate) pattern: Pattern,
    /// Devices must do all that the specification says, rather than what they usually do.
    pub(crate) strict: bool,
    /// The device keeps what it is sent in a control request.
    pub(crate) ctrl_out: bool,
}

/// An endpoint of one of the two types that most cases are for.
pub(crate) enum Simple<'a, D: Direction> {
    Bulk(Endpoint<'a, Bulk, D>),
    Interrupt(Endpoint<'a, Interrupt, D>),
}

/// Does something with a reference to an endpoint, whichever type that is of.
macro_rules! of_either_type {
    ($simple:expr, $endpoint:ident => $do:expr) => {
        match &$simple {
            $crate::bench::Simple::Bulk($endpoint) => $do,
            $crate::bench::Simple::Interrupt($endpoint) => $do,
        }
    };
}
pub(crate) use of_either_type;

impl Bench<'_> {
    /// What messages are about.
    pub(crate) fn device(&self) -> &device::Device<Bound> {
        self.interface.as_ref()
    }

    /// How fast the device is connected.
    pub(crate) fn speed(&self) -> Speed {
        self.interface.device().speed()
    }

    /// Says why a case fails.
    pub(crate) fn complain(&self, why: fmt::Arguments<'_>) {
        dev_err!(self.device(), "case {}: {}\n", self.request.case, why);
    }

    /// Runs a test as often as was asked for, unless it fails.
    pub(crate) fn repeat(&self, mut test: impl FnMut() -> Result) -> Result<i32> {
        for left in (0..self.request.iterations).rev() {
            test().inspect_err(|error| {
                self.complain(fmt!("{:?}, {} iterations left", error, left));
            })?;
        }
        Ok(0)
    }

    /// Where data comes from, and is thrown away.
    ///
    /// # Errors
    ///
    /// `EOPNOTSUPP`: the device has no such endpoint.
    pub(crate) fn source(&self) -> Result<Simple<'_, In>> {
        self.simple(self.pipes.source)
    }

    /// Where data is thrown away; as [`source`](Self::source).
    pub(crate) fn sink(&self) -> Result<Simple<'_, Out>> {
        self.simple(self.pipes.sink)
    }

    fn simple<D: Direction>(&self, place: Option<Place>) -> Result<Simple<'_, D>> {
        let place = place.ok_or(EOPNOTSUPP)?;
        match place.kind {
            TransferKind::Interrupt => self.endpoint(Some(place.address)).map(Simple::Interrupt),
            _ => self.endpoint(Some(place.address)).map(Simple::Bulk),
        }
    }

    /// An interrupt endpoint in addition to those; as [`source`](Self::source).
    pub(crate) fn interrupt_in(&self) -> Result<Endpoint<'_, Interrupt, In>> {
        self.endpoint(self.pipes.interrupt_in)
    }

    /// As [`interrupt_in`](Self::interrupt_in).
    pub(crate) fn interrupt_out(&self) -> Result<Endpoint<'_, Interrupt, Out>> {
        self.endpoint(self.pipes.interrupt_out)
    }

    /// As [`interrupt_in`](Self::interrupt_in).
    pub(crate) fn iso_in(&self) -> Result<Endpoint<'_, Isochronous, In>> {
        self.endpoint(self.pipes.iso_in)
    }

    /// As [`interrupt_in`](Self::interrupt_in).
    pub(crate) fn iso_out(&self) -> Result<Endpoint<'_, Isochronous, Out>> {
        self.endpoint(self.pipes.iso_out)
    }

    fn endpoint<T: TransferType, D: Direction>(
        &self,
        address: Option<u8>,
    ) -> Result<Endpoint<'_, T, D>> {
        let address = address.ok_or(EOPNOTSUPP)?;
        self.interface.endpoint(address).ok_or(EOPNOTSUPP)
    }
}

/// How to wait for a list of transfers.
pub(crate) fn patience() -> Sleep {
    Sleep::from(LIMIT)
}

/// The size by which Gadget Zero counts packets: with the bits of high-bandwidth endpoints, where
/// there are any (USB 2.0, 9.6.6).
pub(crate) fn modulus(descriptor: &EndpointDescriptor) -> usize {
    let additional = usize::from(descriptor.packets_per_microframe() - 1);
    usize::from(descriptor.max_packet()) | additional << 11
}
