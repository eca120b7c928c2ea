// SPDX-License-Identifier: GPL-2.0

//! Cases 1 to 4, 17 to 20, 25 and 26: one transfer after the other.

use crate::{
    bench::Bench,
    memory::{
        Address,
        Bytes, //
    },
    shuttle::Shuttle,
    way::Way, //
};
use kernel::{
    prelude::*,
    usb::{
        BulkOrInterrupt,
        Endpoint, //
    }, //
};

/// Moves data as often as was asked for, in memory of type `B`.
pub(crate) fn transfers<T: BulkOrInterrupt, D: Way<T>, B: Bytes>(
    bench: &Bench<'_>,
    endpoint: &Endpoint<'_, T, D>,
    address: Address,
) -> Result<i32> {
    let mut shuttle = Shuttle::<T, D, B>::new(bench, endpoint, bench.request.size(), address)?;
    bench.repeat(|| shuttle.trip())
}

/// As [`transfers`], each of another length.
///
/// # Errors
///
/// - `EOPNOTSUPP`: the lengths are not to grow.
/// - `EINVAL`: they cannot, since 0 is the greatest.
pub(crate) fn of_all_lengths<T: BulkOrInterrupt, D: Way<T>, B: Bytes>(
    bench: &Bench<'_>,
    endpoint: &Endpoint<'_, T, D>,
) -> Result<i32> {
    let request = &bench.request;
    if request.vary == 0 {
        return Err(EOPNOTSUPP);
    }
    let mut length = request.size();
    request.length_after(length)?;
    let mut shuttle = Shuttle::<T, D, B>::new(bench, endpoint, length, Address::Aligned)?;
    bench.repeat(|| {
        shuttle.trip()?;
        length = request.length_after(length)?;
        shuttle.set_length(length)
    })
}
