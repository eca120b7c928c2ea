// SPDX-License-Identifier: GPL-2.0

//! The device as a bound interface sees it: strings, descriptors, status, resets.

use crate::{
    bench::{
        code,
        Bench,
        BULK_IN,
        PACKET, //
    },
    driver::REFERENCE,
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
    sync::atomic::Relaxed,
    usb::{
        descriptor,
        Addressee,
        Buffer,
        DeviceState,
        TransferError, //
    }, //
};

/// Kinds of descriptors (USB 2.0, table 9-5).
const DEVICE: u8 = 1;
const CONFIGURATION: u8 = 2;

/// The three strings of the reference device.
pub(super) fn strings(bench: &Bench<'_>) -> Verdict {
    let device = bench.interface.bound_device();
    let known = [device.manufacturer(), device.product(), device.serial()];
    for (i, wanted) in [c"usbpipe", c"Reference device", c"0001"]
        .iter()
        .enumerate()
    {
        equal(Some(*wanted), known[i], "string of the core")?;
        // CAST: Up to 3.
        let string = device.string(i as u8 + 1)?;
        same_bytes(wanted.to_bytes(), string.as_bytes(), "string of the device")?;
    }
    refused(EINVAL, device.string(0), "string 0")?;
    for unknown in [4, 0xff] {
        refused(EPIPE, device.string(unknown), "an unknown string")?;
    }
    Ok(())
}

/// Those of 1209:0003, as `tools/usb/refdev/src/strings.rs` describes them.
pub(super) fn odd_strings(bench: &Bench<'_>) -> Verdict {
    let device = bench.interface.bound_device();
    equal("", &*device.string(1)?, "an empty string")?;
    let name = "Ger\u{e4}t \u{20ac} \u{1f980}";
    equal(name, &*device.string(2)?, "characters of four lengths")?;
    let long = device.string(4)?;
    equal(126, long.chars().count(), "characters of a long one")?;
    expect(long.chars().all(|c| c == '\u{df}'), "all of them")?;
    let halves = "a\u{fffd}b\u{fffd}\u{fffd}\u{fffd}\u{fffd}";
    equal(halves, &*device.string(5)?, "halves of surrogate pairs")?;
    equal("a", &*device.string(6)?, "a string with a NUL in it")?;
    refused(EPIPE, device.string(7), "an unknown string")
}

pub(super) fn descriptors(bench: &Bench<'_>) -> Verdict {
    let device = bench.interface.bound_device();
    let buffer = |length| Buffer::new(length, GFP_KERNEL);
    let answer = device.descriptor(DEVICE, 0, buffer(18)?)?;
    answer.result?;
    equal(18, answer.actual_length, "bytes of the device descriptor")?;
    same_bytes(&[0x09, 0x12, 1, 0], &answer.buffer[8..12], "its ids")?;

    let bytes = device.configuration_bytes(0).ok_or(ENODATA)?;
    let answer = device.descriptor(CONFIGURATION, 0, buffer(1024)?)?;
    answer.result?;
    let fresh = answer.buffer.get(..answer.actual_length).ok_or(EIO)?;
    same_bytes(bytes, fresh, "configuration descriptor")?;
    let configuration = descriptor::Configuration::parse(bytes)?;
    configuration.check()?;
    equal(2, configuration.altsettings().count(), "altsettings")?;

    expect(device.configuration_bytes(1).is_none(), "no second one")?;
    let unknown = device.descriptor(0x77, 0, buffer(8)?)?.result;
    refused(EPIPE, unknown, "a descriptor of an unknown kind")
}

pub(super) fn facts(bench: &Bench<'_>) -> Verdict {
    let device = bench.interface.bound_device();
    equal(REFERENCE, device.product_id(), "product")?;
    equal((0xff, 0, 0), device.class(), "class of the device")?;
    equal(1, device.configuration_count(), "configurations")?;
    equal(Some(1), device.active_configuration(), "the active one")?;
    equal(DeviceState::Configured, device.state(), "state")?;
    expect(!device.is_root_hub(), "no root hub")?;
    equal(1, device.level(), "level: behind a root hub")?;
    expect(device.port_number() >= 1, "a port")?;
    expect(!device.port_path().to_bytes().is_empty(), "a path of ports")?;
    expect(
        [8, 16, 32, 64, 512].contains(&device.max_packet_0()),
        "packets",
    )?;
    let path = device.physical_path()?;
    expect(path.to_bytes().starts_with(b"usb-"), "a path that says usb")?;
    expect(
        path.to_bytes().ends_with(device.port_path().to_bytes()),
        "ports",
    )?;
    device.frame_number()?;
    Ok(())
}

pub(super) fn status(bench: &Bench<'_>) -> Verdict {
    let device = bench.interface.bound_device();
    let halted = || device.status(Addressee::Endpoint(BULK_IN));
    device.status(Addressee::Device)?;
    equal(
        0,
        device.status(Addressee::Interface(0))?.bits(),
        "interface",
    )?;
    expect(!halted()?.is_halted(), "an endpoint that works")?;
    bench.order(code::HALT, BULK_IN.into())?;
    expect(halted()?.is_halted(), "a halted endpoint")?;
    bench.bulk_in()?.clear_halt()?;
    expect(!halted()?.is_halted(), "an endpoint that works again")?;
    let unknown = device.status(Addressee::Endpoint(0x8f));
    refused(EPIPE, unknown, "status of an unknown endpoint")
}

/// A reset, which the driver survives. The argument may be that the device does not notice.
pub(super) fn reset(bench: &Bench<'_>) -> Verdict {
    bench.send(code::SCRATCH_WRITE, 0, b"forget me")?;
    let endpoint = bench.bulk_in()?;
    let buffer = || Buffer::new(PACKET, GFP_KERNEL);
    let idle = urb(&endpoint, buffer()?)?;
    let waiting = launch(bench.interface, urb(&endpoint, buffer()?)?)?;
    let before = bench.shared.calls.post_resets.load(Relaxed);
    bench.interface.bound_device().reset()?;
    let after = bench.shared.calls.post_resets.load(Relaxed);
    equal(before + 1, after, "calls after a reset")?;
    expect(waiting.is_over(), "I/O to have ended")?;
    let result = waiting.wait()?.result();
    let cancelled = result.is_err_and(TransferError::is_cancelled);
    expect(cancelled, "a transfer that waited to be cancelled")?;
    let memory = bench.ask(code::SCRATCH_READ, 64)?;
    let kept = bench.argument == b"unnoticed";
    equal(
        kept,
        !memory.is_empty(),
        "whether the device kept its memory",
    )?;
    // What was made before works afterwards.
    let flight = launch(bench.interface, idle)?;
    bench.write(&[7; 33])?;
    equal(33, flight.wait()?.actual_length(), "bytes after a reset")
}

/// A reset, some time later: the test looks for it with `callback-resets`.
pub(super) fn queue_reset(bench: &Bench<'_>) -> Verdict {
    let queued = bench.interface.bound_device().queue_reset();
    queued.map_err(Failure::from)
}

/// The driver will be unbound, and bound to the same configuration again; the test waits for that.
pub(super) fn configure(bench: &Bench<'_>) -> Verdict {
    let device = bench.interface.bound_device();
    for unknown in [2, 0xff] {
        let set = device.set_configuration(Some(unknown));
        refused(EINVAL, set, "an unknown configuration")?;
    }
    bench.roundtrip()?;
    device.set_configuration(Some(1)).map_err(Failure::from)
}
