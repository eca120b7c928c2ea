// SPDX-License-Identifier: GPL-2.0

//! One transfer that somebody waits for, on an endpoint that the program names.

use crate::{
    any_endpoint::AnyEndpoint,
    stats::Stats, //
};
use kernel::{
    prelude::*,
    usb::{
        Buffer,
        BulkOrInterrupt,
        Direction,
        Endpoint,
        In,
        Out,
        Timeout,
        TransferError,
        Transferred, //
    }, //
};

/// Asks for up to a buffer of data.
///
/// # Errors
///
/// `EOPNOTSUPP`: nothing can be read from that endpoint; what is refused before it begins.
pub(crate) fn receive(
    endpoint: &AnyEndpoint<'_>,
    stats: &Stats,
    buffer: Buffer,
    timeout: Timeout,
) -> Result<Transferred> {
    let done = match endpoint {
        AnyEndpoint::BulkIn(endpoint) => endpoint.read(buffer, timeout)?,
        AnyEndpoint::InterruptIn(endpoint) => endpoint.read(buffer, timeout)?,
        _ => return Err(EOPNOTSUPP),
    };
    Ok(counted::<In>(done, stats))
}

/// Sends a buffer of data, and an empty packet if the program wants one where its end would not
/// show.
///
/// # Errors
///
/// As [`receive`].
pub(crate) fn send(
    endpoint: &AnyEndpoint<'_>,
    stats: &Stats,
    buffer: Buffer,
    timeout: Timeout,
    zero_packet: bool,
) -> Result<Transferred> {
    let done = match endpoint {
        AnyEndpoint::BulkOut(endpoint) => write(endpoint, buffer, timeout, zero_packet)?,
        AnyEndpoint::InterruptOut(endpoint) => write(endpoint, buffer, timeout, zero_packet)?,
        _ => return Err(EOPNOTSUPP),
    };
    Ok(counted::<Out>(done, stats))
}

fn write<K: BulkOrInterrupt>(
    endpoint: &Endpoint<'_, K, Out>,
    buffer: Buffer,
    timeout: Timeout,
    zero_packet: bool,
) -> Result<Transferred> {
    let length = buffer.len();
    let mut done = endpoint.write(buffer, timeout)?;
    if done.result.is_ok() && done.actual_length < length {
        done.result = Err(TransferError::Short);
    }
    let ends_full = length > 0 && length % usize::from(endpoint.max_packet()) == 0;
    if zero_packet && ends_full && done.result.is_ok() {
        let nothing = Buffer::new(0, GFP_KERNEL)?;
        done.result = endpoint.write(nothing, timeout)?.result;
    }
    Ok(done)
}

fn counted<D: Direction>(done: Transferred, stats: &Stats) -> Transferred {
    stats.count::<D>(done.result, done.actual_length);
    done
}
