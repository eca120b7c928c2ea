// SPDX-License-Identifier: GPL-2.0

//! An endpoint whose transfer type and direction only the program knows.

use kernel::{
    device::Bound,
    prelude::*,
    usb::{
        Bulk,
        Endpoint,
        In,
        Interface,
        Interrupt,
        Isochronous,
        Out, //
    }, //
};

pub(crate) enum AnyEndpoint<'a> {
    BulkIn(Endpoint<'a, Bulk, In>),
    BulkOut(Endpoint<'a, Bulk, Out>),
    InterruptIn(Endpoint<'a, Interrupt, In>),
    InterruptOut(Endpoint<'a, Interrupt, Out>),
    IsochronousIn,
    IsochronousOut,
}

impl<'a> AnyEndpoint<'a> {
    /// # Errors
    ///
    /// `ENXIO`: the altsetting in use has no endpoint of that address.
    pub(crate) fn find(interface: &'a Interface<Bound>, address: u8) -> Result<Self> {
        let bulk_in = || interface.endpoint(address).map(Self::BulkIn);
        let bulk_out = || interface.endpoint(address).map(Self::BulkOut);
        let interrupt_in = || interface.endpoint(address).map(Self::InterruptIn);
        let interrupt_out = || interface.endpoint(address).map(Self::InterruptOut);
        bulk_in()
            .or_else(bulk_out)
            .or_else(interrupt_in)
            .or_else(interrupt_out)
            .or_else(|| Self::isochronous(interface, address))
            .ok_or(ENXIO)
    }

    fn isochronous(interface: &Interface<Bound>, address: u8) -> Option<Self> {
        let inward = interface.endpoint::<Isochronous, In>(address);
        let outward = interface.endpoint::<Isochronous, Out>(address);
        inward
            .map(|_| Self::IsochronousIn)
            .or_else(|| outward.map(|_| Self::IsochronousOut))
    }

    /// # Errors
    ///
    /// - `EOPNOTSUPP`: isochronous endpoints cannot halt (USB 2.0, 5.6.5).
    /// - What [`Endpoint::clear_halt`] returns.
    pub(crate) fn clear_halt(&self) -> Result {
        let cleared = match self {
            Self::BulkIn(endpoint) => endpoint.clear_halt(),
            Self::BulkOut(endpoint) => endpoint.clear_halt(),
            Self::InterruptIn(endpoint) => endpoint.clear_halt(),
            Self::InterruptOut(endpoint) => endpoint.clear_halt(),
            Self::IsochronousIn | Self::IsochronousOut => return Err(EOPNOTSUPP),
        };
        Ok(cleared?)
    }

    /// Whether the device sends.
    pub(crate) fn is_in(&self) -> bool {
        matches!(
            self,
            Self::BulkIn(_) | Self::InterruptIn(_) | Self::IsochronousIn
        )
    }

    /// Whether `read()` or `write()` can use it.
    pub(crate) fn is_isochronous(&self) -> bool {
        matches!(self, Self::IsochronousIn | Self::IsochronousOut)
    }

    /// Bytes of a packet.
    pub(crate) fn max_packet(&self) -> usize {
        let length = match self {
            Self::BulkIn(endpoint) => endpoint.max_packet(),
            Self::BulkOut(endpoint) => endpoint.max_packet(),
            Self::InterruptIn(endpoint) => endpoint.max_packet(),
            Self::InterruptOut(endpoint) => endpoint.max_packet(),
            Self::IsochronousIn | Self::IsochronousOut => 1,
        };
        length.into()
    }
}
