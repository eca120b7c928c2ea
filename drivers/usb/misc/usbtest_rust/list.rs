// SPDX-License-Identifier: GPL-2.0

//! Cases 5 to 8: lists of pieces that are moved as one.

use crate::{
    bench::{
        modulus,
        patience,
        Bench, //
    },
    pattern::Pattern,
    way::Way, //
};
use kernel::{
    prelude::*,
    usb::{
        Buffer,
        BulkOrInterrupt,
        Endpoint,
        Gather,
        GatherEntry, //
    }, //
};

/// Whether the pieces of a list have all the same length.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lengths {
    Same,
    Different,
}

/// Moves lists as often as was asked for.
///
/// # Errors
///
/// - `EOPNOTSUPP`: lists are to be empty, or lengths to be different but not to grow.
/// - `ENOMEM`: there is no memory, or pieces are to be empty.
pub(crate) fn lists<T: BulkOrInterrupt, D: Way<T>>(
    bench: &Bench<'_>,
    endpoint: &Endpoint<'_, T, D>,
    lengths: Lengths,
) -> Result<i32> {
    let request = &bench.request;
    if request.depth == 0 || lengths == Lengths::Different && request.vary == 0 {
        return Err(EOPNOTSUPP);
    }
    let mut pieces = allocate(bench, lengths)?;
    let packet = modulus(endpoint.descriptor());
    bench.repeat(|| {
        prepare::<T, D>(bench.pattern, &mut pieces, packet);
        let gather = Gather::new(core::mem::take(&mut pieces))?;
        let outcome = D::transfer_all(endpoint, gather, patience())?;
        outcome.result?;
        check::<T, D>(bench, &outcome.entries, packet)?;
        for entry in outcome.entries {
            pieces.push(entry.buffer, GFP_KERNEL)?;
        }
        Ok(())
    })
}

fn allocate(bench: &Bench<'_>, lengths: Lengths) -> Result<KVec<Buffer>> {
    let request = &bench.request;
    let mut length = request.size();
    if length == 0 {
        return Err(ENOMEM);
    }
    let mut pieces = KVec::with_capacity(request.width(), GFP_KERNEL)?;
    for _ in 0..request.depth {
        let piece = Buffer::new(length, GFP_KERNEL).map_err(|_| ENOMEM)?;
        pieces.push_within_capacity(piece)?;
        if lengths == Lengths::Different {
            length = request.length_after(length)?;
        }
    }
    Ok(pieces)
}

/// The pattern goes on from piece to piece.
fn prepare<T: BulkOrInterrupt, D: Way<T>>(pattern: Pattern, pieces: &mut [Buffer], packet: usize) {
    let mut start = 0;
    for piece in pieces {
        D::prepare(pattern, piece, start, packet);
        start += piece.len();
    }
}

/// Looks at what has come. Where a piece does not end with a packet, the device may have taken
/// that for the end of a transfer, and have begun anew.
///
/// # Errors
///
/// `EINVAL`: the data are wrong.
fn check<T: BulkOrInterrupt, D: Way<T>>(
    bench: &Bench<'_>,
    entries: &[GatherEntry],
    packet: usize,
) -> Result {
    let mut start = 0;
    for entry in entries {
        let data = entry.buffer.get(..entry.actual_length).ok_or(EIO)?;
        D::check(bench.pattern, data, start, packet).map_err(|mismatch| {
            bench.complain(fmt!("{:?} behind {} bytes of the list", mismatch, start));
            EINVAL
        })?;
        if data.len() % packet != 0 {
            break;
        }
        start += data.len();
    }
    Ok(())
}
