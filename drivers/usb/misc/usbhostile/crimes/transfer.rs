// SPDX-License-Identifier: GPL-2.0

//! Crimes with single transfers and altsettings.

use super::Criminal;
use crate::{
    node::Loot,
    scene::{
        never_answered,
        until_unbound,
        Crime,
        Scene, //
    }, //
};
use core::{
    mem,
    ops::ControlFlow, //
};
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
        b"flood" => submit_for_ever(scene, operation),
        b"hammer" => submit_whatever_happens(scene, operation),
        b"switch" => switch_altsettings(scene, interface),
        b"hoard" => forget_one_of_each(scene, interface),
        b"never" => until_unbound(interface, || {
            never_answered(interface)?;
            Ok(ControlFlow::Continue(()))
        }),
        b"keep" => keep(scene, criminal.loot, interface),
        _ => Err(EINVAL),
    }
}

/// Submits until it is refused, with so many in flight that cancelling them takes its time.
fn submit_for_ever(scene: &Arc<Scene>, operation: &usb::Operation<'_>) -> Result {
    let interface = operation.interface();
    let mut submitted = scene.completions.load(Relaxed);
    loop {
        operation.wait(|| {
            let in_flight = submitted.wrapping_sub(scene.completions.load(Relaxed));
            (in_flight < FLOOD).then_some(())
        })?;
        Scene::urb(scene, interface, Crime::Drop)?.submit(interface)?;
        submitted += 1;
    }
}

/// Submits whatever happens, and waits for some of it.
fn submit_whatever_happens(scene: &Arc<Scene>, operation: &usb::Operation<'_>) -> Result {
    until_unbound(operation.interface(), || {
        submit_a_few(scene, operation)?;
        Ok(ControlFlow::Continue(()))
    })
}

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
    until_unbound(interface, || {
        let altsetting = u8::from(scene.next_turn() % 2 == 0);
        interface.settings()?.set(altsetting)?;
        Ok(ControlFlow::Continue(()))
    })
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
    // Not every controller has any, nor does every device.
    mem::forget(interface.alloc_streams(&[0x81], 4));
    mem::forget(interface.settings());
    mem::forget(interface.power()?.hold()?);
    Ok(())
}

/// Keeps a URB until the file is closed, which may be long after the device is gone.
fn keep(scene: &Arc<Scene>, loot: &Loot, interface: &usb::Interface<Bound>) -> Result {
    loot.keep(Scene::urb(scene, interface, Crime::Drop)?)
}
