// SPDX-License-Identifier: GPL-2.0

//! Standard requests, and requests that nobody waits for.

use crate::{
    bench::{
        code,
        pattern,
        Bench,
        BULK_IN, //
    },
    checks::altsettings::in_larger,
    tray::{
        launch,
        Catcher, //
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
        Addressee,
        Buffer,
        ControlRequest,
        In,
        Out,
        Recipient,
        RequestType,
        ShortNotOk,
        Timeout,
        TransferError,
        Urb, //
    }, //
};

const SECONDS: Timeout = Timeout::from_millis::<5000>();

/// Features (USB 2.0, table 9-6).
const ENDPOINT_HALT: u16 = 0;

fn answer<const N: usize>(bench: &Bench<'_>, request: ControlRequest<In>) -> Result<[u8; N]> {
    let buffer = Buffer::new(N, GFP_KERNEL)?;
    let answer = bench.interface.control(&request, buffer, SECONDS)?;
    answer.result?;
    let bytes = answer.buffer.get(..answer.actual_length).ok_or(EIO)?;
    bytes.try_into().map_err(|_| ENODATA)
}

fn order(bench: &Bench<'_>, request: ControlRequest<Out>) -> Result {
    let nothing = Buffer::new(0, GFP_KERNEL)?;
    bench
        .interface
        .control(&request, nothing, SECONDS)?
        .result?;
    Ok(())
}

pub(super) fn standard(bench: &Bench<'_>) -> Verdict {
    let configuration = answer(bench, ControlRequest::get_configuration())?;
    equal([1u8], configuration, "GET_CONFIGURATION")?;
    let altsetting = || answer(bench, ControlRequest::get_interface(0));
    equal([0u8], altsetting()?, "GET_INTERFACE")?;
    in_larger(bench, |_| equal([1u8], altsetting()?, "GET_INTERFACE"))?;

    let endpoint = Addressee::Endpoint(BULK_IN);
    let status = || answer(bench, ControlRequest::get_status(endpoint));
    equal([0u8, 0], status()?, "GET_STATUS")?;
    order(bench, ControlRequest::set_feature(endpoint, ENDPOINT_HALT))?;
    equal([1u8, 0], status()?, "GET_STATUS of a halted endpoint")?;
    order(
        bench,
        ControlRequest::clear_feature(endpoint, ENDPOINT_HALT),
    )?;
    equal([0u8, 0], status()?, "GET_STATUS afterwards")?;
    bench.bulk_in()?.clear_halt()?;

    let descriptor: [u8; 18] = answer(bench, ControlRequest::get_descriptor(1, 0, 0))?;
    same_bytes(&[18, 1], &descriptor[..2], "GET_DESCRIPTOR")?;
    bench.roundtrip()
}

/// What would be done behind the core's back.
pub(super) fn of_the_core(bench: &Bench<'_>) -> Verdict {
    const SET_ADDRESS: u8 = 5;
    const SET_CONFIGURATION: u8 = 9;
    const SET_INTERFACE: u8 = 11;
    for (recipient, code) in [
        (Recipient::Device, SET_ADDRESS),
        (Recipient::Device, SET_CONFIGURATION),
        (Recipient::Interface, SET_INTERFACE),
    ] {
        let kind = RequestType::Standard;
        let request = ControlRequest::<Out>::new(kind, recipient, code, 1, 0);
        refused(EPERM, order(bench, request), "a request of the core")?;
        let (nothing, handler) = (Buffer::new(0, GFP_KERNEL)?, Catcher::new()?);
        let urb = Urb::control(bench.interface, &request, nothing, handler);
        refused(EPERM, urb, "a request of the core")?;
        bench.roundtrip()?;
    }
    Ok(())
}

/// Requests that nobody waits for.
pub(super) fn urbs(bench: &Bench<'_>) -> Verdict {
    let interface = bench.interface;
    let write = ControlRequest::<Out>::vendor(Recipient::Device, code::SCRATCH_WRITE, 0, 0);
    let mut bytes = Buffer::new(70, GFP_KERNEL)?;
    bytes.copy_from_slice(&pattern::<70>(0x3c));
    let urb = Urb::control(interface, &write, bytes, Catcher::new()?)?;
    let done = launch(interface, urb)?.wait()?;
    expect(done.is_complete(), "a request with data to be taken")?;

    let read = ControlRequest::<In>::vendor(Recipient::Device, code::SCRATCH_READ, 0, 0);
    let room = Buffer::new(100, GFP_KERNEL)?;
    let urb = Urb::control(interface, &read, room, Catcher::new()?)?;
    urb.handler().resubmit(3);
    let done = launch(interface, urb)?.wait()?;
    done.result()?;
    same_bytes(&pattern::<70>(0x3c), done.data(), "the answer")?;
    equal(4, done.handler().completions(), "runs of the handler")?;
    let mut urb = done.into_urb();
    urb.set_flag(ShortNotOk);
    urb.handler().resubmit(0);
    let done = launch(interface, urb)?.wait()?;
    let short = Err(TransferError::Short);
    equal(short, done.result(), "an answer that must not be short")?;
    without_data(bench)
}

/// A request for nothing is one, whatever its direction bit says, with and without the option that
/// its answer must not be short.
pub(super) fn empty_answers(bench: &Bench<'_>) -> Verdict {
    for short_not_ok in [false, true, false] {
        let read = ControlRequest::<In>::vendor(Recipient::Device, code::SCRATCH_READ, 0, 0);
        let nothing = Buffer::new(0, GFP_KERNEL)?;
        let mut urb = Urb::control(bench.interface, &read, nothing, Catcher::new()?)?;
        if short_not_ok {
            urb.set_flag(ShortNotOk);
        }
        for _ in 0..2 {
            let done = launch(bench.interface, urb)?.wait()?;
            equal(Ok(()), done.result(), "a request for nothing")?;
            equal(0, done.actual_length(), "bytes of nothing")?;
            urb = done.into_urb();
        }
    }
    bench.roundtrip()
}

fn without_data(bench: &Bench<'_>) -> Verdict {
    let interface = bench.interface;
    let nothing = || Buffer::new(0, GFP_KERNEL);
    let order = ControlRequest::<Out>::vendor(Recipient::Device, code::SET_MODE, 0, 0);
    let urb = Urb::control(interface, &order, nothing()?, Catcher::new()?)?;
    let done = launch(interface, urb)?.wait()?;
    expect(done.is_complete(), "a request without data to be done")?;

    let never = ControlRequest::<In>::vendor(Recipient::Device, code::NEVER_ANSWER, 0, 0);
    let room = Buffer::new(8, GFP_KERNEL)?;
    let urb = Urb::control(interface, &never, room, Catcher::new()?)?;
    let flight = launch(interface, urb)?;
    flight.canceller().kill(interface)?;
    let killed = Err(TransferError::Killed);
    equal(killed, flight.wait()?.result(), "a request that was killed")?;

    let unknown = ControlRequest::<Out>::vendor(Recipient::Device, 0xee, 0, 0);
    let urb = Urb::control(interface, &unknown, nothing()?, Catcher::new()?)?;
    let result = launch(interface, urb)?.wait()?.result();
    equal(Err(TransferError::Stall), result, "an unknown request")?;
    bench.roundtrip()
}
