// SPDX-License-Identifier: GPL-2.0

//! Lies about the transfers of queues and pools.

use super::{
    ends_as_told,
    only_what_was_sent,
    sent,
    ASKED,
    SECONDS, //
};
use crate::{
    bench::Bench,
    checks::pools::in_time,
    verdict::{
        all_zero,
        equal,
        expect,
        Verdict, //
    }, //
};
use core::marker::PhantomData;
use kernel::{
    new_spinlock_irq,
    prelude::*,
    sync::{
        Arc,
        SpinLockIrq, //
    },
    usb::{
        Buffer,
        Bulk,
        Direction,
        In,
        Next,
        Out,
        Pool,
        PoolHandler,
        PoolTransfer,
        Queue,
        QueueHandler,
        QueueTransfer,
        TransferError, //
    }, //
};

/// How a transfer ended, and the bytes that it moved.
type End = (Result<(), TransferError>, usize);

/// How the last transfer has ended.
#[pin_data]
struct Ends {
    #[pin]
    last: SpinLockIrq<Option<End>>,
}

/// Takes it down.
struct Recorder<D: Direction>(Arc<Ends>, PhantomData<D>);

impl<D: Direction> Recorder<D> {
    fn new() -> Result<(Self, Arc<Ends>)> {
        let ends = Arc::pin_init(
            pin_init!(Ends {
                last <- new_spinlock_irq!(None, "usbcheck::Ends::last"),
            }),
            GFP_KERNEL,
        )?;
        Ok((Self(ends.clone(), PhantomData), ends))
    }
}

impl QueueHandler for Recorder<In> {
    type Kind = Bulk;
    type Direction = In;
    type Memory = Buffer;

    fn complete(&self, transfer: &mut QueueTransfer<'_, Self>) -> Next {
        *self.0.last.lock() = Some((transfer.result(), transfer.actual_length()));
        Next::Hold
    }
}

impl<D: Direction> PoolHandler for Recorder<D> {
    type Kind = Bulk;
    type Direction = D;
    type Memory = Buffer;

    fn ended(&self, transfer: &PoolTransfer<'_, Self>) {
        *self.0.last.lock() = Some((transfer.result(), transfer.actual_length()));
    }
}

fn buffer(_index: usize) -> Result<Buffer> {
    Buffer::new(ASKED, GFP_KERNEL)
}

/// The device has 100 bytes to send; the transfer is looked at while it is held.
pub(crate) fn queue(bench: &Bench<'_>) -> Verdict {
    let (recorder, ends) = Recorder::<In>::new()?;
    let queue = Queue::new(&bench.bulk_in()?, 1, recorder, buffer)?;
    bench.write(&sent())?;
    queue.start(bench.interface)?;
    expect(in_time(|| queue.held_count() == 1), "a held transfer")?;
    let (result, moved) = ends.last.lock().take().ok_or(EIO)?;
    let seen = queue.with_held(|transfer| {
        only_what_was_sent(transfer.buffer(), &sent())?;
        equal(result, transfer.result(), "its end, later")?;
        equal(moved, transfer.data().len(), "bytes to look at")?;
        equal(moved, transfer.unread().len(), "bytes to be read")
    });
    seen.ok_or(EIO)??;
    let bytes = queue.statistics().bytes;
    equal(moved as u64, bytes, "bytes in the statistics")?;
    ends_as_told(bench, result, moved)
}

pub(crate) fn pool(bench: &Bench<'_>) -> Verdict {
    let (recorder, ends) = Recorder::<Out>::new()?;
    let pool = Pool::new(&bench.bulk_out()?, 1, recorder, buffer)?;
    pool.try_take().ok_or(EIO)?.submit(bench.interface)?;
    expect(pool.wait_idle(bench.interface, SECONDS)?, "an end in time")?;
    let urb = pool.try_take().ok_or(EIO)?;
    all_zero(urb.buffer(), "memory that nobody writes to")?;
    let (result, moved) = ends.last.lock().take().ok_or(EIO)?;
    ends_as_told(bench, result, moved)
}

/// The device has 100 bytes to send.
pub(crate) fn pool_in(bench: &Bench<'_>) -> Verdict {
    let (recorder, ends) = Recorder::<In>::new()?;
    let pool = Pool::new(&bench.bulk_in()?, 1, recorder, buffer)?;
    bench.write(&sent())?;
    pool.try_take().ok_or(EIO)?.submit(bench.interface)?;
    expect(pool.wait_idle(bench.interface, SECONDS)?, "an end in time")?;
    let urb = pool.try_take().ok_or(EIO)?;
    only_what_was_sent(urb.buffer(), &sent())?;
    let (result, moved) = ends.last.lock().take().ok_or(EIO)?;
    let readable = if result.is_ok() { moved } else { 0 };
    equal(readable, urb.unread().len(), "bytes to be read")?;
    ends_as_told(bench, result, moved)
}
