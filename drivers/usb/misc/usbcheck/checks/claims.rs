// SPDX-License-Identifier: GPL-2.0

//! A second interface of the device: 1209:0002 has its bulk endpoints in altsetting 1 of interface
//! 1.

use crate::{
    bench::{
        code,
        Bench,
        INTERRUPT_IN,
        PACKET, //
    },
    checks::buffers,
    driver::Shared,
    tray::{
        launch,
        urb, //
    },
    verdict::{
        equal,
        expect,
        refused,
        Failure,
        Verdict, //
    }, //
};
use kernel::{
    device::{
        Bound,
        Core, //
    },
    prelude::*,
    usb::{
        Buffer,
        Claim,
        In,
        Interface,
        Interrupt,
        TransferError,
        WorkHandler, //
    }, //
};

/// The interface that is claimed.
const NUMBER: u8 = 1;

/// Claims, releases, and claims for good.
pub(crate) fn in_probe(interface: &Interface<Core<'_>>, shared: &Shared) -> Verdict {
    for unknown in [2, 0xff] {
        refused(ENODEV, interface.claim(unknown), "an unknown interface")?;
    }
    refused(EBUSY, interface.claim(0), "our own interface")?;
    for _ in 0..3 {
        let claim = interface.claim(NUMBER)?;
        refused(EBUSY, interface.claim(NUMBER), "an interface claimed twice")?;
        equal(NUMBER, claim.number()?, "number of the interface")?;
        let bench = Bench {
            interface,
            shared,
            argument: &[],
        };
        with(interface, &claim, |second| around(&bench.at(second)))?;
        interface.release(claim)?;
    }
    *shared.claim.lock() = Some(interface.claim(NUMBER)?);
    Ok(())
}

#[track_caller]
fn with(
    interface: &Interface<Bound>,
    claim: &Claim,
    f: impl FnOnce(&Interface<Bound>) -> Verdict,
) -> Verdict {
    claim
        .with(interface, f)
        .unwrap_or_else(|error| Err(Failure::from(error)))
}

/// Sends bytes around through the second interface.
fn around(bench: &Bench<'_>) -> Verdict {
    let mut settings = bench.interface.settings()?;
    expect(bench.bulk_in().is_err(), "no endpoint in altsetting 0")?;
    settings.set(1)?;
    bench.roundtrip()?;
    settings.set(0)?;
    Ok(())
}

/// What came of the checks in probe.
pub(super) fn probed(bench: &Bench<'_>) -> Verdict {
    let verdict = bench.shared.probed.lock().take();
    verdict.unwrap_or_else(|| expect(false, "checks in probe"))
}

pub(super) fn with_second(
    bench: &Bench<'_>,
    f: impl FnOnce(&Interface<Bound>) -> Verdict,
) -> Verdict {
    let claim = bench.shared.claim.lock();
    with(bench.interface, claim.as_ref().ok_or(ENXIO)?, f)
}

pub(super) fn use_it(bench: &Bench<'_>) -> Verdict {
    with_second(bench, |second| {
        equal(NUMBER, second.number(), "number of the interface")?;
        equal((0x0a, 0, 0), second.class(), "class of the interface")?;
        equal(2, second.altsettings().count(), "altsettings")?;
        around(&bench.at(second))
    })?;
    equal((0xff, 0, 0), bench.interface.class(), "class of the first")
}

/// What belongs to one interface is refused by the other one.
pub(super) fn foreign(bench: &Bench<'_>) -> Verdict {
    with_second(bench, |second| {
        second.settings()?.set(1)?;
        let there = bench.at(second);
        buffers::of_another(&there, bench.interface)?;

        let made_there = urb(&there.bulk_in()?, Buffer::new(PACKET, GFP_KERNEL)?)?;
        let canceller = made_there.canceller();
        let Err(refusal) = made_there.submit(bench.interface) else {
            return expect(false, "a URB of another interface to be refused");
        };
        equal(
            TransferError::Invalid,
            refusal.error,
            "error of a URB of another interface",
        )?;
        equal(PACKET, refusal.urb.buffer().len(), "its buffer")?;
        let kill = canceller.kill(bench.interface);
        refused(EINVAL, kill, "killing a URB of another interface")?;
        let poison = canceller.poison(bench.interface);
        refused(EINVAL, poison, "poisoning a URB of another interface")?;
        // It is as good as before where it belongs.
        let flight = launch(second, refusal.urb)?;
        there.write(&[1, 2, 3])?;
        equal(3, flight.wait()?.actual_length(), "bytes through it")?;
        second.settings()?.set(0)?;
        Ok(())
    })
}

/// What is done with the first interface while the second one is used.
pub(super) fn cross(bench: &Bench<'_>) -> Verdict {
    let first = bench.interface;
    with_second(bench, |_| {
        bench.ask(code::SCRATCH_READ, 8)?;
        let reset = first.bound_device().reset();
        refused(EDEADLK, reset, "a reset for the first")
    })?;
    with_second(bench, |second| {
        let work = second.work(NoWork);
        refused(EINVAL, work, "work for the second")?;
        bench.at(second).ask(code::SCRATCH_READ, 8)?;
        Ok(())
    })?;
    bench.ask(code::SCRATCH_READ, 8)?;
    Ok(())
}

struct NoWork;

impl WorkHandler for NoWork {
    fn run(&self, _: &Interface<Bound>) {}
}

/// User space has unbound the second interface. The first one goes on.
pub(super) fn lost(bench: &Bench<'_>) -> Verdict {
    let claim = bench.shared.claim.lock();
    let claim = claim.as_ref().ok_or(ENXIO)?;
    refused(ENODEV, claim.number(), "number of a lost interface")?;
    let used = claim.with(bench.interface, |_| ());
    refused(ENODEV, used, "use of a lost interface")?;
    let endpoint = bench.interface.endpoint::<Interrupt, In>(INTERRUPT_IN);
    let urb = urb(&endpoint.ok_or(ENXIO)?, Buffer::new(64, GFP_KERNEL)?)?;
    launch(bench.interface, urb)?;
    Ok(())
}
