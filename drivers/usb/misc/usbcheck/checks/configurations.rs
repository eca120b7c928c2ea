// SPDX-License-Identifier: GPL-2.0

//! Setting the configuration again, which only one who has the device locked can.

use crate::{
    bench::{
        code,
        Bench,
        Mode,
        BULK_OUT,
        LOOP_IN,
        PACKET, //
    },
    driver::TWO_INTERFACES,
    tray::{
        launch,
        urb, //
    },
    verdict::{
        equal,
        expect,
        refused,
        Verdict, //
    }, //
};
use kernel::{
    device::Core,
    prelude::*,
    usb::{
        Addressee,
        Buffer,
        In,
        Interface,
        Interrupt, //
    }, //
};

pub(crate) fn again(interface: &Interface<Core<'_>>, bench: &Bench<'_>) -> Verdict {
    if interface.device().product_id() == TWO_INTERFACES {
        let set = interface.reset_configuration();
        return refused(EBUSY, set, "a configuration with a claimed interface");
    }
    bench.set_mode(Mode::Loopback)?;
    let mut settings = interface.settings()?;
    let busy = interface.reset_configuration();
    refused(
        EBUSY,
        busy,
        "a configuration whose endpoints are being changed",
    )?;
    settings.set(1)?;
    let input = settings.endpoint::<Interrupt, In>(LOOP_IN).ok_or(ENXIO)?;
    let stale = urb(&input, Buffer::new(64, GFP_KERNEL)?)?;
    drop(settings);
    ends_everything(interface, bench)?;
    equal(0, interface.altsetting_number(), "altsetting afterwards")?;
    refused(
        ESTALE,
        stale.submit(interface),
        "a URB of another altsetting",
    )?;

    // Those of endpoint 0 and of altsetting 0 stay.
    let idle = urb(&bench.bulk_in()?, Buffer::new(PACKET, GFP_KERNEL)?)?;
    ends_everything(interface, bench)?;
    let flight = launch(interface, idle)?;
    bench.write(&[7; 33])?;
    equal(33, flight.wait()?.actual_length(), "bytes afterwards")?;
    bench.roundtrip()
}

/// The driver's transfers end, and so do the halts of the device.
fn ends_everything(interface: &Interface<Core<'_>>, bench: &Bench<'_>) -> Verdict {
    let is_halted = || {
        let out = Addressee::Endpoint(BULK_OUT);
        interface.bound_device().status(out).map(|s| s.is_halted())
    };
    let waiting = launch(
        interface,
        urb(&bench.bulk_in()?, Buffer::new(PACKET, GFP_KERNEL)?)?,
    )?;
    bench.order(code::HALT, BULK_OUT.into())?;
    expect(is_halted()?, "a halted endpoint")?;
    interface.reset_configuration()?;
    expect(waiting.is_over(), "I/O to have ended")?;
    let failed = waiting.wait()?.result().is_err();
    expect(failed, "a transfer that waited to be cancelled")?;
    expect(!is_halted()?, "an endpoint that works again")
}
