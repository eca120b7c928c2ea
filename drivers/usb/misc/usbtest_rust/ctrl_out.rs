// SPDX-License-Identifier: GPL-2.0

//! Cases 14 and 21: the device gives back what it was sent in a control request.

use crate::{
    bench::{
        Bench,
        CONTROL_LIMIT, //
    },
    memory::{
        self,
        Address, //
    },
    pattern::GUARD, //
};
use core::ops::Range;
use kernel::{
    prelude::*,
    usb::{
        Buffer,
        ControlRequest,
        In,
        Out,
        Part,
        Recipient,
        Transferred, //
    }, //
};

/// Requests of Intel's compliance device, which Gadget Zero has too.
const WRITE: ControlRequest<Out> = ControlRequest::vendor(Recipient::Device, 0x5b, 0, 0);
const READ: ControlRequest<In> = ControlRequest::vendor(Recipient::Device, 0x5c, 0, 0);

/// Writes and reads as often as was asked for. Returns the length of the last answer.
///
/// # Errors
///
/// - `EOPNOTSUPP`: the device is not one that keeps what it is sent.
/// - `EINVAL`: lengths are to be 0, more than a request can have, or grow by too much.
/// - `EBADMSG`: the device took less, gave back less, or something else.
/// - `ENOMEM`, and those of [`control`](kernel::usb::Interface::control).
pub(crate) fn echoes(bench: &Bench<'_>, address: Address) -> Result<i32> {
    let request = &bench.request;
    if !bench.ctrl_out {
        return Err(EOPNOTSUPP);
    }
    let max = u16::try_from(request.length).map_err(|_| EINVAL)?;
    if max == 0 || request.vary >= request.length {
        return Err(EINVAL);
    }
    let lengths = usize::from(!bench.strict)..usize::from(max);
    let mut part = memory::allocate::<Buffer>(bench.interface, lengths.end, address)?;
    let (mut length, mut last) = (lengths.end, 0);
    for round in 0..request.iterations {
        last = length;
        part = echo(bench, part, length, round).inspect_err(|error| {
            bench.complain(fmt!("{:?} in round {} with {} bytes", error, round, length));
        })?;
        length = next_length(length, request.vary, &lengths);
    }
    Ok(i32::try_from(last)?)
}

/// Lengths grow up to the end of the range, and begin anew.
fn next_length(length: usize, vary: u32, lengths: &Range<usize>) -> usize {
    // CAST: No kernel has fewer than 32 bits.
    match length + vary as usize {
        next if next > lengths.end => lengths.start,
        next => next,
    }
}

/// Writes some bytes and reads them back.
fn echo(
    bench: &Bench<'_>,
    mut part: Part<Buffer>,
    length: usize,
    round: u32,
) -> Result<Part<Buffer>> {
    // CAST: The low byte is meant.
    let byte = |index: usize| (round as usize).wrapping_add(index) as u8;
    let start = part.range().start;
    part.set_range(start..start + length)?;
    for (index, place) in part.iter_mut().enumerate() {
        *place = byte(index);
    }
    let done = bench.interface.control(&WRITE, part, CONTROL_LIMIT)?;
    part = whole(done, length)?;
    part.fill(GUARD);
    let done = bench.interface.control(&READ, part, CONTROL_LIMIT)?;
    part = whole(done, length)?;
    let is_same = part.iter().enumerate().all(|(at, is)| *is == byte(at));
    match is_same && memory::is_guarded(&part)? {
        true => Ok(part),
        false => Err(EBADMSG),
    }
}

/// The memory of a request that moved all of it.
fn whole(done: Transferred<Part<Buffer>>, length: usize) -> Result<Part<Buffer>> {
    done.result?;
    match done.actual_length == length {
        true => Ok(done.buffer),
        false => Err(EBADMSG),
    }
}

#[kunit_tests(rust_usbtest_ctrl_out)]
mod tests {
    use super::*;

    #[test]
    fn lengths_stay_in_their_range() {
        for (length, vary, next) in [
            (512, 0, 512),
            (512, 1, 1),
            (1, 511, 512),
            (1, 510, 511),
            (511, 510, 1),
        ] {
            assert_eq!(next_length(length, vary, &(1..512)), next);
        }
        assert_eq!(next_length(512, 1, &(0..512)), 0);
    }
}
