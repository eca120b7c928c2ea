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
    sync::{
        atomic::Relaxed,
        Arc, //
    },
    usb, //
};

/// Bytes that a program can map.
const SHARED: usize = 40_960;

/// Slots of nearly as many bytes together: there is room behind the last.
const SLOT_SIZE: usize = 512;
const SLOTS: usize = SHARED / SLOT_SIZE - 3;

pub(super) fn commit(verb: &[u8], criminal: &Criminal<'_>) -> Result {
    let (scene, interface) = (criminal.scene, criminal.interface());
    open_the_tap(interface)?;
    match verb {
        b"coherent" => coherent(scene, interface),
        b"forget" => coherent_forgotten(scene, interface),
        b"share" => share(scene, interface),
        b"hop" => hop(scene, interface),
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

/// Goes from slot to slot, several at a time, also to slots that there are not.
struct Hopper(Arc<Scene>);

impl usb::Handler<usb::Bulk, usb::In, usb::SlotBuffer> for Hopper {
    fn complete(mut done: usb::Completed<'_, usb::Bulk, usb::In, Self, usb::SlotBuffer>) {
        let scene = done.handler().0.clone();
        scene.witness();
        // CAST: Whatever is left of it.
        let turn = scene.completions.load(Relaxed) as usize;
        let before = done.memory().index();
        for nowhere in [SLOTS, SLOTS + turn, usize::MAX] {
            if done.set_slot(nowhere).is_ok() || done.memory().index() != before {
                pr_err!("BUG: a slot was found that there is not\n");
            }
        }
        if done.set_length(SLOT_SIZE + 1).is_ok() {
            pr_err!("BUG: a transfer is longer than its slot\n");
        }
        let _ = done.set_slot(turn % SLOTS);
        let _ = done.set_length(turn % 2 * SLOT_SIZE);
        mem::forget(done.resubmit());
    }
}

/// Reads into slots that programs can map, all of which all URBs use.
fn hop(scene: &Arc<Scene>, interface: &usb::Interface<Bound>) -> Result {
    let endpoint = interface.find_endpoint::<usb::Bulk, usb::In>();
    let endpoint = endpoint.ok_or(ENXIO)?;
    let slots = usb::Slots::new(SLOTS, SLOT_SIZE)?;
    for index in 0..COUNT {
        let memory = usb::SlotBuffer::new(&slots, index)?;
        usb::Urb::new(&endpoint, memory, Hopper(scene.clone()))?.submit(interface)?;
    }
    scene.slots.put(slots)
}
