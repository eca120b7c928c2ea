// SPDX-License-Identifier: GPL-2.0

//! What a program can make the driver do, by writing its name to the node.

use crate::{
    node::Loot,
    scene::{
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

/// Commits a crime.
///
/// # Errors
///
/// `EINVAL` if it is not known, and how it ended.
pub(crate) fn commit(
    name: &[u8],
    scene: &Arc<Scene>,
    loot: &Loot,
    operation: &usb::Operation<'_>,
) -> Result {
    let interface = operation.interface();
    match name {
        b"resubmit" => Scene::commit(scene, interface, Crime::Resubmit),
        b"forget" => Scene::commit(scene, interface, Crime::Forget),
        b"drop" => Scene::commit(scene, interface, Crime::Drop),
        b"flood" => submit_for_ever(scene, operation),
        b"hammer" => submit_whatever_happens(scene, operation),
        b"switch" => switch_altsettings(interface),
        b"hoard" => forget_one_of_each(scene, interface),
        b"keep" => keep(scene, loot, operation),
        b"never" => never_answered(interface),
        b"wait" => operation.wait(|| None),
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

/// Submits until the driver is unbound, also while the device is suspended, being reset, or
/// changing its endpoints.
fn submit_whatever_happens(scene: &Arc<Scene>, operation: &usb::Operation<'_>) -> Result {
    loop {
        match submit_a_few(scene, operation) {
            // No endpoints now, or not those of a moment ago; or I/O is paused.
            Ok(()) | Err(ENXIO | ESTALE | EHOSTUNREACH | EPERM) => (),
            Err(error) => return Err(error),
        }
    }
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

/// Changes the altsetting back and forth until the driver is unbound.
fn switch_altsettings(interface: &usb::Interface<Bound>) -> Result {
    loop {
        for altsetting in [1, 0] {
            match interface.settings().and_then(|mut s| s.set(altsetting)) {
                Ok(()) | Err(EBUSY | EHOSTUNREACH) => (),
                Err(error) => return Err(error),
            }
        }
    }
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
    mem::forget(interface.settings());
    Ok(())
}

/// Keeps a URB until the file is closed, which may be long after the device is gone.
fn keep(scene: &Arc<Scene>, loot: &Loot, operation: &usb::Operation<'_>) -> Result {
    let urb = Scene::urb(scene, operation.interface(), Crime::Drop)?;
    *loot.kept.lock() = Some(urb);
    Ok(())
}

/// Asks the reference device for something that it does not answer, and gives it a minute.
pub(crate) fn never_answered(interface: &usb::Interface<Bound>) -> Result {
    const NEVER_ANSWER: u8 = 8;
    let request =
        usb::ControlRequest::<usb::In>::vendor(usb::Recipient::Device, NEVER_ANSWER, 0, 0);
    let buffer = usb::Buffer::new(8, GFP_KERNEL)?;
    let minute = usb::Timeout::from_millis::<60_000>();
    interface.control(&request, buffer, minute)?.result?;
    Ok(())
}
