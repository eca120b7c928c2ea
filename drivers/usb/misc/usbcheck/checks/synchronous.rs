// SPDX-License-Identifier: GPL-2.0

//! Transfers that are waited for, of one piece of memory and of many.

use crate::{
    bench::{
        code,
        pattern,
        pattern_byte,
        Bench,
        BULK_IN,
        PACKET, //
    },
    verdict::{
        equal,
        refused,
        same_bytes,
        Verdict, //
    }, //
};
use kernel::{
    prelude::*,
    usb::{
        Buffer,
        ControlRequest,
        Gather,
        In,
        LongTimeout,
        Out,
        PageBuffer,
        Recipient,
        Sleep,
        Timeout, //
    }, //
};

const SECONDS: Timeout = Timeout::from_millis::<5000>();
const MOMENT: Timeout = Timeout::from_millis::<50>();

/// Reads and writes in all ways to sleep.
pub(super) fn transfers(bench: &Bench<'_>) -> Verdict {
    let (out, input) = (bench.bulk_out()?, bench.bulk_in()?);
    let bytes = pattern::<PACKET>(0x21);
    for sleep in [
        Sleep::Interruptible(SECONDS),
        Sleep::Uninterruptible(SECONDS),
        Sleep::Killable(SECONDS.into()),
        Sleep::Killable(LongTimeout::FOREVER),
    ] {
        out.send(&bytes, sleep)?;
        let mut back = [0; PACKET];
        input.receive_exact(&mut back, sleep)?;
        same_bytes(&bytes, &back, "what came back")?;
        out.send(&bytes[..100], sleep)?;
        let mut back = [0; PACKET];
        let count = input.receive(&mut back, sleep)?;
        same_bytes(&bytes[..100], &back[..count], "what came back")?;
    }
    let done = out.write(PageBuffer::new(PACKET)?, SECONDS)?;
    equal(Ok(()), done.result, "a write from pages")?;
    let done = input.read(PageBuffer::new(2 * PACKET)?, SECONDS)?;
    equal(Ok(()), done.result, "a read into pages")?;
    equal(PACKET, done.actual_length, "bytes of a read into pages")?;
    refused(EREMOTEIO, done.whole(), "all of a short read")
}

/// The device has nothing to send, or an endpoint that is halted.
pub(super) fn failures(bench: &Bench<'_>) -> Verdict {
    let input = bench.bulk_in()?;
    let buffer = || Buffer::new(PACKET, GFP_KERNEL);
    for sleep in [
        Sleep::Interruptible(MOMENT),
        Sleep::Uninterruptible(MOMENT),
        Sleep::Killable(MOMENT.into()),
    ] {
        let done = input.read(buffer()?, sleep)?;
        refused(ETIMEDOUT, done.result, "a read of nothing")?;
        equal(PACKET, done.buffer.len(), "its buffer")?;
        bench.roundtrip()?;
    }
    bench.order(code::HALT, BULK_IN.into())?;
    let done = input.read(buffer()?, SECONDS)?;
    refused(EPIPE, done.result, "a read from a halted endpoint")?;
    input.clear_halt()?;
    bench.write(&[1; 5])?;
    let mut six = [9; PACKET];
    let short = input.receive_exact(&mut six, SECONDS);
    refused(EREMOTEIO, short, "a read that must fill its memory")?;
    same_bytes(&[9; PACKET], &six, "memory that was not filled")
}

pub(super) fn control(bench: &Bench<'_>) -> Verdict {
    let interface = bench.interface;
    let write = ControlRequest::<Out>::vendor(Recipient::Device, code::SCRATCH_WRITE, 0, 0);
    let read = ControlRequest::<In>::vendor(Recipient::Device, code::SCRATCH_READ, 0, 0);
    let bytes = pattern::<40>(0x77);
    interface.control_send(&write, &bytes, Sleep::Uninterruptible(SECONDS))?;
    let mut back = [0; 40];
    interface.control_receive(&read, &mut back, SECONDS)?;
    same_bytes(&bytes, &back, "the answer")?;
    let mut more = [3; 41];
    let short = interface.control_receive(&read, &mut more, SECONDS);
    refused(EREMOTEIO, short, "a short answer")?;
    same_bytes(&[3; 41], &more, "memory that was not filled")?;
    let nothing = interface.control_receive(&read, &mut [], SECONDS);
    refused(EINVAL, nothing, "an answer of no bytes")
}

/// Pieces of whole packets, and a last one that is not.
const PIECES: [usize; 4] = [2 * PACKET, PACKET, 4 * PACKET, 100];

fn pieces() -> Result<KVec<Buffer>> {
    let (mut pieces, mut position) = (KVec::new(), 0);
    for length in PIECES {
        let mut piece = Buffer::new(length, GFP_KERNEL)?;
        for byte in piece.iter_mut() {
            *byte = pattern_byte(0x42, position);
            position += 1;
        }
        pieces.push(piece, GFP_KERNEL)?;
    }
    Ok(pieces)
}

fn room() -> Result<KVec<Buffer>> {
    let mut room = KVec::new();
    for length in [4 * PACKET, 2 * PACKET, PACKET, PACKET] {
        room.push(Buffer::new(length, GFP_KERNEL)?, GFP_KERNEL)?;
    }
    Ok(room)
}

pub(super) fn gather(bench: &Bench<'_>) -> Verdict {
    let total = PIECES.iter().sum();
    let out = bench
        .bulk_out()?
        .transfer_all(Gather::new(pieces()?)?, SECONDS)?;
    equal(Ok(()), out.result, "a write of pieces")?;
    equal(total, out.actual_length, "bytes that were written")?;
    let input = bench.bulk_in()?;
    let back = input.transfer_all(Gather::new(room()?)?, SECONDS)?;
    equal(Ok(()), back.result, "a read into pieces")?;
    equal(total, back.actual_length, "bytes that were read")?;
    let mut position = 0;
    for entry in &back.entries {
        for byte in entry.buffer.iter().take(entry.actual_length) {
            equal(pattern_byte(0x42, position), *byte, "a byte of a piece")?;
            position += 1;
        }
    }
    equal(total, position, "bytes in pieces")?;
    gather_failures(bench)
}

fn gather_failures(bench: &Bench<'_>) -> Verdict {
    let input = bench.bulk_in()?;
    refused(EINVAL, Gather::<Buffer>::new(KVec::new()), "no pieces")?;
    // The device ends what it sends in the first piece.
    bench.write(&[1; 100])?;
    let short = input.transfer_all(Gather::new(room()?)?, SECONDS)?;
    refused(EREMOTEIO, short.result, "an end in the first piece")?;
    equal(4, short.entries.len(), "pieces that came back")?;
    equal(100, short.actual_length, "bytes until then")?;
    let nothing = input.transfer_all(Gather::new(room()?)?, MOMENT)?;
    refused(ETIMEDOUT, nothing.result, "a read of nothing")?;
    let cancelled = Gather::new(room()?)?;
    cancelled.canceller().cancel();
    let cancelled = input.transfer_all(cancelled, SECONDS)?;
    refused(ECONNRESET, cancelled.result, "a gather that was cancelled")?;
    bench.roundtrip()
}
