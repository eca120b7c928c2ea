// SPDX-License-Identifier: GPL-2.0

//! Queues of isochronous transfers, which go on without a gap.

use crate::{
    bench::{
        pattern_byte,
        source_byte,
        Bench,
        Mode, //
    },
    checks::{
        altsettings::in_larger,
        isochronous::{
            in_endpoint,
            out_endpoint,
            packet_length,
            STRIDE, //
        },
        pools::in_time, //
    },
    verdict::{
        equal,
        expect,
        refused,
        Verdict, //
    }, //
};
use kernel::{
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    },
    usb::{
        Buffer,
        In,
        Isochronous,
        Next,
        Out,
        Queue,
        QueueHandler,
        QueueTransfer, //
    }, //
};

/// URBs of a queue, and packets of each.
const URBS: usize = 3;
const PACKETS: usize = 8;
/// Packets that go around, or come: more than the queue has at a time.
const TOTAL: usize = 100;
/// How many packets of a source may be missing in a row.
const GAP: usize = 2000;

fn buffer(_index: usize) -> Result<Buffer> {
    Buffer::new(PACKETS * STRIDE, GFP_KERNEL)
}

/// Sends packets that differ in length and content, and empty ones behind the last.
struct Sender {
    next: Atomic<usize>,
}

impl Sender {
    /// Makes a packet the next one.
    fn fill(&self, transfer: &mut QueueTransfer<'_, Self>, slot: usize) -> Result {
        let index = self.next.load(Relaxed);
        let length = match index < TOTAL {
            true => packet_length(index),
            false => 0,
        };
        transfer.set_packet_length(slot, length)?;
        let start = slot * STRIDE;
        let place = transfer.buffer_mut().get_mut(start..start + length);
        for (i, byte) in place.ok_or(EINVAL)?.iter_mut().enumerate() {
            *byte = pattern_byte(0x61, index * STRIDE + i);
        }
        self.next.store(index + 1, Relaxed);
        Ok(())
    }
}

impl QueueHandler for Sender {
    type Kind = Isochronous;
    type Direction = Out;
    type Memory = Buffer;

    /// Begins with silence: the first transfers may end before the last are prepared.
    fn prepare(&self, transfer: &mut QueueTransfer<'_, Self>) -> Next {
        for slot in 0..PACKETS {
            if transfer.set_packet_length(slot, 0).is_err() {
                return Next::Stop;
            }
        }
        Next::Resubmit
    }

    fn complete(&self, transfer: &mut QueueTransfer<'_, Self>) -> Next {
        let failed = transfer.packets().any(|packet| packet.result.is_err());
        let filled = (0..PACKETS).all(|slot| self.fill(transfer, slot).is_ok());
        match filled && !failed {
            true => Next::Resubmit,
            false => Next::Stop,
        }
    }
}

/// What packets have to be.
#[derive(Clone, Copy)]
enum Expected {
    /// Those of the [`Sender`], between empty ones.
    Sent,
    /// The stream of a source.
    Source,
    /// That, with packets missing.
    SourceWithGaps,
}

/// Looks at each packet that comes.
struct Receiver {
    expected: Expected,
    /// Packets, also those that are missing.
    next: Atomic<usize>,
    seen: Atomic<usize>,
    wrong: Atomic<usize>,
    failed: Atomic<usize>,
}

impl Receiver {
    fn new(expected: Expected) -> Self {
        Self {
            expected,
            next: Atomic::new(0),
            seen: Atomic::new(0),
            wrong: Atomic::new(0),
            failed: Atomic::new(0),
        }
    }

    /// Whether that is the data of a packet.
    fn is_packet(&self, index: usize, data: &[u8]) -> bool {
        let byte = |i| match self.expected {
            Expected::Sent => pattern_byte(0x61, index * STRIDE + i),
            Expected::Source | Expected::SourceWithGaps => source_byte(index * STRIDE + i),
        };
        let length = match self.expected {
            Expected::Sent => packet_length(index),
            Expected::Source | Expected::SourceWithGaps => STRIDE,
        };
        data.len() == length && data.iter().enumerate().all(|(i, found)| byte(i) == *found)
    }

    fn look(&self, data: &[u8]) {
        let next = self.next.load(Relaxed);
        let last = match self.expected {
            Expected::SourceWithGaps => next + GAP,
            _ => next,
        };
        match (next..=last).find(|index| self.is_packet(*index, data)) {
            Some(index) => {
                self.next.store(index + 1, Relaxed);
                self.seen.add(1, Relaxed);
            }
            None => self.wrong.add(1, Relaxed),
        }
    }

    fn has_seen(&self, count: usize) -> bool {
        self.seen.load(Relaxed) >= count
    }
}

impl QueueHandler for Receiver {
    type Kind = Isochronous;
    type Direction = In;
    type Memory = Buffer;

    fn complete(&self, transfer: &mut QueueTransfer<'_, Self>) -> Next {
        for (index, packet) in transfer.packets().enumerate() {
            if packet.result.is_err() {
                self.failed.add(1, Relaxed);
                continue;
            }
            match transfer.packet_data(index) {
                [] => (),
                data => self.look(data),
            }
        }
        Next::Resubmit
    }
}

/// The queue has done well, and stops.
fn stop(bench: &Bench<'_>, queue: &Queue<Receiver>) -> Verdict {
    queue.stop(bench.interface);
    expect(!queue.is_running(), "a stopped queue")?;
    equal(None, queue.error(), "the error of a queue that was stopped")?;
    let receiver = queue.handler();
    equal(0, receiver.wrong.load(Relaxed), "packets that are wrong")?;
    if !matches!(receiver.expected, Expected::SourceWithGaps) {
        equal(0, receiver.failed.load(Relaxed), "packets that failed")?;
    }
    let seen = receiver.has_seen(TOTAL);
    expect(seen, "packets to come")
}

/// What one queue sends, the other one gets.
pub(super) fn loopback(bench: &Bench<'_>) -> Verdict {
    in_larger(bench, |settings| {
        let (out, input) = (out_endpoint(settings)?, in_endpoint(settings)?);
        let sender = Sender {
            next: Atomic::new(0),
        };
        let receiver = Receiver::new(Expected::Sent);
        let sending = Queue::isochronous(&out, URBS, PACKETS, STRIDE, sender, buffer)?;
        let receiving = Queue::isochronous(&input, URBS, PACKETS, STRIDE, receiver, buffer)?;
        receiving.start(bench.interface)?;
        sending.start(bench.interface)?;
        expect(sending.is_running(), "a queue that runs")?;
        in_time(|| receiving.handler().has_seen(TOTAL) || !sending.is_running());
        equal(None, sending.error(), "the error of the queue that sends")?;
        sending.stop(bench.interface);
        stop(bench, &receiving)?;
        let bytes = (0..TOTAL).map(|index| packet_length(index) as u64).sum();
        equal(bytes, receiving.statistics().bytes, "bytes that came back")?;
        equal(bytes, sending.statistics().bytes, "bytes that were sent")
    })
}

fn stream(bench: &Bench<'_>, expected: Expected) -> Verdict {
    in_larger(bench, |settings| {
        bench.set_mode(Mode::Source)?;
        let input = in_endpoint(settings)?;
        let new = |count| {
            let receiver = Receiver::new(expected);
            Queue::isochronous(&input, count, PACKETS, STRIDE, receiver, buffer)
        };
        refused(EINVAL, new(0), "a queue without URBs")?;
        let queue = new(URBS)?;
        queue.start(bench.interface)?;
        in_time(|| queue.handler().has_seen(TOTAL) || !queue.is_running());
        stop(bench, &queue)
    })
}

/// The device fills each packet; together they are a stream.
pub(super) fn source(bench: &Bench<'_>) -> Verdict {
    stream(bench, Expected::Source)
}

/// The same, where the way to the device loses some of them.
pub(super) fn source_with_gaps(bench: &Bench<'_>) -> Verdict {
    stream(bench, Expected::SourceWithGaps)
}
