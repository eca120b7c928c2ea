// SPDX-License-Identifier: GPL-2.0

//! How transfers end badly.

use crate::{
    bench::{
        code,
        pattern,
        Bench,
        BULK_IN,
        BULK_OUT,
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
        Verdict, //
    }, //
};
use kernel::{
    prelude::*,
    usb::{
        self,
        Buffer,
        TransferError, //
    }, //
};

fn buffer() -> Result<Buffer> {
    Buffer::new(PACKET, GFP_KERNEL)
}

/// An endpoint is halted until the halt is cleared, and the other one is not.
pub(super) fn stall(bench: &Bench<'_>) -> Verdict {
    let (out, input) = (bench.bulk_out()?, bench.bulk_in()?);
    bench.order(code::HALT, BULK_IN.into())?;
    bench.write(&pattern::<30>(1))?;
    let done = launch(bench.interface, urb(&input, buffer()?)?)?.wait()?;
    equal(
        Err(TransferError::Stall),
        done.result(),
        "a halted endpoint",
    )?;
    equal(EPIPE, TransferError::Stall.into(), "the errno of a stall")?;
    input.clear_halt()?;
    bench.read(&pattern::<30>(1))?;

    bench.order(code::HALT, BULK_OUT.into())?;
    let done = launch(bench.interface, urb(&out, buffer()?)?)?.wait()?;
    equal(
        Err(TransferError::Stall),
        done.result(),
        "a halted endpoint",
    )?;
    expect(!done.is_complete(), "a stalled transfer not to be complete")?;
    out.clear_halt()?;
    bench.roundtrip()?;
    // One that is not halted can be cleared, too.
    out.clear_halt()?;
    input.clear_halt()?;
    bench.roundtrip()
}

/// Less than was demanded, whole packets and not.
pub(super) fn short(bench: &Bench<'_>) -> Verdict {
    for (sent, demanded, short) in [
        (1, PACKET, true),
        (700, 2 * PACKET, true),
        (PACKET, PACKET, false),
    ] {
        let bytes = pattern::<PACKET>(7);
        let bytes = bytes.get(..sent).ok_or(EIO)?;
        bench.write(bytes)?;
        let mut input = urb(&bench.bulk_in()?, Buffer::new(demanded, GFP_KERNEL)?)?;
        input.set_flag(usb::ShortNotOk);
        let done = launch(bench.interface, input)?.wait()?;
        let wanted = if short {
            Err(TransferError::Short)
        } else {
            Ok(())
        };
        equal(wanted, done.result(), "a transfer that must not be short")?;
        same_bytes(bytes, done.data(), "what came nevertheless")?;
    }
    equal(EREMOTEIO, TransferError::Short.into(), "its errno")
}

/// Part of what was sent is still there when the rest is cancelled.
pub(super) fn cancelled(bench: &Bench<'_>) -> Verdict {
    let flight = launch(bench.interface, urb(&bench.bulk_in()?, buffer()?)?)?;
    drop(flight);
    let flight = launch(bench.interface, urb(&bench.bulk_in()?, buffer()?)?)?;
    flight.canceller().kill(bench.interface)?;
    let result = flight.wait()?.result();
    refused(ENOENT, result, "a transfer that was killed")?;
    bench.roundtrip()
}

/// The device is unplugged while this waits.
pub(super) fn gone(bench: &Bench<'_>) -> Verdict {
    let flight = launch(bench.interface, urb(&bench.bulk_in()?, buffer()?)?)?;
    // What the test waits for before it unplugs the device.
    pr_info!("error-gone: waiting\n");
    let done = flight.wait()?;
    let gone = done.result().is_err_and(TransferError::is_gone);
    let cut = done.result().is_err_and(TransferError::is_bus_error);
    expect(gone || cut, "a transfer of a device that is gone")?;
    // Until the core has noticed, errors vary; that one is refused is certain afterwards.
    let endpoint = bench.bulk_in()?;
    for _ in 0..1000 {
        let again = launch(bench.interface, urb(&endpoint, buffer()?)?);
        let Ok(flight) = again else {
            return refused(ENODEV, again.map(|_| ()), "I/O with a device that is gone");
        };
        expect(flight.wait()?.result().is_err(), "no success")?;
        kernel::time::delay::fsleep(kernel::time::Delta::from_millis(10));
    }
    expect(false, "the driver to be told")
}
