// SPDX-License-Identifier: GPL-2.0

//! What a program can make the driver do, by writing its name to the node, or by an ioctl of usbfs.

mod anchor;
mod asleep;
mod cancel;
mod claim;
mod device;
mod gather;
mod hoard;
mod kind;
mod locked;
mod memory;
pub(crate) mod pool;
mod power;
mod probe;
pub(crate) mod queue;
mod reset;
mod stream;
mod transfer;
pub(crate) mod uring;
pub(crate) mod work;

pub(crate) use self::{
    claim::claim_in_probe,
    locked::commit_locked,
    probe::commit_in_probe, //
};

use crate::{
    deeds::Deed,
    node::Loot,
    scene::{
        never_answered,
        until_unbound,
        Crime,
        Scene, //
    }, //
};
use core::ops::ControlFlow;
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
    pub(crate) deed: &'static Deed,
}

impl<'a> Criminal<'a> {
    pub(crate) fn interface(&self) -> &'a usb::Interface<Bound> {
        self.operation.interface()
    }

    /// Does it again and again until the driver is unbound, and counts how often it goes well.
    pub(crate) fn persist(&self, mut crime: impl FnMut() -> Result) -> Result {
        until_unbound(self.interface(), || {
            crime()?;
            self.deed.count();
            Ok(ControlFlow::Continue(()))
        })
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
        b"never" => {
            criminal.deed.count();
            never_answered(interface)
        }
        b"wait" => {
            criminal.deed.count();
            criminal.operation.wait(|| None)
        }
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
        b"asleep" => asleep::commit(verb, criminal),
        b"kind" => kind::commit(verb, criminal),
        b"queue" => queue::commit(verb, criminal),
        b"pool" => pool::commit(verb, criminal),
        b"gather" => gather::commit(verb, criminal),
        b"anchor" => anchor::commit(verb, criminal),
        b"memory" => memory::commit(verb, criminal),
        b"hoard" => hoard::commit(verb, criminal),
        b"device" => device::commit(verb, criminal),
        b"stream" => stream::commit(verb, criminal),
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
