// SPDX-License-Identifier: GPL-2.0

//! Requests to endpoint 0.

use crate::{
    bench::{
        code,
        pattern_byte,
        Bench, //
    },
    verdict::{
        all_zero,
        equal,
        expect,
        refused,
        same_bytes,
        Verdict, //
    }, //
};
use kernel::{
    prelude::*,
    time::{
        Instant,
        Monotonic, //
    },
    usb::{
        self,
        Buffer,
        ControlRequest,
        Direction,
        In,
        Out,
        Recipient,
        Timeout,
        Transferred, //
    }, //
};

const SECONDS: Timeout = Timeout::from_millis::<5000>();

/// Bytes that the device can keep.
const SCRATCH: usize = 4096;

fn vendor<D: Direction>(
    bench: &Bench<'_>,
    code: u8,
    length: usize,
    timeout: Timeout,
) -> Result<Transferred> {
    let request = ControlRequest::<D>::vendor(Recipient::Device, code, 0, 0);
    let buffer = Buffer::new(length, GFP_KERNEL)?;
    Ok(bench.interface.control(&request, buffer, timeout)?)
}

pub(super) fn scratch(bench: &Bench<'_>) -> Verdict {
    for length in [0, 1, 8, 63, 64, 65, 512, SCRATCH] {
        let mut bytes = KVec::from_elem(0u8, length, GFP_KERNEL)?;
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = pattern_byte(0x2d, i);
        }
        bench.send(code::SCRATCH_WRITE, 0, &bytes)?;
        let answer = vendor::<In>(bench, code::SCRATCH_READ, SCRATCH + 10, SECONDS)?;
        answer.result?;
        equal(length, answer.actual_length, "bytes of the answer")?;
        let (data, rest) = answer.buffer.split_at(length);
        same_bytes(&bytes, data, "the answer")?;
        all_zero(rest, "the buffer behind the answer")?;
        // An answer that is longer than the buffer is cut.
        let half = bench.ask(code::SCRATCH_READ, length / 2)?;
        same_bytes(&bytes[..length / 2], &half, "the first half")?;
    }
    to_the_interface(bench)
}

/// The recipient and the type are part of the request.
fn to_the_interface(bench: &Bench<'_>) -> Verdict {
    let interface = Recipient::Interface;
    let request = ControlRequest::<In>::vendor(interface, code::GET_STATUS, 0, 0);
    equal(0xc1, request.request_type(), "bmRequestType")?;
    let buffer = Buffer::new(64, GFP_KERNEL)?;
    let answer = bench.interface.control(&request, buffer, SECONDS)?;
    answer.result?;
    equal(48, answer.actual_length, "bytes of the answer")
}

/// A request that the device does not know, and the next one is answered again.
pub(super) fn stall(bench: &Bench<'_>) -> Verdict {
    const UNKNOWN: u8 = 0xee;
    for length in [0, 1, 100] {
        let answer = vendor::<In>(bench, UNKNOWN, length, SECONDS)?;
        refused(EPIPE, answer.result, "an unknown request")?;
        equal(length, answer.buffer.len(), "the buffer that came back")?;
        equal(0, answer.actual_length, "bytes of no answer")?;
        let answer = vendor::<Out>(bench, UNKNOWN, length, SECONDS)?;
        refused(EPIPE, answer.result, "an unknown request with data")?;
        bench.order(code::SET_MODE, 0)?;
    }
    let request = ControlRequest::<In>::new(
        usb::RequestType::Class,
        Recipient::Device,
        code::GET_STATUS,
        0,
        0,
    );
    let buffer = Buffer::new(48, GFP_KERNEL)?;
    let answer = bench.interface.control(&request, buffer, SECONDS)?;
    refused(EPIPE, answer.result, "a request of another type")
}

/// A request that is never answered ends in time, and the next one is answered.
pub(super) fn timeout(bench: &Bench<'_>) -> Verdict {
    for millis in [1, 200] {
        let timeout = Timeout::try_from_millis(millis)?;
        let before = Instant::<Monotonic>::now();
        let answer = vendor::<In>(bench, code::NEVER_ANSWER, 8, timeout)?;
        let waited = before.elapsed().as_millis();
        refused(ETIMEDOUT, answer.result, "a request without an answer")?;
        equal(0, answer.actual_length, "bytes of no answer")?;
        // A jiffy may have been under way; and a slow guest takes its time.
        let in_time = (i64::from(millis) - 20..i64::from(millis) + 3000).contains(&waited);
        expect(in_time, "the end of a request in time")?;
        bench.order(code::SET_MODE, 0)?;
    }
    Ok(())
}

/// The data stage has at most 65,535 bytes.
pub(super) fn size(bench: &Bench<'_>) -> Verdict {
    const MAX: usize = 65_535;
    let answer = vendor::<In>(bench, code::GET_STATUS, MAX, SECONDS)?;
    answer.result?;
    equal(48, answer.actual_length, "bytes of the answer")?;
    all_zero(answer.buffer.get(48..).ok_or(EIO)?, "the rest")?;
    for length in [MAX + 1, 1 << 20] {
        let answer = vendor::<In>(bench, code::GET_STATUS, length, SECONDS);
        refused(EMSGSIZE, answer, "a longer data stage")?;
        let answer = vendor::<Out>(bench, code::SCRATCH_WRITE, length, SECONDS);
        refused(EMSGSIZE, answer, "a longer data stage")?;
    }
    let answer = vendor::<Out>(bench, code::SCRATCH_WRITE, SCRATCH + 1, SECONDS)?;
    refused(EPIPE, answer.result, "more than the device can keep")
}
