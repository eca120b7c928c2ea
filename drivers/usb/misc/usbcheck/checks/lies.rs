// SPDX-License-Identifier: GPL-2.0

//! A device, or a host controller, that lies. What it may say is in the argument: the transfer
//! must end with one of these, `ok` or the name of an error; and what was not sent must not be seen.
//!
//! | file | which way |
//! | --- | --- |
//! | here | URBs of an endpoint, strings |
//! | `waited.rs` | transfers that are waited for |
//! | `queued.rs` | queues and pools |
//! | `requests.rs` | requests to endpoint 0 |
//! | `memories.rs` | memory of other kinds, and memory that is used again |
//! | `descriptors.rs` | what the device says of itself |

mod descriptors;
mod memories;
mod queued;
mod requests;
mod waited;

pub(super) use self::{
    descriptors::configuration,
    memories::{
        again,
        memory, //
    },
    queued::{
        pool,
        pool_in,
        queue, //
    },
    requests::{
        control,
        control_out,
        control_urb,
        descriptor,
        status,
        string, //
    },
    waited::{
        gather,
        gather_out,
        read,
        receive,
        write, //
    }, //
};

use crate::{
    bench::{
        code,
        pattern,
        Bench,
        INTERRUPT_IN,
        ISO_IN,
        ISO_OUT,
        LOOP_OUT,
        PACKET, //
    },
    checks::isochronous::{
        packet_data,
        packets, //
    },
    look::Look,
    tray::{
        launch,
        urb,
        Catcher,
        Ended,
        TestUrb, //
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
        BulkOrInterrupt,
        In,
        Interrupt,
        Isochronous,
        Out,
        Timeout,
        TransferError,
        Urb, //
    }, //
};

/// What is asked for, in bytes, of memory with more.
const ASKED: usize = PACKET;

/// With what the device makes data longer than it is.
const FILL: u8 = 0xa5;

const SECONDS: Timeout = Timeout::from_millis::<5000>();

/// What the device has to send, 100 bytes.
fn sent() -> [u8; 100] {
    pattern(0x4b)
}

/// Memory whose first [`ASKED`] bytes were asked for holds what was sent, and nothing else.
#[track_caller]
fn only_what_was_sent(memory: &[u8], sent: &[u8]) -> Verdict {
    let (asked, rest) = memory.split_at(ASKED.min(memory.len()));
    for (i, byte) in asked.iter().enumerate() {
        let known = sent.get(i) == Some(byte) || [0, FILL].contains(byte);
        expect(known, "only what was sent")?;
    }
    all_zero(rest, "memory that was not to be used")
}

/// What the argument calls an error of a call.
fn errno_name(error: Error) -> &'static str {
    match error {
        ENODATA => "ENODATA",
        EOVERFLOW => "EOVERFLOW",
        EPIPE => "EPIPE",
        EIO => "EIO",
        EREMOTEIO => "EREMOTEIO",
        _ => "another error",
    }
}

/// What the argument calls such an end.
fn name_of(result: Result<(), TransferError>) -> &'static str {
    match result {
        Ok(()) => "ok",
        Err(TransferError::Stall) => "stall",
        Err(TransferError::Overflow) => "overflow",
        Err(TransferError::Short) => "short",
        Err(TransferError::PartialPacket) => "partial",
        Err(TransferError::NoErrno(_)) => "no-errno",
        Err(TransferError::Pending) => "pending",
        Err(TransferError::TimedOut) => "timeout",
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
    bench.write(&sent())?;
    let mut input = urb(&bench.bulk_in()?, Buffer::new(4 * ASKED, GFP_KERNEL)?)?;
    input.set_length(ASKED)?;
    let done = launch(bench.interface, input)?.wait()?;
    expect(done.data().len() <= ASKED, "no more than was asked for")?;
    only_what_was_sent(done.memory(), &sent())?;
    ends_as_told(bench, done.result(), done.data().len())
}

pub(super) fn bulk_out(bench: &Bench<'_>) -> Verdict {
    let out = urb(&bench.bulk_out()?, Buffer::new(4 * ASKED, GFP_KERNEL)?)?;
    sends(bench, out, ASKED)
}

/// One packet.
pub(super) fn interrupt_out(bench: &Bench<'_>) -> Verdict {
    // There may be no way back, as the connection may end.
    let mut settings = bench.interface.settings()?;
    settings.set(1)?;
    let endpoint = settings.endpoint::<Interrupt, Out>(LOOP_OUT);
    let endpoint = endpoint.ok_or(ENXIO)?;
    let length = usize::from(endpoint.max_packet());
    let out = urb(&endpoint, Buffer::new(4 * length, GFP_KERNEL)?)?;
    sends(bench, out, length)
}

/// The first `length` bytes of memory with more.
#[track_caller]
fn sends<T: BulkOrInterrupt>(bench: &Bench<'_>, mut out: TestUrb<T, Out>, length: usize) -> Verdict
where
    Buffer: Look<T, Out>,
{
    out.set_length(length)?;
    let done = launch(bench.interface, out)?.wait()?;
    expect(done.actual_length() <= length, "no more than was sent")?;
    all_zero(done.memory(), "memory that nobody writes to")?;
    let complete = done.result().is_ok() && done.actual_length() == length;
    equal(complete, done.is_complete(), "whether it is complete")?;
    ends_as_told(bench, done.result(), done.actual_length())
}

/// An event of 8 bytes, of which the last four are known.
pub(super) fn interrupt(bench: &Bench<'_>) -> Verdict {
    const LENGTH: usize = 64;
    let endpoint = bench.interface.endpoint::<Interrupt, In>(INTERRUPT_IN);
    let mut input = urb(
        &endpoint.ok_or(ENXIO)?,
        Buffer::new(4 * LENGTH, GFP_KERNEL)?,
    )?;
    input.set_length(LENGTH)?;
    let flight = launch(bench.interface, input)?;
    bench.order(code::TRIGGER_EVENT, 0x1234)?;
    let done = flight.wait()?;
    expect(done.data().len() <= LENGTH, "no more than was asked for")?;
    let (event, rest) = done.memory().split_at(8);
    let known = [[0x34, 0x12, 0, 0], [0; 4]].contains(&[event[4], event[5], event[6], event[7]]);
    expect(known, "only what was sent")?;
    let (asked, rest) = rest.split_at(LENGTH - 8);
    let clean = asked.iter().all(|byte| [0, FILL].contains(byte));
    expect(clean, "only what was sent")?;
    all_zero(rest, "memory that was not to be used")?;
    ends_as_told(bench, done.result(), done.data().len())
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

/// Eight full packets are sent; the argument is about packet 2.
pub(super) fn isochronous_out(bench: &Bench<'_>) -> Verdict {
    let mut settings = bench.interface.settings()?;
    settings.set(1)?;
    let endpoint = settings.endpoint::<Isochronous, Out>(ISO_OUT);
    let memory = Buffer::new(10 * STRIDE, GFP_KERNEL)?;
    let out = Urb::isochronous(&endpoint.ok_or(ENXIO)?, memory, 8, STRIDE, Catcher::new()?)?;
    let done = launch(bench.interface, out)?.wait()?;
    equal(8, done.view.packet_count, "packets")?;
    for (index, packet) in packets(&done).enumerate() {
        equal(index * STRIDE, packet.offset, "offset of a packet")?;
        expect(packet.actual_length <= STRIDE, "no more than was sent")?;
    }
    all_zero(done.memory(), "memory that nobody writes to")?;
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
