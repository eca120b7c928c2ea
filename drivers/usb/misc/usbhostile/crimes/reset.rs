// SPDX-License-Identifier: GPL-2.0

//! Crimes with resets.

use super::Criminal;
use kernel::{
    prelude::*,
    time::{
        delay::fsleep,
        Delta, //
    },
    usb, //
};

pub(super) fn commit(verb: &[u8], criminal: &Criminal<'_>) -> Result {
    let device = criminal.interface().bound_device();
    match verb {
        b"once" => device.reset(),
        b"again" => again(criminal, |device| device.reset()),
        b"queue" => again(criminal, |device| device.queue_reset()),
        b"halt" => clear_halts(criminal),
        _ => Err(EINVAL),
    }
}

/// Has the device reset until the driver is unbound.
fn again(criminal: &Criminal<'_>, reset: impl Fn(&usb::BoundDevice<'_>) -> Result) -> Result {
    let interface = criminal.interface();
    criminal.persist(|| {
        reset(&interface.bound_device())?;
        // Who unbinds has to get at the lock of the device as well.
        fsleep(Delta::from_millis(2));
        Ok(())
    })
}

/// Resets endpoints, with transfers in flight or without.
fn clear_halts(criminal: &Criminal<'_>) -> Result {
    let interface = criminal.interface();
    criminal.persist(|| {
        let from = interface.find_endpoint::<usb::Bulk, usb::In>();
        unless_busy(from.ok_or(ENXIO)?.clear_halt())?;
        let to = interface
            .find_endpoint::<usb::Bulk, usb::Out>()
            .ok_or(ENXIO)?;
        unless_busy(to.clear_halt())?;
        unless_busy(to.reset())
    })
}

/// What is in flight keeps an endpoint from being reset, and what is being reset from being used.
fn unless_busy(result: Result<(), usb::TransferError>) -> Result {
    match result {
        Err(usb::TransferError::Busy) => Ok(()),
        result => Ok(result?),
    }
}
