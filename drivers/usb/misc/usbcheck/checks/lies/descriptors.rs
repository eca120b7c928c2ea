// SPDX-License-Identifier: GPL-2.0

//! Lies of a device about itself: what the core has let pass, and a driver finds.

use crate::{
    bench::{
        Bench,
        BULK_IN,
        BULK_OUT,
        INTERRUPT_IN, //
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
    str::CString,
    usb::{
        descriptor,
        Altsetting,
        Bulk,
        EndpointDescriptor,
        In,
        Interrupt,
        Out, //
    }, //
};

/// Walks through all that there is. The argument is what has to be found: bytes of the
/// configuration, and for each altsetting its number, bytes of further descriptors and endpoints,
/// each with address, packet and bytes of further descriptors.
pub(crate) fn configuration(bench: &Bench<'_>) -> Verdict {
    let device = bench.interface.bound_device();
    let bytes = device.configuration_bytes(0).ok_or(ENODATA)?;
    let mut found = CString::try_from_fmt(fmt!("{}", bytes.len()))?;
    for altsetting in bench.interface.altsettings() {
        found = describe(found, &altsetting)?;
    }
    let wanted = core::str::from_utf8(bench.argument).map_err(|_| EINVAL)?;
    equal(wanted, found.to_str()?, "configuration")?;
    walk(bytes)?;
    usable(bench)
}

fn describe(before: CString, altsetting: &Altsetting<'_>) -> Result<CString> {
    let (number, extra) = (altsetting.number(), altsetting.extra().len());
    let mut text = CString::try_from_fmt(fmt!("{} {number}+{extra}", &*before))?;
    for endpoint in altsetting.endpoints() {
        let (address, packet) = (endpoint.address(), endpoint.max_packet());
        let extra = altsetting.endpoint_extra(address).len();
        text = CString::try_from_fmt(fmt!("{} {address:02x}:{packet}+{extra}", &*text))?;
    }
    Ok(text)
}

/// The same bytes through our own parsers, which count what is wrong, and reach the end.
fn walk(bytes: &[u8]) -> Verdict {
    let configuration = descriptor::Configuration::parse(bytes)?;
    let problems = configuration.problems().count();
    equal(
        problems == 0,
        configuration.check().is_ok(),
        "whether there are problems",
    )?;
    let mut covered = 0;
    for altsetting in configuration.altsettings() {
        covered += altsetting.raw().bytes().len();
        let extra = altsetting.extra().map(|raw| raw.bytes().len());
        covered += extra.sum::<usize>();
        for endpoint in altsetting.endpoints() {
            covered += endpoint.raw().bytes().len();
            let extra = endpoint.extra().map(|raw| raw.bytes().len());
            covered += extra.sum::<usize>();
        }
    }
    expect(covered <= bytes.len(), "no more than there are bytes")
}

/// An endpoint can be had if the altsetting in use has it, of that type, with packets of some size.
fn usable(bench: &Bench<'_>) -> Verdict {
    let interface = bench.interface;
    let is_there = |address: u8, kind: u8| {
        let fits = |endpoint: EndpointDescriptor| {
            let of_kind = endpoint.kind().as_raw() == kind;
            endpoint.address() == address && of_kind && endpoint.max_packet() != 0
        };
        interface.endpoints().any(fits)
    };
    let out = interface.endpoint::<Bulk, Out>(BULK_OUT);
    let input = interface.endpoint::<Bulk, In>(BULK_IN);
    let interrupt = interface.endpoint::<Interrupt, In>(INTERRUPT_IN);
    equal(is_there(BULK_OUT, 2), out.is_some(), "bulk OUT")?;
    equal(is_there(BULK_IN, 2), input.is_some(), "bulk IN")?;
    let found = interrupt.is_some();
    equal(is_there(INTERRUPT_IN, 3), found, "interrupt IN")?;
    refused(EINVAL, interface.alloc_streams(&[BULK_IN], 1), "streams")?;
    match out.and(input) {
        Some(_) => bench.roundtrip(),
        None => Ok(()),
    }
}
