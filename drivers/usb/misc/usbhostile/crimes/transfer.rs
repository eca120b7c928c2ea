// SPDX-License-Identifier: GPL-2.0

//! Crimes with single transfers and altsettings.

use super::Criminal;
use crate::{
    node::Loot,
    scene::{
        never_answered,
        Crime,
        Scene, //
    }, //
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

/// Transfers in flight for the crime of flooding.
const FLOOD: u64 = 1000;

pub(super) fn commit(verb: &[u8], criminal: &Criminal<'_>) -> Result {
    let (scene, operation) = (criminal.scene, criminal.operation);
    let interface = criminal.interface();
    match verb {
        b"flood" => submit_for_ever(criminal),
        b"hammer" => criminal.persist(|| submit_a_few(scene, operation)),
        b"switch" => criminal.persist(|| switch_altsettings(scene, interface)),
        b"hoard" => forget_one_of_each(scene, interface),
        b"never" => {
            criminal.deed.count();
            criminal.persist(|| never_answered(interface))
        }
        b"keep" => keep(scene, criminal.loot, interface),
        _ => Err(EINVAL),
    }
}

/// Submits until it is refused, with so many in flight that cancelling them takes its time.
fn submit_for_ever(criminal: &Criminal<'_>) -> Result {
    let (scene, operation) = (criminal.scene, criminal.operation);
    let interface = criminal.interface();
    let mut submitted = scene.completions.load(Relaxed);
    loop {
        operation.wait(|| {
            let in_flight = submitted.wrapping_sub(scene.completions.load(Relaxed));
            (in_flight < FLOOD).then_some(())
        })?;
        Scene::urb(scene, interface, Crime::Drop)?.submit(interface)?;
        submitted += 1;
        criminal.deed.count();
    }
}

/// Submits a few, and waits for one of them.
fn submit_a_few(scene: &Arc<Scene>, operation: &usb::Operation<'_>) -> Result {
    let before = scene.completions.load(Relaxed);
    for _ in 0..4 {
        let urb = Scene::urb(scene, operation.interface(), Crime::Drop)?;
        let canceller = urb.canceller();
        urb.submit(operation.interface())?;
        canceller.unlink();
    }
    operation.wait(|| (scene.completions.load(Relaxed) != before).then_some(()))
}

/// Changes the altsetting back and forth.
fn switch_altsettings(scene: &Scene, interface: &usb::Interface<Bound>) -> Result {
    let altsetting = u8::from(scene.next_turn() % 2 == 0);
    interface.settings()?.set(altsetting)
}

/// Forgets something of each kind, some of it in use.
fn forget_one_of_each(scene: &Arc<Scene>, interface: &usb::Interface<Bound>) -> Result {
    let anchor = usb::Anchor::new()?;
    let mut urb = Scene::urb(scene, interface, Crime::Resubmit)?;
    urb.set_anchor(&anchor);
    let canceller = urb.canceller();
    urb.submit(interface)?;
    canceller.block();
    anchor.block();
    mem::forget((anchor, canceller));

    mem::forget(Scene::urb(scene, interface, Crime::Drop)?);
    mem::forget(usb::Buffer::new(512, GFP_KERNEL)?);
    mem::forget(usb::ScatterBuffer::new(10_000)?);
    mem::forget(usb::PageBuffer::new(10_000)?);
    mem::forget(usb::CoherentBuffer::new(interface, 512)?);
    mem::forget(usb::NoncoherentBuffer::<usb::In>::new(interface, 512)?);
    mem::forget(interface.settings());
    mem::forget(interface.power()?.hold()?);
    Ok(())
}

/// Keeps a URB until the file is closed, which may be long after the device is gone.
fn keep(scene: &Arc<Scene>, loot: &Loot, interface: &usb::Interface<Bound>) -> Result {
    loot.keep(Scene::urb(scene, interface, Crime::Drop)?)
}
