// SPDX-License-Identifier: GPL-2.0

//! Bulk streams: where there are none, and with the device that has them.

use crate::{
    bench::{
        pattern,
        Bench,
        BULK_IN,
        BULK_OUT,
        INTERRUPT_IN,
        PACKET, //
    },
    tray::{
        launch,
        urb,
        Flight,
        TestUrb, //
    },
    verdict::{
        self,
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
        Bulk,
        In,
        Out,
        Streams, //
    }, //
};

pub(super) fn refused(bench: &Bench<'_>) -> Verdict {
    let alloc = |addresses: &[u8], wanted| bench.interface.alloc_streams(addresses, wanted);
    let cases: [(&[u8], u16); 7] = [
        (&[BULK_IN], 0),
        (&[], 1),
        (&[BULK_IN, BULK_IN], 1),
        (&[0x8f], 1),
        (&[INTERRUPT_IN], 1),
        (&[BULK_IN, BULK_OUT], 16),
        (&[BULK_IN], u16::MAX),
    ];
    for (addresses, wanted) in cases {
        verdict::refused(EINVAL, alloc(addresses, wanted), "streams")?;
        // The endpoints work as before.
        bench.roundtrip()?;
    }
    for endpoint in bench.interface.endpoints() {
        equal(0, endpoint.max_streams(), "streams of an endpoint")?;
    }
    // A refusal leaves nothing behind that would be in the way.
    bench.interface.settings()?.set(0)?;
    bench.roundtrip()
}

/// The device has some, but not its controller.
pub(super) fn none(bench: &Bench<'_>) -> Verdict {
    verdict::refused(EINVAL, alloc(bench), "streams of a controller without")?;
    bench.roundtrip()?;
    bench.interface.settings()?.set(0)?;
    bench.roundtrip()
}

/// Streams that each endpoint of the device has.
const COUNT: u16 = 16;

fn alloc<'a>(bench: &Bench<'a>) -> Result<Streams<'a>> {
    bench.interface.alloc_streams(&[BULK_IN, BULK_OUT], COUNT)
}

/// What goes over a stream: each has its own.
fn bytes_of(stream: u16) -> [u8; 100] {
    // CAST: At most 16.
    pattern::<100>(0x10 + stream as u8)
}

fn out_urb(bench: &Bench<'_>, streams: &Streams<'_>, id: u16) -> Result<TestUrb<Bulk, Out>> {
    let endpoint = bench.bulk_out()?;
    let mut urb = urb(&endpoint, Buffer::new(100, GFP_KERNEL)?)?;
    urb.buffer_mut().copy_from_slice(&bytes_of(id));
    urb.set_stream(streams, &endpoint, id)?;
    Ok(urb)
}

fn in_urb(bench: &Bench<'_>, streams: &Streams<'_>, id: u16) -> Result<TestUrb<Bulk, In>> {
    let endpoint = bench.bulk_in()?;
    let mut urb = urb(&endpoint, Buffer::new(PACKET, GFP_KERNEL)?)?;
    urb.set_stream(streams, &endpoint, id)?;
    Ok(urb)
}

fn send(bench: &Bench<'_>, streams: &Streams<'_>, id: u16) -> Verdict {
    let done = launch(bench.interface, out_urb(bench, streams, id)?)?.wait()?;
    expect(done.is_complete(), "a stream to take all bytes")
}

fn came(flight: Flight<'_, Bulk, In, Buffer>, id: u16) -> Verdict {
    let done = flight.wait()?;
    done.result()?;
    same_bytes(&bytes_of(id), done.data(), "what came on a stream")
}

/// All streams work, and none of them gets what belongs to another.
fn go_around(bench: &Bench<'_>, streams: &Streams<'_>) -> Verdict {
    let mut flights = KVec::new();
    for id in 1..=streams.count() {
        let flight = launch(bench.interface, in_urb(bench, streams, id)?)?;
        flights.push(flight, GFP_KERNEL)?;
    }
    // In another order than that in which they were asked for.
    for id in (1..=streams.count()).rev() {
        send(bench, streams, id)?;
        let flight = flights.pop().ok_or(EIO)?;
        came(flight, id)?;
        expect(flights.iter().all(|f| !f.is_over()), "the others to wait")?;
    }
    Ok(())
}

pub(super) fn data(bench: &Bench<'_>) -> Verdict {
    for address in [BULK_IN, BULK_OUT] {
        let endpoint = bench.interface.endpoints().find(|e| e.address() == address);
        let count = endpoint.ok_or(ENXIO)?.max_streams();
        equal(u32::from(COUNT), count, "streams of an endpoint")?;
    }
    bench.roundtrip()?;
    for _ in 0..3 {
        let streams = alloc(bench)?;
        equal(COUNT, streams.count(), "streams")?;
        go_around(bench, &streams)?;
        drop(streams);
        bench.roundtrip()?;
    }
    // There may be fewer.
    let streams = bench.interface.alloc_streams(&[BULK_IN, BULK_OUT], 2)?;
    equal(2, streams.count(), "streams that were asked for")?;
    go_around(bench, &streams)?;
    drop(streams);
    bench.roundtrip()
}

/// Which numbers there are, and who else can change the endpoints meanwhile.
pub(super) fn ids(bench: &Bench<'_>) -> Verdict {
    let streams = bench.interface.alloc_streams(&[BULK_IN], 4)?;
    equal(4, streams.count(), "streams")?;
    let (out, input) = (bench.bulk_out()?, bench.bulk_in()?);
    let mut urb_in = urb(&input, Buffer::new(PACKET, GFP_KERNEL)?)?;
    let mut urb_out = urb(&out, Buffer::new(PACKET, GFP_KERNEL)?)?;
    for id in [0, 5, u16::MAX] {
        let set = urb_in.set_stream(&streams, &input, id);
        verdict::refused(EINVAL, set, "a stream that there is not")?;
    }
    let set = urb_out.set_stream(&streams, &out, 1);
    verdict::refused(EINVAL, set, "a stream of an endpoint without")?;
    urb_in.set_stream(&streams, &input, 4)?;
    verdict::refused(EBUSY, alloc(bench), "more streams")?;
    verdict::refused(EBUSY, bench.interface.settings(), "altsettings")?;
    // The other endpoint is as it was.
    bench.write(&[1; 10])?;
    drop(streams);
    drop(bench.interface.settings()?);
    bench.read(&[1; 10])
}

/// What becomes of transfers when the streams go.
pub(super) fn ends(bench: &Bench<'_>) -> Verdict {
    let streams = alloc(bench)?;
    let idle = in_urb(bench, &streams, 3)?;
    let waiting = launch(bench.interface, in_urb(bench, &streams, 1)?)?;
    let killed = launch(bench.interface, in_urb(bench, &streams, 2)?)?;
    killed.canceller().kill(bench.interface)?;
    let result = killed.wait()?.result();
    expect(result.is_err(), "a transfer that was killed")?;
    expect(!waiting.is_over(), "another stream to wait")?;
    send(bench, &streams, 2)?;
    came(launch(bench.interface, in_urb(bench, &streams, 2)?)?, 2)?;

    drop(streams);
    expect(waiting.is_over(), "I/O to have ended")?;
    let done = waiting.wait()?;
    expect(done.result().is_err(), "a transfer that waited")?;
    for old in [idle, done.into_urb()] {
        verdict::refused(ESTALE, old.submit(bench.interface), "a stream that is gone")?;
    }
    bench.roundtrip()
}

/// After a reset there are none, but those that are asked for anew.
pub(super) fn reset(bench: &Bench<'_>) -> Verdict {
    let streams = alloc(bench)?;
    let waiting = launch(bench.interface, in_urb(bench, &streams, 1)?)?;
    bench.interface.bound_device().reset()?;
    expect(waiting.is_over(), "I/O to have ended")?;
    let again = in_urb(bench, &streams, 1)?.submit(bench.interface);
    verdict::refused(ESTALE, again, "a stream that is gone")?;
    bench.roundtrip()?;
    drop(streams);
    bench.roundtrip()?;
    let streams = alloc(bench)?;
    go_around(bench, &streams)?;
    drop(streams);
    bench.roundtrip()
}

/// Those that are forgotten are there until the driver is unbound.
pub(super) fn forget(bench: &Bench<'_>) -> Verdict {
    let streams = alloc(bench)?;
    go_around(bench, &streams)?;
    core::mem::forget(streams);
    verdict::refused(EBUSY, alloc(bench), "more streams")?;
    verdict::refused(EBUSY, bench.interface.settings(), "altsettings")
}
