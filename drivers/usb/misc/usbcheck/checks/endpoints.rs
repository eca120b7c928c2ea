// SPDX-License-Identifier: GPL-2.0

//! Endpoints that begin anew.

use crate::{
    bench::{
        Bench,
        ISO_IN,
        LOOP_IN,
        PACKET, //
    },
    checks::altsettings::in_larger,
    tray::{
        launch,
        urb, //
    },
    verdict::{
        equal,
        expect,
        Verdict, //
    }, //
};
use kernel::{
    prelude::*,
    usb::{
        Buffer,
        In,
        Interrupt,
        Isochronous,
        TransferError, //
    }, //
};

/// On the side of the host alone, of endpoints of all types.
pub(super) fn reset(bench: &Bench<'_>) -> Verdict {
    let (out, input) = (bench.bulk_out()?, bench.bulk_in()?);
    equal(Ok(()), input.reset(), "reset of an idle endpoint")?;
    equal(Ok(()), out.reset(), "reset of an idle endpoint")?;
    // Both sides have to agree again.
    input.clear_halt()?;
    out.clear_halt()?;
    bench.roundtrip()?;
    in_larger(bench, |settings| {
        let stream = settings.endpoint::<Isochronous, In>(ISO_IN).ok_or(ENXIO)?;
        equal(Ok(()), stream.reset(), "reset of an isochronous endpoint")?;
        let looped = settings.endpoint::<Interrupt, In>(LOOP_IN).ok_or(ENXIO)?;
        equal(Ok(()), looped.reset(), "reset of an interrupt endpoint")?;
        looped.clear_halt()?;
        let stale = Err(TransferError::Stale);
        equal(stale, input.reset(), "an endpoint of another altsetting")?;
        equal(
            stale,
            input.clear_halt(),
            "an endpoint of another altsetting",
        )
    })?;
    bench.roundtrip()
}

/// What is in flight on an endpoint is left alone, and others are no matter.
pub(super) fn busy(bench: &Bench<'_>) -> Verdict {
    let (out, input) = (bench.bulk_out()?, bench.bulk_in()?);
    let busy = Err(TransferError::Busy);
    let waiting = urb(&input, Buffer::new(PACKET, GFP_KERNEL)?)?;
    let waiting = launch(bench.interface, waiting)?;
    equal(busy, input.reset(), "reset of an endpoint in use")?;
    equal(busy, input.clear_halt(), "end of a halt that there is not")?;
    equal(Ok(()), out.clear_halt(), "another endpoint")?;
    expect(!waiting.is_over(), "what is in flight to be left alone")?;
    bench.write(&[4; 44])?;
    let done = waiting.wait()?;
    equal(44, done.actual_length(), "bytes of what was in flight")?;
    // What has been made before can be used afterwards, and what is blocked stays so.
    let idle = done.into_urb();
    let canceller = idle.canceller();
    canceller.block();
    equal(Ok(()), input.clear_halt(), "an endpoint that is idle again")?;
    let Err(refused) = idle.submit(bench.interface) else {
        return expect(false, "what is blocked to stay so");
    };
    canceller.unpoison();
    let flight = launch(bench.interface, refused.urb)?;
    bench.write(&[5; 55])?;
    equal(55, flight.wait()?.actual_length(), "bytes afterwards")
}
