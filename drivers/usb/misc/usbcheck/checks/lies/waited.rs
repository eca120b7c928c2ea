// SPDX-License-Identifier: GPL-2.0

//! Lies about transfers that somebody waits for.

use super::{
    ends_as_told,
    only_what_was_sent,
    sent,
    ASKED,
    FILL,
    SECONDS, //
};
use crate::{
    bench::{
        source_byte,
        Bench,
        Mode, //
    },
    verdict::{
        all_zero,
        equal,
        expect,
        Verdict, //
    }, //
};
use kernel::{
    prelude::*,
    usb::{
        Buffer,
        Gather,
        GatherOutcome, //
    }, //
};

/// The device has 100 bytes to send.
pub(crate) fn read(bench: &Bench<'_>) -> Verdict {
    bench.write(&sent())?;
    let done = bench
        .bulk_in()?
        .read(Buffer::new(ASKED, GFP_KERNEL)?, SECONDS)?;
    only_what_was_sent(&done.buffer, &sent())?;
    equal(done.actual_length, done.data().len(), "bytes to look at")?;
    let (result, moved) = (done.result, done.actual_length);
    let complete = result.is_ok() && moved == ASKED;
    equal(complete, done.whole().is_ok(), "whether it is complete")?;
    ends_as_told(bench, result, moved)
}

/// The device has 100 bytes to send, into bytes that lie anywhere.
pub(crate) fn receive(bench: &Bench<'_>) -> Verdict {
    const BEFORE: u8 = 0x5a;
    bench.write(&sent())?;
    let mut bytes = [BEFORE; ASKED];
    let (result, count) = match bench.bulk_in()?.receive(&mut bytes, SECONDS) {
        Ok(count) => (Ok(()), count),
        Err(failure) => (Err(failure.error), failure.actual_length),
    };
    expect(count <= ASKED, "no more than was asked for")?;
    let (came, rest) = bytes.split_at(count);
    only_what_was_sent(came, &sent())?;
    let untouched = rest.iter().all(|byte| *byte == BEFORE);
    expect(untouched, "memory that nothing came for as it was")?;
    ends_as_told(bench, result, count)
}

pub(crate) fn write(bench: &Bench<'_>) -> Verdict {
    let memory = Buffer::new(ASKED, GFP_KERNEL)?;
    let done = bench.bulk_out()?.write(memory, SECONDS)?;
    all_zero(&done.buffer, "memory that nobody writes to")?;
    let (result, moved) = (done.result, done.actual_length);
    let complete = result.is_ok() && moved == ASKED;
    equal(complete, done.whole().is_ok(), "whether it is complete")?;
    ends_as_told(bench, result, moved)
}

fn pieces() -> Result<Gather> {
    let mut pieces = KVec::new();
    for _ in 0..2 {
        pieces.push(Buffer::new(ASKED, GFP_KERNEL)?, GFP_KERNEL)?;
    }
    Gather::new(pieces)
}

/// The device has as much to send as fits into two pieces, and more.
pub(crate) fn gather(bench: &Bench<'_>) -> Verdict {
    bench.set_mode(Mode::Source)?;
    let done = bench.bulk_in()?.transfer_all(pieces()?, SECONDS)?;
    let bytes = done.entries.iter().flat_map(|entry| entry.buffer.iter());
    for (i, byte) in bytes.enumerate() {
        let known = *byte == source_byte(i) || [0, FILL].contains(byte);
        expect(known, "only what was sent")?;
    }
    ends_in_pieces(bench, &done)
}

pub(crate) fn gather_out(bench: &Bench<'_>) -> Verdict {
    let done = bench.bulk_out()?.transfer_all(pieces()?, SECONDS)?;
    for entry in &done.entries {
        all_zero(&entry.buffer, "memory that nobody writes to")?;
    }
    ends_in_pieces(bench, &done)
}

fn ends_in_pieces(bench: &Bench<'_>, done: &GatherOutcome) -> Verdict {
    equal(2, done.entries.len(), "pieces that came back")?;
    let lengths = done.entries.iter().map(|entry| entry.actual_length);
    expect(
        lengths.clone().all(|length| length <= ASKED),
        "no more than was asked for",
    )?;
    equal(lengths.sum(), done.actual_length, "bytes in all")?;
    ends_as_told(bench, done.result, done.actual_length)
}
