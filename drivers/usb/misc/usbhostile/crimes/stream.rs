// SPDX-License-Identifier: GPL-2.0

//! Crimes with bulk streams, where the host controller and the device have them.

use super::Criminal;
use crate::scene::{
    Crime,
    Scene, //
};
use core::mem;
use kernel::{
    prelude::*,
    usb, //
};

pub(super) fn commit(verb: &[u8], criminal: &Criminal<'_>) -> Result {
    let crime = match verb {
        b"forget" => Crime::Forget,
        b"resubmit" => Crime::Resubmit,
        _ => return Err(EINVAL),
    };
    forget(criminal, crime)
}

/// Forgets streams with a transfer in flight on each.
fn forget(criminal: &Criminal<'_>, crime: Crime) -> Result {
    let (scene, interface) = (criminal.scene, criminal.interface());
    let from = interface.find_endpoint::<usb::Bulk, usb::In>();
    let from = from.ok_or(ENXIO)?;
    let streams = interface.alloc_streams(&[from.descriptor().address()], 4)?;
    for id in 1..=streams.count() {
        let mut urb = Scene::urb(scene, interface, crime)?;
        urb.set_stream(&streams, &from, id)?;
        urb.submit(interface)?;
    }
    mem::forget(streams);
    Ok(())
}
