// SPDX-License-Identifier: GPL-2.0

//! Crimes with memory that others see as well: the device for ever, or user space.

use super::Criminal;
use crate::scene::{
    open_the_tap,
    Accomplice,
    Crime,
    Scene,
    COUNT, //
};
use core::mem;
use kernel::{
    device::Bound,
    prelude::*,
    sync::Arc,
    usb, //
};

/// Bytes that a program can map.
const SHARED: usize = 40_960;

pub(super) fn commit(verb: &[u8], criminal: &Criminal<'_>) -> Result {
    let (scene, interface) = (criminal.scene, criminal.interface());
    open_the_tap(interface)?;
    match verb {
        b"coherent" => coherent(scene, interface),
        b"forget" => coherent_forgotten(scene, interface),
        b"share" => share(scene, interface),
        _ => Err(EINVAL),
    }
}

/// Reads into `memory` for ever.
fn read<B: usb::Memory>(
    scene: &Arc<Scene>,
    interface: &usb::Interface<Bound>,
    memory: B,
    crime: Crime,
) -> Result {
    let endpoint = interface.find_endpoint::<usb::Bulk, usb::In>();
    let scene = scene.clone();
    let urb = usb::Urb::new(&endpoint.ok_or(ENXIO)?, memory, Accomplice { crime, scene })?;
    mem::forget(urb.canceller());
    urb.submit(interface)?;
    Ok(())
}

/// Uses DMA memory until the moment at which it goes.
fn coherent(scene: &Arc<Scene>, interface: &usb::Interface<Bound>) -> Result {
    for _ in 0..COUNT {
        let memory = usb::CoherentBuffer::new(interface, 512)?;
        read(scene, interface, memory, Crime::Resubmit)?;
        let memory = usb::NoncoherentBuffer::<usb::In>::new(interface, 512)?;
        read(scene, interface, memory, Crime::Resubmit)?;
    }
    Ok(())
}

/// Has DMA memory forgotten that was in flight.
fn coherent_forgotten(scene: &Arc<Scene>, interface: &usb::Interface<Bound>) -> Result {
    for crime in [Crime::Forget, Crime::Drop] {
        let memory = usb::CoherentBuffer::new(interface, 4096)?;
        read(scene, interface, memory, crime)?;
        let memory = usb::NoncoherentBuffer::<usb::In>::new(interface, 4096)?;
        read(scene, interface, memory, crime)?;
    }
    Ok(())
}

/// Reads into pages that programs can map.
fn share(scene: &Arc<Scene>, interface: &usb::Interface<Bound>) -> Result {
    let memory = usb::PageBuffer::new(SHARED)?;
    scene.pages.put(memory.pages().clone())?;
    read(scene, interface, memory, Crime::Resubmit)
}
