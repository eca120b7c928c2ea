// SPDX-License-Identifier: GPL-2.0

//! Cases 13 and 29: endpoints that are halted and released, and the packet sequence after that.

use crate::{
    bench::{
        of_either_type,
        Bench,
        CONTROL_LIMIT, //
    },
    memory::Address,
    shuttle::Shuttle,
    way::Way, //
};
use kernel::{
    prelude::*,
    usb::{
        Addressee,
        BulkOrInterrupt,
        CoherentBuffer,
        ControlRequest,
        Endpoint,
        Sleep,
        Speed,
        TransferError, //
    }, //
};

type Probe<'a, T, D> = Shuttle<'a, T, D, CoherentBuffer>;

/// Halts both endpoints, as often as was asked for.
///
/// # Errors
///
/// - `EOPNOTSUPP`: there are none.
/// - `EINVAL`: an endpoint is not as it should be, or does not do as it should.
/// - `EIO`: the device does not say whether an endpoint is halted.
/// - `ENOMEM`, and those of [`control_send`](kernel::usb::Interface::control_send).
pub(crate) fn halts(bench: &Bench<'_>) -> Result<i32> {
    if bench.pipes.source.is_none() && bench.pipes.sink.is_none() {
        return Err(EOPNOTSUPP);
    }
    bench.repeat(|| {
        if bench.pipes.source.is_some() {
            of_either_type!(bench.source()?, endpoint => halt(bench, endpoint)?);
        }
        if bench.pipes.sink.is_some() {
            of_either_type!(bench.sink()?, endpoint => halt(bench, endpoint)?);
        }
        Ok(())
    })
}

fn halt<T: BulkOrInterrupt, D: Way<T>>(bench: &Bench<'_>, endpoint: &Endpoint<'_, T, D>) -> Result {
    let packet = match bench.speed() >= Speed::Super {
        true => 1024,
        false => 512,
    };
    let mut probe = Probe::new(bench, endpoint, packet, Address::Aligned)?;
    expect_running(bench, endpoint, &mut probe)?;
    let whom = Addressee::Endpoint(endpoint.address());
    let request = ControlRequest::set_feature(whom, ENDPOINT_HALT);
    let sleep = Sleep::from(CONTROL_LIMIT);
    bench.interface.control_send(&request, &[], sleep)?;
    if let Err(error) = expect_halted(bench, endpoint, &mut probe) {
        // Nothing else would work afterwards.
        let _ = endpoint.clear_halt();
        return Err(error);
    }
    endpoint.clear_halt()?;
    expect_running(bench, endpoint, &mut probe)
}

/// The feature (USB 2.0, table 9-6), and the bit of the status that shows it.
const ENDPOINT_HALT: u16 = 0;
const HALTED: u16 = 1;

fn expect_running<T: BulkOrInterrupt, D: Way<T>>(
    bench: &Bench<'_>,
    endpoint: &Endpoint<'_, T, D>,
    probe: &mut Probe<'_, T, D>,
) -> Result {
    expect_status(bench, endpoint.address(), 0)?;
    match probe.trip() {
        Ok(()) => Ok(()),
        Err(EINTR) => Err(EINTR),
        Err(error) => {
            let address = endpoint.address();
            bench.complain(fmt!("{:02x} should run, not {:?}", address, error));
            Err(EINVAL)
        }
    }
}

/// A halted endpoint says so, and stalls; not only once.
fn expect_halted<T: BulkOrInterrupt, D: Way<T>>(
    bench: &Bench<'_>,
    endpoint: &Endpoint<'_, T, D>,
    probe: &mut Probe<'_, T, D>,
) -> Result {
    expect_status(bench, endpoint.address(), HALTED)?;
    for _ in 0..2 {
        match probe.trip() {
            Err(EPIPE) => (),
            Err(EINTR) => return Err(EINTR),
            result => {
                let address = endpoint.address();
                bench.complain(fmt!("{:02x} should stall, not {:?}", address, result));
                return Err(EINVAL);
            }
        }
    }
    Ok(())
}

fn expect_status(bench: &Bench<'_>, address: u8, expected: u16) -> Result {
    let whom = Addressee::Endpoint(address);
    // As in C, where any failure to get it is EIO.
    let status = bench.interface.bound_device().status(whom);
    let bits = status.map_err(unanswered)?.bits();
    if bits == expected {
        return Ok(());
    }
    bench.complain(fmt!(
        "{:02x}: status is {:04x}, not {:04x}",
        address,
        bits,
        expected
    ));
    Err(EINVAL)
}

/// What a status request is worth that failed.
pub(crate) fn unanswered(error: TransferError) -> Error {
    match error {
        TransferError::Interrupted | TransferError::NoMemory => error.into(),
        _ => EIO,
    }
}

/// Ends halts that there are not, as often as was asked for: the packet sequence begins anew on both
/// sides, or the device takes the next packet for one that it had (USB 2.0, 8.6).
///
/// # Errors
///
/// - `EINVAL`: the first transfer failed.
/// - Those of the second, and of [`Endpoint::clear_halt`].
pub(crate) fn sequences<T: BulkOrInterrupt, D: Way<T>>(
    bench: &Bench<'_>,
    endpoint: &Endpoint<'_, T, D>,
) -> Result<i32> {
    // With the empty packet at the end these are three: the sequence is in its other state.
    let length = 2 * usize::from(endpoint.max_packet());
    bench.repeat(|| {
        let mut probe = Probe::new(bench, endpoint, length, Address::Aligned)?;
        endpoint.clear_halt()?;
        probe.trip().map_err(|error| match error {
            EINTR => EINTR,
            _ => EINVAL,
        })?;
        endpoint.clear_halt()?;
        probe.trip()
    })
}
