// SPDX-License-Identifier: GPL-2.0

//! Groups of URBs. The device has nothing to send, so that IN transfers wait.

use crate::{
    bench::{
        pattern,
        Bench,
        PACKET, //
    },
    tray::{
        launch,
        urb,
        Flight,
        TestUrb, //
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
    time::{
        Instant,
        Monotonic, //
    },
    usb::{
        Anchor,
        Buffer,
        Bulk,
        In,
        Timeout,
        TransferError, //
    }, //
};

const MEMBERS: usize = 3;
const MOMENT_MS: u32 = 50;
const MOMENT: Timeout = Timeout::from_millis::<MOMENT_MS>();
const LONG: Timeout = Timeout::from_millis::<20_000>();

type Waiting<'a> = Flight<'a, Bulk, In, Buffer>;

fn member(bench: &Bench<'_>, anchor: &Anchor) -> Result<TestUrb<Bulk, In>> {
    let mut urb = urb(&bench.bulk_in()?, Buffer::new(PACKET, GFP_KERNEL)?)?;
    urb.set_anchor(anchor);
    Ok(urb)
}

/// Some members in flight.
fn group<'a>(bench: &Bench<'a>, anchor: &Anchor) -> Verdict<[Waiting<'a>; MEMBERS]> {
    expect(anchor.is_empty(), "an anchor without members in flight")?;
    let one = || -> Verdict<Waiting<'a>> {
        let urb = member(bench, anchor)?;
        Ok(launch(bench.interface, urb)?)
    };
    let group = [one()?, one()?, one()?];
    expect(!anchor.is_empty(), "an anchor with members in flight")?;
    Ok(group)
}

/// All of them were cancelled, and their handlers have run.
#[track_caller]
fn all_cancelled(bench: &Bench<'_>, group: &[Waiting<'_>], anchor: &Anchor) -> Verdict {
    for flight in group {
        let result = flight.wait()?.result();
        let cancelled = result.is_err_and(TransferError::is_cancelled);
        expect(cancelled, "each member to be cancelled")?;
    }
    expect(
        anchor.wait_empty(bench.interface, LONG)?,
        "an anchor that becomes empty",
    )?;
    expect(anchor.is_empty(), "an empty anchor")
}

/// Waiting ends when the last one does, or the time is over.
pub(super) fn wait(bench: &Bench<'_>) -> Verdict {
    let anchor = Anchor::new()?;
    expect(
        anchor.wait_empty(bench.interface, MOMENT)?,
        "nobody to be waited for",
    )?;
    let group = group(bench, &anchor)?;
    let before = Instant::<Monotonic>::now();
    expect(
        !anchor.wait_empty(bench.interface, MOMENT)?,
        "the time to be over",
    )?;
    let waited = before.elapsed().as_millis();
    // A jiffy may have been under way.
    expect(waited >= i64::from(MOMENT_MS) - 20, "to wait for so long")?;
    for flight in &group {
        expect(!anchor.is_empty(), "an anchor with members in flight")?;
        bench.write(&pattern::<10>(1))?;
        equal(10, flight.wait()?.actual_length(), "bytes of a member")?;
    }
    expect(
        anchor.wait_empty(bench.interface, LONG)?,
        "the anchor to be empty in time",
    )?;
    expect(anchor.is_empty(), "an empty anchor")
}

pub(super) fn kill(bench: &Bench<'_>) -> Verdict {
    let anchor = Anchor::new()?;
    anchor.kill(bench.interface);
    let group = group(bench, &anchor)?;
    anchor.kill(bench.interface);
    let over = group.iter().all(|flight| flight.is_over());
    expect(over, "all handlers to have run")?;
    all_cancelled(bench, &group, &anchor)?;
    // It can be used again at once.
    let urb = member(bench, &anchor)?;
    let flight = launch(bench.interface, urb)?;
    bench.write(&pattern::<10>(2))?;
    equal(Ok(()), flight.wait()?.result(), "a member afterwards")
}

pub(super) fn poison(bench: &Bench<'_>) -> Verdict {
    let anchor = Anchor::new()?;
    let group = group(bench, &anchor)?;
    anchor.poison(bench.interface);
    expect(anchor.is_empty(), "a poisoned anchor to be empty")?;
    all_cancelled(bench, &group, &anchor)?;
    let urb = member(bench, &anchor)?;
    let Err(again) = launch(bench.interface, urb) else {
        return expect(false, "a poisoned anchor to refuse");
    };
    equal(
        TransferError::Rejected,
        again.error,
        "error of a poisoned anchor",
    )?;
    // Those who are no members are not concerned.
    bench.roundtrip()?;
    anchor.unpoison();
    let flight = launch(bench.interface, again.urb)?;
    bench.write(&pattern::<10>(3))?;
    equal(Ok(()), flight.wait()?.result(), "a member afterwards")
}

/// Blocking cancels nothing.
pub(super) fn block(bench: &Bench<'_>) -> Verdict {
    let anchor = Anchor::new()?;
    let urb = member(bench, &anchor)?;
    let flight = launch(bench.interface, urb)?;
    anchor.block();
    expect(
        !anchor.wait_empty(bench.interface, MOMENT)?,
        "a blocked transfer to go on",
    )?;
    let urb = member(bench, &anchor)?;
    refused(EPERM, urb.submit(bench.interface), "a blocked anchor")?;
    bench.write(&pattern::<10>(4))?;
    equal(Ok(()), flight.wait()?.result(), "a blocked transfer")?;
    anchor.unpoison();
    let urb = member(bench, &anchor)?;
    launch(bench.interface, urb)?;
    Ok(())
}

pub(super) fn unlink(bench: &Bench<'_>) -> Verdict {
    let anchor = Anchor::new()?;
    let group = group(bench, &anchor)?;
    anchor.unlink();
    all_cancelled(bench, &group, &anchor)
}

/// A URB can leave its anchor, and the anchor its URBs.
pub(super) fn leave(bench: &Bench<'_>) -> Verdict {
    let (anchor, other) = (Anchor::new()?, Anchor::new()?);
    let mut urb = member(bench, &anchor)?;
    urb.set_anchor(&other);
    urb.clear_anchor();
    let flight = launch(bench.interface, urb)?;
    expect(anchor.is_empty(), "an anchor that was left")?;
    expect(other.is_empty(), "the other one, too")?;
    anchor.poison(bench.interface);
    other.kill(bench.interface);
    expect(!flight.is_over(), "a URB that left to go on")?;

    let last = group(bench, &other)?;
    drop(other);
    bench.write(&pattern::<10>(5))?;
    equal(Ok(()), flight.wait()?.result(), "the URB that left")?;
    let over = last.iter().any(|flight| flight.is_over());
    expect(!over, "members of an anchor that is gone to go on")
}
