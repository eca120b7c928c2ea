// SPDX-License-Identifier: GPL-2.0

//! Pools and queues of URBs.

use crate::{
    bench::{
        pattern,
        source_byte,
        Bench,
        Mode,
        PACKET, //
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
    time::{
        delay::fsleep,
        Delta, //
    },
    usb::{
        Buffer,
        Bulk,
        In,
        Next,
        Out,
        Pool,
        PoolHandler,
        PoolTransfer,
        Queue,
        QueueHandler,
        QueueTransfer,
        Timeout, //
    }, //
};

const SECONDS: Timeout = Timeout::from_millis::<5000>();
const COUNT: usize = 4;

/// Counts transfers that were complete.
struct Complete(Atomic<u32>);

impl PoolHandler for Complete {
    type Kind = Bulk;
    type Direction = Out;
    type Memory = Buffer;

    fn ended(&self, transfer: &PoolTransfer<'_, Self>) {
        self.0.add(u32::from(transfer.is_complete()), Relaxed);
    }
}

fn buffer(_index: usize) -> Result<Buffer> {
    Buffer::new(PACKET, GFP_KERNEL)
}

pub(super) fn pool(bench: &Bench<'_>) -> Verdict {
    let counter = || Complete(Atomic::new(0));
    let none = Pool::new(&bench.bulk_out()?, 0, counter(), buffer);
    refused(EINVAL, none, "a pool of nothing")?;
    let pool = Pool::new(&bench.bulk_out()?, COUNT, counter(), buffer)?;
    for _ in 0..3 {
        equal(COUNT, pool.available(), "URBs in the pool")?;
        let mut taken = KVec::new();
        while let Some(mut urb) = pool.try_take() {
            urb.fill(&pattern::<100>(5))?;
            taken.push(urb, GFP_KERNEL)?;
        }
        equal(COUNT, taken.len(), "URBs that were taken")?;
        // One is given back as it is.
        drop(taken.pop());
        equal(1, pool.available(), "URBs that were given back")?;
        for urb in taken {
            urb.submit(bench.interface)?;
        }
        expect(
            pool.wait_idle(bench.interface, SECONDS)?,
            "all to have ended in time",
        )?;
        expect(pool.is_idle(), "an idle pool")?;
    }
    equal(9, pool.handler().0.load(Relaxed), "complete transfers")?;
    equal(900, bench.taken()?, "bytes that the device took")
}

/// Checks the stream of the source, and holds the first of its transfers.
struct Stream {
    position: Atomic<u64>,
    wrong: Atomic<u32>,
    hold: Atomic<u32>,
}

impl QueueHandler for Stream {
    type Kind = Bulk;
    type Direction = In;
    type Memory = Buffer;

    fn complete(&self, transfer: &mut QueueTransfer<'_, Self>) -> Next {
        let data = transfer.data();
        let start = self.position.fetch_add(data.len() as u64, Relaxed) as usize;
        let right = |(i, byte): (usize, &u8)| *byte == source_byte(start + i);
        if !data.iter().enumerate().all(right) {
            self.wrong.add(1, Relaxed);
        }
        match self.hold.load(Relaxed) {
            0 => Next::Resubmit,
            _ => Next::Hold,
        }
    }
}

/// Polls, as nobody else is told.
pub(super) fn in_time(condition: impl Fn() -> bool) -> bool {
    for _ in 0..500 {
        if condition() {
            return true;
        }
        fsleep(Delta::from_millis(10));
    }
    false
}

pub(super) fn queue(bench: &Bench<'_>) -> Verdict {
    bench.set_mode(Mode::Source)?;
    let stream = Stream {
        position: Atomic::new(0),
        wrong: Atomic::new(0),
        hold: Atomic::new(0),
    };
    let queue = Queue::new(&bench.bulk_in()?, COUNT, stream, buffer)?;
    expect(!queue.is_running(), "a queue that does not run yet")?;
    queue.start(bench.interface)?;
    expect(queue.is_running(), "a running queue")?;
    let moved = || queue.handler().position.load(Relaxed) > 50 * PACKET as u64;
    expect(in_time(moved), "the queue to move")?;
    // From now on transfers are kept, until all are.
    queue.handler().hold.store(1, Relaxed);
    let all_held = || queue.held_count() == COUNT;
    expect(in_time(all_held), "all transfers to be held")?;
    let length = queue.with_held(|transfer| transfer.data().len());
    equal(Some(PACKET), length, "bytes of a held transfer")?;
    queue.handler().hold.store(0, Relaxed);
    queue.release(bench.interface)?;
    let before = queue.handler().position.load(Relaxed);
    let moves = || queue.handler().position.load(Relaxed) > before;
    expect(in_time(moves), "the queue to move again")?;
    queue.stop(bench.interface);
    expect(!queue.is_running(), "a stopped queue")?;
    equal(None, queue.error(), "the error of a queue that was stopped")?;
    equal(0, queue.handler().wrong.load(Relaxed), "wrong transfers")?;
    let statistics = queue.statistics();
    let position = queue.handler().position.load(Relaxed);
    equal(position, statistics.bytes, "bytes in the statistics")
}
