// SPDX-License-Identifier: GPL-2.0

//! Crimes with cancellers: several threads use the same one.

use super::Criminal;
use crate::scene::{
    Crime,
    Scene, //
};
use kernel::{
    device::Bound,
    prelude::*,
    sync::Arc,
    usb, //
};

pub(super) fn commit(verb: &[u8], criminal: &Criminal<'_>) -> Result {
    let (scene, interface) = (criminal.scene, criminal.interface());
    match verb {
        b"fight" => criminal.persist(|| fight_once(scene, interface)),
        _ => Err(EINVAL),
    }
}

/// Poisons, blocks and kills what others make possible again.
fn fight_once(scene: &Arc<Scene>, interface: &usb::Interface<Bound>) -> Result {
    let turn = scene.next_turn() % 64;
    if turn == 0 {
        return exchange(scene, interface);
    }
    let canceller = scene.canceller.get().ok_or(ENXIO)?;
    match turn % 8 {
        0 => canceller.kill(interface)?,
        1 | 2 => canceller.poison(interface)?,
        3 => canceller.block(),
        4 => drop(canceller.unlink()),
        _ => canceller.unpoison(),
    }
    Ok(())
}

/// Begins with another transfer, which its handler begins anew for as long as it may.
fn exchange(scene: &Arc<Scene>, interface: &usb::Interface<Bound>) -> Result {
    let urb = Scene::urb(scene, interface, Crime::go_on())?;
    scene.canceller.put(urb.canceller())?;
    urb.submit(interface)?;
    Ok(())
}
