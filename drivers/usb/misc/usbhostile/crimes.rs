// SPDX-License-Identifier: GPL-2.0

//! What a program can make the driver do, by writing its name to the node, or by an ioctl of usbfs.

mod anchor;
mod cancel;
mod claim;
mod gather;
mod memory;
pub(crate) mod pool;
mod power;
pub(crate) mod queue;
mod reset;
mod transfer;
pub(crate) mod uring;
pub(crate) mod work;

pub(crate) use self::claim::{
    claim_in_probe,
    commit_locked, //
};

use crate::{
    node::Loot,
    scene::{
        never_answered,
        Crime,
        Scene, //
    }, //
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

/// Who commits a crime, and where.
pub(crate) struct Criminal<'a> {
    pub(crate) scene: &'a Arc<Scene>,
    pub(crate) loot: &'a Loot,
    pub(crate) operation: &'a usb::Operation<'a>,
}

impl<'a> Criminal<'a> {
    pub(crate) fn interface(&self) -> &'a usb::Interface<Bound> {
        self.operation.interface()
    }
}

/// Commits a crime.
///
/// # Errors
///
/// `EINVAL` if it is not known, and how it ended.
pub(crate) fn commit(name: &[u8], criminal: &Criminal<'_>) -> Result {
    let (scene, interface) = (criminal.scene, criminal.interface());
    match name {
        b"resubmit" => Scene::commit(scene, interface, Crime::Resubmit),
        b"forget" => Scene::commit(scene, interface, Crime::Forget),
        b"drop" => Scene::commit(scene, interface, Crime::Drop),
        b"never" => never_answered(interface),
        b"wait" => criminal.operation.wait(|| None),
        b"obstinate" => {
            scene.obstinate.store(true, Relaxed);
            Ok(())
        }
        b"slow" => {
            scene.slow.store(true, Relaxed);
            Ok(())
        }
        _ => {
            let (noun, verb) = split(name).ok_or(EINVAL)?;
            commit_by_noun(noun, verb, criminal)
        }
    }
}

fn commit_by_noun(noun: &[u8], verb: &[u8], criminal: &Criminal<'_>) -> Result {
    match noun {
        b"transfer" => transfer::commit(verb, criminal),
        b"queue" => queue::commit(verb, criminal),
        b"pool" => pool::commit(verb, criminal),
        b"gather" => gather::commit(verb, criminal),
        b"anchor" => anchor::commit(verb, criminal),
        b"memory" => memory::commit(verb, criminal),
        b"power" => power::commit(verb, criminal),
        b"reset" => reset::commit(verb, criminal),
        b"cancel" => cancel::commit(verb, criminal),
        b"claim" => claim::commit(verb, criminal),
        b"work" => work::commit(verb, criminal),
        _ => Err(EINVAL),
    }
}

/// The two words that most names consist of.
fn split(name: &[u8]) -> Option<(&[u8], &[u8])> {
    let blank = name.iter().position(|byte| *byte == b' ')?;
    Some((name.get(..blank)?, name.get(blank + 1..)?))
}
