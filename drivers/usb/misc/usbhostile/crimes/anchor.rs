// SPDX-License-Identifier: GPL-2.0

//! Crimes with anchors.

use super::Criminal;
use crate::scene::{
    open_the_tap,
    Crime,
    Scene,
    COUNT,
    MOMENT, //
};
use core::mem;
use kernel::{
    device::Bound,
    prelude::*,
    sync::Arc,
    usb, //
};

pub(super) fn commit(verb: &[u8], criminal: &Criminal<'_>) -> Result {
    let interface = criminal.interface();
    // Others may be pausing I/O just now.
    let _ = open_the_tap(interface);
    match verb {
        b"forget" => forget(criminal.scene, interface),
        b"fight" => fight(criminal),
        _ => Err(EINVAL),
    }
}

fn submit(
    scene: &Arc<Scene>,
    interface: &usb::Interface<Bound>,
    anchor: &usb::Anchor,
    crime: Crime,
) -> Result {
    for _ in 0..COUNT {
        let mut urb = Scene::urb(scene, interface, crime)?;
        urb.set_anchor(anchor);
        urb.submit(interface)?;
    }
    Ok(())
}

/// Forgets an anchor with transfers that resubmit themselves.
fn forget(scene: &Arc<Scene>, interface: &usb::Interface<Bound>) -> Result {
    let anchor = usb::Anchor::new()?;
    submit(scene, interface, &anchor, Crime::Resubmit)?;
    mem::forget(anchor);
    Ok(())
}

/// Fills and empties an anchor, poisons it and unpoisons it, as others do.
fn fight(criminal: &Criminal<'_>) -> Result {
    let (scene, interface) = (criminal.scene, criminal.interface());
    criminal.persist(|| fight_once(scene, interface))
}

fn fight_once(scene: &Arc<Scene>, interface: &usb::Interface<Bound>) -> Result {
    let (turn, anchor) = (scene.next_turn(), &scene.anchor);
    match turn % 10 {
        0 => open_the_tap(interface)?,
        1..4 => submit(scene, interface, anchor, Crime::Drop)?,
        4 => anchor.kill(interface),
        5 => anchor.poison(interface),
        6 => anchor.block(),
        7 => anchor.unlink(),
        8 => drop(anchor.wait_empty(interface, MOMENT)?),
        _ => anchor.unpoison(),
    }
    Ok(())
}
