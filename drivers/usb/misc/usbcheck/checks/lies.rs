// SPDX-License-Identifier: GPL-2.0

//! A device, or a host controller, that lies. What it may say is in the argument: the transfer
//! must end with one of these, `ok` or the name of an error; and what was not sent must not be seen.

use crate::{
    bench::{
        code,
        pattern,
        pattern_byte,
        Bench,
        ISO_IN,
        PACKET, //
    },
    checks::isochronous::{
        packet_data,
        packets, //
    },
    tray::{
        launch,
        urb,
        Catcher,
        Ended, //
    },
    verdict::{
        all_zero,
        equal,
        expect,
        same_bytes,
        Verdict, //
    }, //
};
use kernel::{
    prelude::*,
    usb::{
        Buffer,
        ControlRequest,
        In,
        Isochronous,
        Recipient,
        Timeout,
        TransferError,
        Urb, //
    }, //
};

/// What is asked for, in bytes, of memory with more.
const ASKED: usize = PACKET;

/// With what the device makes data longer than it is.
const FILL: u8 = 0xa5;

/// What the argument calls such an end.
fn name_of(result: Result<(), TransferError>) -> &'static str {
    match result {
        Ok(()) => "ok",
        Err(TransferError::Stall) => "stall",
        Err(TransferError::Overflow) => "overflow",
        Err(TransferError::Short) => "short",
        Err(TransferError::PartialPacket) => "partial",
        Err(TransferError::Other(EIO)) => "io",
        Err(error) if error.is_bus_error() => "protocol",
        Err(error) if error.is_cancelled() => "cancelled",
        Err(error) if error.is_gone() => "gone",
        Err(_) => "other",
    }
}

/// The argument is how the transfer must end and how many bytes it must have moved.
#[track_caller]
fn ends_as_told(bench: &Bench<'_>, result: Result<(), TransferError>, moved: usize) -> Verdict {
    let mut words = bench.argument.split(|byte| *byte == b' ');
    let how = core::str::from_utf8(words.next().unwrap_or(&[])).map_err(|_| EINVAL)?;
    equal(how, name_of(result), "the end of the transfer")?;
    let count = core::str::from_utf8(words.next().unwrap_or(b"0")).map_err(|_| EINVAL)?;
    let count: usize = count.parse().map_err(|_| EINVAL)?;
    equal(count, moved, "bytes that were moved")
}

/// The device has 100 bytes to send.
pub(super) fn bulk_in(bench: &Bench<'_>) -> Verdict {
    bench.write(&pattern::<100>(0x4b))?;
    let mut input = urb(&bench.bulk_in()?, Buffer::new(4 * ASKED, GFP_KERNEL)?)?;
    input.set_length(ASKED)?;
    let done = launch(bench.interface, input)?.wait()?;
    expect(done.data().len() <= ASKED, "no more than was asked for")?;
    let (asked, rest) = done.memory().split_at(ASKED);
    for (i, byte) in asked.iter().enumerate() {
        let sent = i < 100 && *byte == pattern_byte(0x4b, i);
        expect(sent || *byte == 0 || *byte == FILL, "only what was sent")?;
    }
    all_zero(rest, "memory that was not to be used")?;
    ends_as_told(bench, done.result(), done.data().len())
}

pub(super) fn bulk_out(bench: &Bench<'_>) -> Verdict {
    let mut out = urb(&bench.bulk_out()?, Buffer::new(4 * ASKED, GFP_KERNEL)?)?;
    out.set_length(ASKED)?;
    let done = launch(bench.interface, out)?.wait()?;
    expect(done.actual_length() <= ASKED, "no more than was sent")?;
    all_zero(done.memory(), "memory that nobody writes to")?;
    let complete = done.result().is_ok() && done.actual_length() == ASKED;
    equal(complete, done.is_complete(), "whether it is complete")?;
    ends_as_told(bench, done.result(), done.actual_length())
}

/// The answer to SCRATCH_READ, which is empty.
pub(super) fn control(bench: &Bench<'_>) -> Verdict {
    const LIMIT: Timeout = Timeout::from_millis::<5000>();

    let request = ControlRequest::<In>::vendor(Recipient::Device, code::SCRATCH_READ, 0, 0);
    let buffer = Buffer::new(ASKED, GFP_KERNEL)?;
    let answer = bench.interface.control(&request, buffer, LIMIT)?;
    expect(answer.actual_length <= ASKED, "no more than was asked for")?;
    let clean = answer.buffer.iter().all(|byte| *byte == 0 || *byte == FILL);
    expect(clean, "only what was sent")?;
    ends_as_told(bench, answer.result, answer.actual_length)
}

const STRIDE: usize = 512;

/// Eight full packets are asked for; the argument is about packet 2.
pub(super) fn isochronous(bench: &Bench<'_>) -> Verdict {
    // There may be no way back, as the connection may end.
    let mut settings = bench.interface.settings()?;
    settings.set(1)?;
    let endpoint = settings.endpoint::<Isochronous, In>(ISO_IN);
    let memory = Buffer::new(10 * STRIDE, GFP_KERNEL)?;
    let input = Urb::isochronous(&endpoint.ok_or(ENXIO)?, memory, 8, STRIDE, Catcher::new()?)?;
    let done = launch(bench.interface, input)?.wait()?;
    plausible_packets(&done)?;
    all_zero(
        done.memory().get(8 * STRIDE..).ok_or(EIO)?,
        "memory that was not to be used",
    )?;
    let packet = done.view.packets[2].ok_or(EIO)?;
    let result = done.result().and(packet.result);
    ends_as_told(bench, result, packet.actual_length)
}

fn plausible_packets(done: &Ended<Isochronous, In>) -> Verdict {
    equal(8, done.view.packet_count, "packets")?;
    for (index, packet) in packets(done).enumerate() {
        equal(index * STRIDE, packet.offset, "offset of a packet")?;
        let length = packet.actual_length;
        expect(length <= STRIDE, "no more than was asked for")?;
        let data = packet_data(done, index);
        equal(length, data.len(), "bytes of a packet")?;
        let clean = data.iter().all(|byte| *byte == 0 || *byte == FILL);
        expect(clean, "only what was sent")?;
    }
    Ok(())
}

/// The string of the product, or the error of reading it, must be the argument.
pub(super) fn string(bench: &Bench<'_>) -> Verdict {
    let string = bench.interface.bound_device().string(2);
    let found: &[u8] = match &string {
        Ok(string) => string.as_bytes(),
        Err(ENODATA) => b"ENODATA",
        Err(EOVERFLOW) => b"EOVERFLOW",
        Err(EPIPE) => b"EPIPE",
        Err(EIO) => b"EIO",
        Err(_) => b"another error",
    };
    same_bytes(bench.argument, found, "a string, or an error")
}
