// SPDX-License-Identifier: GPL-2.0

//! Cancelling single URBs. The device has nothing to send, so that IN transfers wait.

use crate::{
    bench::{
        pattern,
        Bench,
        PACKET, //
    },
    tray::{
        launch,
        urb,
        Ended,
        TestUrb, //
    },
    verdict::{
        equal,
        expect,
        refused,
        same_bytes,
        Verdict, //
    }, //
};
use kernel::{
    prelude::*,
    usb::{
        Buffer,
        Bulk,
        In,
        TransferError, //
    }, //
};

fn in_urb(bench: &Bench<'_>) -> Result<TestUrb<Bulk, In>> {
    urb(&bench.bulk_in()?, Buffer::new(PACKET, GFP_KERNEL)?)
}

#[track_caller]
fn cancelled(done: &Ended<Bulk, In>) -> Verdict {
    let cancelled = done.result().is_err_and(TransferError::is_cancelled);
    expect(cancelled, "a cancelled transfer")?;
    equal(0, done.actual_length(), "bytes of a cancelled transfer")
}

/// The URB can be used as if nothing had happened.
#[track_caller]
fn works(bench: &Bench<'_>, urb: TestUrb<Bulk, In>) -> Verdict<TestUrb<Bulk, In>> {
    bench.write(&pattern::<77>(0x33))?;
    let done = launch(bench.interface, urb)?.wait()?;
    done.result()?;
    same_bytes(&pattern::<77>(0x33), done.data(), "what came back")?;
    Ok(done.into_urb())
}

pub(super) fn kill(bench: &Bench<'_>) -> Verdict {
    let urb = in_urb(bench)?;
    let canceller = urb.canceller();
    canceller.kill(bench.interface)?;
    let flight = launch(bench.interface, urb)?;
    expect(!flight.is_over(), "the transfer to wait for data")?;
    canceller.kill(bench.interface)?;
    expect(flight.is_over(), "the handler to have run")?;
    let done = flight.wait()?;
    equal(
        Err(TransferError::Killed),
        done.result(),
        "a transfer that was killed",
    )?;
    canceller.kill(bench.interface)?;
    works(bench, done.into_urb()).map(|_| ())
}

pub(super) fn unlink(bench: &Bench<'_>) -> Verdict {
    let urb = in_urb(bench)?;
    expect(!urb.canceller().unlink(), "nothing to unlink yet")?;
    let flight = launch(bench.interface, urb)?;
    expect(flight.canceller().unlink(), "the transfer to be unlinked")?;
    let done = flight.wait()?;
    expect(!flight.canceller().unlink(), "nothing to unlink any more")?;
    equal(
        Err(TransferError::Unlinked),
        done.result(),
        "a transfer that was unlinked",
    )?;
    works(bench, done.into_urb()).map(|_| ())
}

/// Blocking cancels nothing.
pub(super) fn block(bench: &Bench<'_>) -> Verdict {
    let flight = launch(bench.interface, in_urb(bench)?)?;
    let canceller = flight.canceller().clone();
    canceller.block();
    canceller.block();
    expect(!flight.is_over(), "a blocked transfer to go on")?;
    bench.write(&pattern::<50>(1))?;
    let done = flight.wait()?;
    equal(50, done.actual_length(), "bytes of a blocked transfer")?;
    let Err(again) = launch(bench.interface, done.into_urb()) else {
        return expect(false, "a blocked URB to be refused");
    };
    equal(
        TransferError::Rejected,
        again.error,
        "error of a blocked URB",
    )?;
    let found = again.urb.buffer().get(..50).ok_or(EIO)?;
    same_bytes(&pattern::<50>(1), found, "buffer of a refused URB")?;
    // However often it was blocked.
    canceller.unpoison();
    canceller.unpoison();
    works(bench, again.urb).map(|_| ())
}

pub(super) fn poison(bench: &Bench<'_>) -> Verdict {
    let flight = launch(bench.interface, in_urb(bench)?)?;
    let canceller = flight.canceller().clone();
    canceller.poison(bench.interface)?;
    expect(flight.is_over(), "the handler to have run")?;
    let done = flight.wait()?;
    cancelled(&done)?;
    canceller.poison(bench.interface)?;
    canceller.block();
    let Err(again) = launch(bench.interface, done.into_urb()) else {
        return expect(false, "a poisoned URB to be refused");
    };
    equal(
        TransferError::Rejected,
        again.error,
        "error of a poisoned URB",
    )?;
    canceller.unpoison();
    let urb = works(bench, again.urb)?;
    canceller.unpoison();
    let urb = works(bench, urb)?;
    canceller.poison(bench.interface)?;
    refused(EPERM, urb.submit(bench.interface), "a poisoned URB")
}

/// A handler that resubmits for ever is ended by each way of cancelling that lasts.
pub(super) fn resubmitting(bench: &Bench<'_>) -> Verdict {
    for poisoned in [false, true] {
        let urb = in_urb(bench)?;
        urb.handler().resubmit(usize::MAX);
        let flight = launch(bench.interface, urb)?;
        match poisoned {
            false => flight.canceller().kill(bench.interface)?,
            true => flight.canceller().poison(bench.interface)?,
        }
        expect(flight.is_over(), "the handler to have given up")?;
        let again = flight.wait_refused()?;
        equal(
            TransferError::Rejected,
            again.error,
            "error of resubmitting",
        )?;
        equal(1, flight.completions(), "runs of the handler")?;
        flight.canceller().unpoison();
        again.urb.handler().resubmit(0);
        works(bench, again.urb)?;
    }
    Ok(())
}

/// Of a URB that is gone there is nothing to cancel.
pub(super) fn outlives(bench: &Bench<'_>) -> Verdict {
    let urb = in_urb(bench)?;
    let canceller = urb.canceller();
    drop(urb);
    canceller.kill(bench.interface)?;
    expect(!canceller.unlink(), "nothing to unlink")?;
    canceller.poison(bench.interface)?;
    canceller.unpoison();
    bench.roundtrip()
}
