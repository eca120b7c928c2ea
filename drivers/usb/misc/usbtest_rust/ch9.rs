// SPDX-License-Identifier: GPL-2.0

//! Case 9: standard requests that every device answers (USB 2.0, chapter 9).

use crate::{
    bench::{
        Bench,
        CONTROL_LIMIT, //
    },
    halt::unanswered,
    judge::{
        self,
        MAX_READ, //
    },
    subcase::{
        kind,
        length, //
    }, //
};
use kernel::{
    prelude::*,
    usb::{
        Addressee,
        Buffer,
        ControlRequest,
        In,
        Speed,
        Transferred, //
    }, //
};

/// Makes all requests, as often as was asked for.
///
/// # Errors
///
/// - `EDOM`: an answer is not as it should be.
/// - `ERANGE`: the device does not say which altsetting is in use.
/// - `EIO`: it does not say how it is.
/// - `ENOMEM`, those of [`usb::Settings::set`](kernel::usb::Settings::set), and those of requests.
pub(crate) fn requests(bench: &Bench<'_>) -> Result<i32> {
    bench.repeat(|| {
        altsettings(bench)?;
        configuration(bench)?;
        device_descriptor(bench)?;
        capabilities(bench)?;
        let count = bench.interface.device().configuration_count();
        configurations(bench, kind::CONFIGURATION, count)?;
        other_speed(bench)?;
        status(bench, Addressee::Device)?;
        status(bench, Addressee::Interface(bench.interface.number()))
    })
}

/// Each altsetting can be selected, and asked for (USB 2.0, 9.4.4 and 9.4.10). A device with one
/// need not, in the real world.
fn altsettings(bench: &Bench<'_>) -> Result {
    let interface = bench.interface;
    let count = interface.altsettings().count();
    if !bench.strict && count == 1 {
        return Ok(());
    }
    for altsetting in interface.altsettings() {
        let number = altsetting.number();
        interface.settings()?.set(number)?;
        let request = ControlRequest::get_interface(interface.number());
        match byte(bench, &request)? {
            None => return Err(ERANGE),
            Some(answer) if answer == number => (),
            Some(answer) => {
                return Err(bogus(bench, "altsetting", fmt!("{answer}, not {number}")));
            }
        }
    }
    Ok(())
}

/// The configuration can be asked for (USB 2.0, 9.4.2); as above.
fn configuration(bench: &Bench<'_>) -> Result {
    let device = bench.interface.device();
    if !bench.strict && device.configuration_count() == 1 {
        return Ok(());
    }
    let answer = byte(bench, &ControlRequest::get_configuration())?;
    match answer.is_some() && answer == device.active_configuration() {
        true => Ok(()),
        false => Err(bogus(bench, "configuration", fmt!("{:?}", answer))),
    }
}

fn device_descriptor(bench: &Bench<'_>) -> Result {
    let answer = descriptor(bench, kind::DEVICE, 0, length::DEVICE.into())?;
    expect_length(bench, "device descriptor", &answer, length::DEVICE.into())
}

/// Devices of USB 2.1 and later have capabilities (USB 3.2, 9.6.2).
fn capabilities(bench: &Bench<'_>) -> Result {
    const WHAT: &str = "BOS descriptor";
    if bench.interface.device().usb_release() < 0x0210 {
        return Ok(());
    }
    let first = descriptor(bench, kind::BOS, 0, length::BOS.into())?;
    expect_length(bench, WHAT, &first, length::BOS.into())?;
    let &[_, _, low, high, count] = first.data() else {
        return Err(EDOM);
    };
    let total = usize::from(u16::from_le_bytes([low, high])).min(MAX_READ);
    let all = descriptor(bench, kind::BOS, 0, total)?;
    expect_length(bench, WHAT, &all, total)?;
    judge::capabilities(all.data(), count).map_err(|why| bogus(bench, WHAT, fmt!("{why}")))
}

/// All configurations, of this speed or of another one (USB 2.0, 9.6.3 and 9.6.4).
fn configurations(bench: &Bench<'_>, kind: u8, count: u8) -> Result {
    for index in 0..count {
        let answer = descriptor(bench, kind, index, MAX_READ)?;
        judge::configuration(answer.data(), bench.strict)
            .map_err(|why| bogus(bench, "configuration descriptor", fmt!("{index} {why}")))?;
    }
    Ok(())
}

/// What a device of USB 2.0 is at its other speed, if it has two (USB 2.0, 9.6.2).
fn other_speed(bench: &Bench<'_>) -> Result {
    if bench.interface.device().usb_release() != 0x0200 {
        return Ok(());
    }
    let size = length::QUALIFIER.into();
    let qualifier = match descriptor(bench, kind::QUALIFIER, 0, size) {
        Err(EPIPE) if bench.speed() != Speed::High => return Ok(()),
        answer => answer?,
    };
    expect_length(bench, "device qualifier", &qualifier, size)?;
    let count = qualifier.data().get(8).copied().unwrap_or(0);
    configurations(bench, kind::OTHER_SPEED, count)
}

/// USB 2.0, 9.4.5.
fn status(bench: &Bench<'_>, of: Addressee) -> Result {
    let status = bench.interface.bound_device().status(of);
    status.map(|_| ()).map_err(unanswered)
}

/// Asks for one byte; [`None`] if the answer is empty.
fn byte(bench: &Bench<'_>, request: &ControlRequest<In>) -> Result<Option<u8>> {
    let buffer = Buffer::new(1, GFP_KERNEL)?;
    let answer = bench.interface.control(request, buffer, CONTROL_LIMIT)?;
    answer.result?;
    Ok(answer.data().first().copied())
}

/// Asks for a descriptor, or as much of it as `size` bytes hold.
fn descriptor(bench: &Bench<'_>, kind: u8, index: u8, size: usize) -> Result<Transferred> {
    let buffer = Buffer::new(size, GFP_KERNEL)?;
    let device = bench.interface.bound_device();
    let answer = device.descriptor(kind, index, buffer)?;
    match answer.result.map_err(Error::from) {
        // Less than a descriptor has, rather than another one.
        Err(ENODATA) if answer.actual_length < 2 => Err(EDOM),
        Err(error) => Err(error),
        Ok(()) => Ok(answer),
    }
}

fn expect_length(bench: &Bench<'_>, what: &str, answer: &Transferred, wanted: usize) -> Result {
    match answer.actual_length {
        actual if actual == wanted => Ok(()),
        actual => Err(bogus(bench, what, fmt!("{actual} bytes, not {wanted}"))),
    }
}

/// Says what is wrong with an answer.
fn bogus(bench: &Bench<'_>, what: &str, why: kernel::fmt::Arguments<'_>) -> Error {
    bench.complain(fmt!("{what}: {why}"));
    EDOM
}
