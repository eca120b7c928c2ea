// SPDX-License-Identifier: GPL-2.0

//! Work that sleeps, for those who may not.

use crate::{
    bench::{
        code,
        Bench,
        BULK_IN,
        PACKET, //
    },
    checks::pools::in_time,
    verdict::{
        equal,
        expect,
        Verdict, //
    }, //
};
use kernel::{
    device::Bound,
    new_spinlock_irq,
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Release, //
        },
        Arc,
        SpinLockIrq, //
    },
    usb::{
        Buffer,
        Bulk,
        Completed,
        Handler,
        In,
        Interface,
        TransferError,
        Urb,
        Work,
        WorkHandler, //
    }, //
};

/// Clears a halt and reads on.
#[pin_data]
struct Recovery {
    #[pin]
    stopped: SpinLockIrq<Option<Urb<Bulk, In, Reader>>>,
    /// How many bytes came afterwards.
    received: Atomic<usize>,
}

/// Reads once, and again when it is told to.
struct Reader(Arc<Work<Recover>>);

impl Handler<Bulk, In> for Reader {
    fn complete(done: Completed<'_, Bulk, In, Self>) {
        let work = done.handler().0.clone();
        let recovery = &work.handler().0;
        match done.result() {
            Err(TransferError::Stall) => {
                *recovery.stopped.lock() = Some(done.into_urb());
                let _ = work.schedule();
            }
            _ => recovery.received.store(done.actual_length(), Release),
        }
    }
}

struct Recover(Arc<Recovery>);

impl WorkHandler for Recover {
    fn run(&self, interface: &Interface<Bound>) {
        let endpoint = interface.endpoint::<Bulk, In>(BULK_IN);
        let urb = self.0.stopped.lock().take();
        if let (Some(endpoint), Some(urb)) = (endpoint, urb) {
            let _ = endpoint.clear_halt();
            let _ = urb.submit(interface);
        }
    }
}

/// A handler that finds its endpoint halted has that cleared.
pub(super) fn recovery(bench: &Bench<'_>) -> Verdict {
    let recovery = Arc::pin_init(
        pin_init!(Recovery {
            stopped <- new_spinlock_irq!(None, "usbcheck::Recovery::stopped"),
            received: Atomic::new(0),
        }),
        GFP_KERNEL,
    )?;
    let work = Arc::new(bench.interface.work(Recover(recovery.clone()))?, GFP_KERNEL)?;
    bench.order(code::HALT, BULK_IN.into())?;
    let buffer = Buffer::new(PACKET, GFP_KERNEL)?;
    Urb::new(&bench.bulk_in()?, buffer, Reader(work))?.submit(bench.interface)?;
    expect(
        in_time(|| recovery.stopped.lock().is_none()),
        "the work to begin",
    )?;
    bench.write(&[7; 100])?;
    expect(
        in_time(|| recovery.received.load(Acquire) == 100),
        "bytes after a halt",
    )
}

/// Counts how often it is run, and waits to be let go each time.
struct Counting {
    runs: Atomic<usize>,
    permits: Atomic<usize>,
    dropped: Atomic<bool>,
}

struct Count(Arc<Counting>);

impl WorkHandler for Count {
    fn run(&self, _: &Interface<Bound>) {
        let run = self.0.runs.fetch_add(1, Release) + 1;
        in_time(|| self.0.permits.load(Acquire) >= run);
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        self.0.dropped.store(true, Release);
    }
}

/// What waits to be run is not scheduled again, and what is running is.
pub(super) fn once(bench: &Bench<'_>) -> Verdict {
    let counting = Counting {
        runs: Atomic::new(0),
        permits: Atomic::new(0),
        dropped: Atomic::new(false),
    };
    let counting = Arc::new(counting, GFP_KERNEL)?;
    let work = bench.interface.work(Count(counting.clone()))?;
    equal(true, work.schedule()?, "the first time is new")?;
    expect(
        in_time(|| counting.runs.load(Acquire) == 1),
        "the work to be run",
    )?;
    equal(true, work.schedule()?, "it is new while it is running")?;
    equal(false, work.schedule()?, "it is not new while it waits")?;
    // It is run nevertheless.
    drop(work);
    counting.permits.store(2, Release);
    expect(
        in_time(|| counting.runs.load(Acquire) == 2),
        "the work to be run again",
    )?;
    expect(
        in_time(|| counting.dropped.load(Acquire)),
        "its data to be given back",
    )
}
