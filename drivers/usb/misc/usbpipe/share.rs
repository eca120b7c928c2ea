// SPDX-License-Identifier: GPL-2.0

//! What a stream takes for itself: its endpoint, and memory.

use crate::{
    budget::Charge,
    lane::{
        LaneGuard,
        Purpose, //
    },
    pipe::Pipe,
    stream::Setup, //
};
use kernel::{
    prelude::*,
    usb::{
        BulkOrInterrupt,
        Direction,
        Endpoint,
        TransferKind, //
    }, //
};

/// Bytes of a bulk transfer by default; a multiple of every bulk packet size.
const BULK_SIZE: usize = 64 * 1024;

/// It is given back when this is dropped.
pub(crate) struct Share {
    /// With nothing left open.
    pub(crate) setup: Setup,
    _charge: Charge,
    _lane: LaneGuard,
}

impl Share {
    /// # Errors
    ///
    /// - `EBUSY`: the endpoint is used for something else.
    /// - `ENOBUFS`: a limit of memory would be exceeded.
    pub(crate) fn take(pipe: &Pipe, setup: Setup) -> Result<Self> {
        Ok(Self {
            setup,
            _lane: pipe.lanes.enter(setup.address, Purpose::Stream)?,
            _charge: pipe.budget.charge(setup.size.saturating_mul(setup.depth))?,
        })
    }
}

/// What is wanted of an endpoint, with its defaults in place of what is left open.
pub(crate) fn complete<K: BulkOrInterrupt, D: Direction>(
    endpoint: &Endpoint<'_, K, D>,
    wanted: Setup,
    depth: usize,
) -> Setup {
    wanted.or(default_size(endpoint), depth)
}

/// An interrupt transfer is what there is to say at one time.
fn default_size<K: BulkOrInterrupt, D: Direction>(endpoint: &Endpoint<'_, K, D>) -> usize {
    let descriptor = endpoint.descriptor();
    match descriptor.kind() {
        TransferKind::Bulk => BULK_SIZE,
        _ => descriptor.bytes_per_interval(endpoint.interface().device().speed()) as usize,
    }
}
