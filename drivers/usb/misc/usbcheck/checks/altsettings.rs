// SPDX-License-Identifier: GPL-2.0

//! Altsettings: what there is, and what a change does to endpoints and URBs.

use crate::{
    bench::{
        pattern,
        Bench,
        ISO_IN,
        ISO_OUT,
        LOOP_IN,
        LOOP_OUT,
        PACKET, //
    },
    tray::{
        launch,
        urb, //
    },
    verdict::{
        equal,
        expect,
        refused,
        same_bytes,
        Failure,
        Verdict, //
    }, //
};
use kernel::{
    prelude::*,
    usb::{
        Altsetting,
        Buffer,
        Bulk,
        In,
        Interrupt,
        Isochronous,
        Out,
        Settings,
        Speed,
        TransferError, //
    }, //
};

/// Endpoints of the two altsettings.
const COUNTS: [usize; 2] = [3, 7];

pub(super) fn list(bench: &Bench<'_>) -> Verdict {
    let interface = bench.interface;
    equal(2, interface.altsettings().count(), "altsettings")?;
    for (number, altsetting) in interface.altsettings().enumerate() {
        equal(number, altsetting.number().into(), "number")?;
        equal(0, altsetting.interface_number(), "interface")?;
        equal((0xff, 0, 0), altsetting.class(), "class")?;
        equal(0, altsetting.string_index(), "string")?;
        same_bytes(&[], altsetting.extra(), "extra descriptors")?;
        let endpoints = altsetting.endpoints().count();
        equal(COUNTS[number], endpoints, "endpoints")?;
        equal(number == 0, altsetting.is_current(), "is_current")?;
        endpoint_extra(bench, &altsetting)?;
    }
    equal(0, interface.altsetting().number(), "the one in use")?;
    equal(0, interface.altsetting_number(), "the one in use")?;
    equal(0, interface.number(), "number of the interface")?;
    equal((0xff, 0, 0), interface.class(), "class of the interface")
}

/// At super speed each endpoint has a companion, which is the only further descriptor
/// (USB 3.2, 9.6.7).
fn endpoint_extra(bench: &Bench<'_>, altsetting: &Altsetting<'_>) -> Verdict {
    let start: &[u8] = match bench.interface.device().speed() {
        Speed::Super => &[6, 0x30],
        _ => &[],
    };
    for endpoint in altsetting.endpoints() {
        let extra = altsetting.endpoint_extra(endpoint.address());
        equal(3 * start.len(), extra.len(), "bytes of extra descriptors")?;
        expect(extra.starts_with(start), "the companion of an endpoint")?;
    }
    same_bytes(&[], altsetting.endpoint_extra(0x8f), "those of none")
}

/// Runs `f` in altsetting 1 and goes back to 0.
pub(super) fn in_larger(
    bench: &Bench<'_>,
    f: impl FnOnce(&mut Settings<'_>) -> Verdict,
) -> Verdict {
    let mut settings = bench.interface.settings()?;
    settings.set(1)?;
    let verdict = f(&mut settings);
    let back = settings.set(0);
    verdict?;
    Ok(back?)
}

/// Which endpoints there are.
#[track_caller]
fn has_larger(bench: &Bench<'_>, larger: bool) -> Verdict {
    let interface = bench.interface;
    let found = [
        interface.endpoint::<Isochronous, Out>(ISO_OUT).is_some(),
        interface.endpoint::<Isochronous, In>(ISO_IN).is_some(),
        interface.endpoint::<Interrupt, Out>(LOOP_OUT).is_some(),
        interface.endpoint::<Interrupt, In>(LOOP_IN).is_some(),
        interface.find_endpoint::<Isochronous, In>().is_some(),
    ];
    equal([larger; 5], found, "further endpoints")?;
    equal(
        COUNTS[usize::from(larger)],
        interface.endpoints().count(),
        "endpoints",
    )?;
    // An endpoint is not found as one of another type, nor in the other direction.
    let wrong_type = interface.endpoint::<Bulk, In>(ISO_IN).is_none();
    let wrong_way = interface.endpoint::<Bulk, In>(0x01).is_none();
    expect(wrong_type && wrong_way, "no endpoint of a wrong type")?;
    equal(
        u8::from(larger),
        interface.altsetting_number(),
        "number in use",
    )
}

pub(super) fn change(bench: &Bench<'_>) -> Verdict {
    has_larger(bench, false)?;
    let mut settings = bench.interface.settings()?;
    for (number, larger) in [(1, true), (1, true), (0, false), (1, true), (0, false)] {
        settings.set(number)?;
        has_larger(bench, larger)?;
        equal(number, settings.altsetting().number(), "number in use")?;
        equal(
            larger,
            settings.endpoint::<Isochronous, In>(ISO_IN).is_some(),
            "found",
        )?;
        equal(
            larger,
            settings.find_endpoint::<Isochronous, In>().is_some(),
            "found",
        )?;
        bench.roundtrip()?;
    }
    for unknown in [2, 3, 0xff] {
        refused(EINVAL, settings.set(unknown), "an unknown altsetting")?;
        has_larger(bench, false)?;
    }
    bench.roundtrip()
}

/// What was made for an altsetting ends with it.
pub(super) fn stale(bench: &Bench<'_>) -> Verdict {
    let buffer = || Buffer::new(PACKET, GFP_KERNEL);
    let old_endpoint = bench.bulk_in()?;
    let idle = urb(&old_endpoint, buffer()?)?;
    let waiting = launch(bench.interface, urb(&old_endpoint, buffer()?)?)?;
    in_larger(bench, |_| {
        expect(waiting.is_over(), "I/O to have ended")?;
        let done = waiting.wait()?;
        let cancelled = done.result().is_err_and(TransferError::is_cancelled);
        expect(cancelled, "a transfer that waited to be cancelled")?;
        let again = done.into_urb().submit(bench.interface);
        refused(ESTALE, again, "a URB that was in flight")?;
        let Err(refusal) = idle.submit(bench.interface) else {
            return expect(false, "an idle URB to be refused");
        };
        equal(TransferError::Stale, refusal.error, "error of an idle URB")?;
        let made_late = urb(&old_endpoint, buffer()?)?;
        refused(ESTALE, made_late.submit(bench.interface), "an old endpoint")?;
        bench.roundtrip()
    })?;
    bench.roundtrip()
}

pub(super) fn exclusive(bench: &Bench<'_>) -> Verdict {
    let settings = bench.interface.settings()?;
    refused(EBUSY, bench.interface.settings(), "the right taken twice")?;
    let streams = bench.interface.alloc_streams(&[0x81], 1);
    refused(EBUSY, streams, "streams meanwhile")?;
    drop(settings);
    let mut again = bench.interface.settings()?;
    again.set(0).map_err(Failure::from)
}

/// The interrupt endpoints of altsetting 1 keep packets apart.
pub(super) fn interrupt(bench: &Bench<'_>) -> Verdict {
    in_larger(bench, |settings| {
        let out = settings.endpoint::<Interrupt, Out>(LOOP_OUT).ok_or(ENXIO)?;
        let input = settings.endpoint::<Interrupt, In>(LOOP_IN).ok_or(ENXIO)?;
        for length in [1, 63, 64] {
            let mut urb_out = urb(&out, Buffer::new(64, GFP_KERNEL)?)?;
            urb_out.buffer_mut().copy_from_slice(&pattern::<64>(8));
            urb_out.set_length(length)?;
            let done = launch(bench.interface, urb_out)?.wait()?;
            expect(done.is_complete(), "a packet to be taken")?;
        }
        for length in [1, 63, 64] {
            let urb_in = urb(&input, Buffer::new(64, GFP_KERNEL)?)?;
            let done = launch(bench.interface, urb_in)?.wait()?;
            done.result()?;
            same_bytes(&pattern::<64>(8)[..length], done.data(), "a packet")?;
        }
        Ok(())
    })
}
