// SPDX-License-Identifier: GPL-2.0

//! What is known of the device and its endpoints without asking it again.

use crate::{
    bench::{
        Bench,
        BULK_IN,
        BULK_OUT,
        INTERRUPT_IN, //
    },
    driver::REFERENCE,
    verdict::{
        equal,
        expect,
        Verdict, //
    }, //
};
use kernel::{
    prelude::*,
    usb::{
        Bulk,
        EndpointDescriptor,
        In,
        Interrupt,
        Out,
        Speed,
        TransferKind, //
    }, //
};

/// The speed that the argument names.
fn speed(bench: &Bench<'_>) -> Result<Speed> {
    match bench.argument {
        b"full" => Ok(Speed::Full),
        b"high" => Ok(Speed::High),
        b"super" => Ok(Speed::Super),
        _ => Err(EINVAL),
    }
}

pub(super) fn device(bench: &Bench<'_>) -> Verdict {
    let device = bench.interface.device();
    equal(0x1209, device.vendor_id(), "vendor")?;
    equal(REFERENCE, device.product_id(), "product")?;
    equal(0x0100, device.device_release(), "release of the device")?;
    equal(speed(bench)?, device.speed(), "speed")?;
    let release = match device.speed() {
        Speed::Super => 0x0300..=0x0320,
        _ => 0x0110..=0x0210,
    };
    expect(release.contains(&device.usb_release()), "a USB release")?;
    expect((1..64).contains(&device.bus_number()), "a bus")?;
    expect((1..128).contains(&device.address()), "an address")
}

/// The most that a packet of a bulk endpoint may have (USB 2.0, 5.8.3; USB 3.2, 8.12.1.2).
fn bulk_packet(speed: Speed) -> u16 {
    match speed {
        Speed::Full => 64,
        Speed::High => 512,
        _ => 1024,
    }
}

pub(super) fn endpoints(bench: &Bench<'_>) -> Verdict {
    let (interface, speed) = (bench.interface, speed(bench)?);
    let expected = [
        (BULK_OUT, TransferKind::Bulk, bulk_packet(speed)),
        (BULK_IN, TransferKind::Bulk, bulk_packet(speed)),
        (INTERRUPT_IN, TransferKind::Interrupt, 64),
    ];
    equal(expected.len(), interface.endpoints().count(), "endpoints")?;
    for (endpoint, expected) in interface.endpoints().zip(expected) {
        describes(&endpoint, expected)?;
    }
    let interrupt = interface.find_endpoint::<Interrupt, In>().ok_or(ENXIO)?;
    equal(INTERRUPT_IN, interrupt.address(), "interrupt IN")?;
    equal(64, interrupt.max_packet(), "packet of interrupt IN")?;
    // 8 ms, in frames or microframes.
    let period = if speed == Speed::Full { 8 } else { 64 };
    equal(period, interrupt.descriptor().period(speed), "its period")?;
    let found = (
        interface.find_endpoints::<Bulk, Out>().count(),
        interface.find_endpoints::<Bulk, In>().count(),
        interface.find_endpoint::<Interrupt, Out>().is_some(),
    );
    equal((1, 1, false), found, "endpoints by type and direction")
}

fn describes(endpoint: &EndpointDescriptor, expected: (u8, TransferKind, u16)) -> Verdict {
    let (address, kind, packet) = expected;
    equal(address, endpoint.address(), "address")?;
    equal(address & 0xf, endpoint.number(), "number")?;
    equal(address & 0x80 != 0, endpoint.is_in(), "direction")?;
    equal(kind, endpoint.kind(), "kind")?;
    equal(packet, endpoint.max_packet(), "packet")?;
    equal(
        1,
        endpoint.packets_per_microframe(),
        "packets per microframe",
    )?;
    expect(endpoint.max_burst() < 16, "a burst")
}
