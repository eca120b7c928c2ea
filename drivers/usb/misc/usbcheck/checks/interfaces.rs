// SPDX-License-Identifier: GPL-2.0

//! The interfaces of the device, whoever has them.

use crate::{
    bench::Bench,
    checks::{
        altsettings::in_larger,
        claims::with_second, //
    },
    verdict::{
        equal,
        expect,
        Verdict, //
    }, //
};
use kernel::{
    prelude::*,
    usb::InterfaceInfo, //
};

/// Those of the reference device.
pub(super) fn list(bench: &Bench<'_>) -> Verdict {
    look(bench, &[2])?;
    let own = bench.interface.bound_device().find_interface(0);
    follows_altsetting(bench, own.ok_or(ENXIO)?)
}

/// Those of the device with two interfaces, of which we have claimed the second.
pub(super) fn claimed(bench: &Bench<'_>) -> Verdict {
    look(bench, &[1, 2])?;
    let second = bench.interface.bound_device().find_interface(1);
    let second = second.ok_or(ENXIO)?;
    equal((0x0a, 0, 0), second.class(), "class of the second")?;
    with_second(bench, |interface| {
        follows_altsetting(&bench.at(interface), second)
    })
}

/// There are interfaces with that many altsettings, all of them ours.
fn look(bench: &Bench<'_>, altsettings: &[usize]) -> Verdict {
    let device = bench.interface.bound_device();
    equal(altsettings.len(), device.interfaces().count(), "interfaces")?;
    for (index, info) in device.interfaces().enumerate() {
        equal(index, info.number().into(), "number")?;
        let count = info.altsettings().count();
        equal(altsettings[index], count, "altsettings")?;
        equal(0, info.altsetting().number(), "the one in use")?;
        expect(info.is_claimed(), "the driver to have it")?;
        let found = device.find_interface(info.number()).ok_or(ENXIO)?;
        equal(info.class(), found.class(), "class")?;
    }
    // CAST: One or two.
    for unknown in [altsettings.len() as u8, u8::MAX] {
        expect(
            device.find_interface(unknown).is_none(),
            "no such interface",
        )?;
    }
    Ok(())
}

/// The second interface is there, but nobody has it any more.
pub(super) fn lost(bench: &Bench<'_>) -> Verdict {
    let device = bench.interface.bound_device();
    let second = device.find_interface(1).ok_or(ENXIO)?;
    expect(!second.is_claimed(), "nobody to have it")
}

/// What was found before shows what has been changed since.
fn follows_altsetting(bench: &Bench<'_>, own: InterfaceInfo<'_>) -> Verdict {
    let before = own.altsetting();
    in_larger(bench, |settings| {
        equal(1, own.altsetting().number(), "the one in use")?;
        expect(!before.is_current(), "the old one not to be in use")?;
        let count = settings.altsetting().endpoints().count();
        equal(count, own.altsetting().endpoints().count(), "endpoints")
    })?;
    expect(before.is_current(), "the old one to be in use again")
}
