// SPDX-License-Identifier: GPL-2.0

//! Crimes with pools to write with.

use super::Criminal;
use crate::scene::{
    open_the_tap,
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

/// The handler of a pool.
pub(crate) struct Producer {
    /// Drops its own pool as soon as it finds it.
    quits: bool,
    /// Part of a cycle, with the pool in it.
    scene: Arc<Scene>,
}

impl Producer {
    pub(super) fn new(scene: &Arc<Scene>, quits: bool) -> Self {
        let scene = scene.clone();
        Self { quits, scene }
    }

    fn witness(&self) {
        if self.quits {
            drop(self.scene.pool.take());
        }
        self.scene.witness();
    }
}

impl usb::PoolHandler for Producer {
    type Kind = usb::Bulk;
    type Direction = usb::Out;
    type Memory = usb::Buffer;

    fn ended(&self, _transfer: &usb::PoolTransfer<'_, Self>) {
        self.witness();
    }

    fn returned(&self) {
        self.witness();
    }
}

pub(super) fn new_pool(
    scene: &Arc<Scene>,
    interface: &usb::Interface<Bound>,
    count: usize,
    quits: bool,
) -> Result<usb::Pool<Producer>> {
    let endpoint = interface.find_endpoint().ok_or(ENXIO)?;
    usb::Pool::new(&endpoint, count, Producer::new(scene, quits), |_| {
        usb::Buffer::new(512, GFP_KERNEL)
    })
}

pub(super) fn commit(verb: &[u8], criminal: &Criminal<'_>) -> Result {
    let interface = criminal.interface();
    // Others may be pausing I/O just now.
    let _ = open_the_tap(interface);
    match verb {
        b"forget" => forget(criminal.scene, interface),
        b"quit" => quit(criminal),
        b"keep" => keep(criminal),
        b"fight" => fight(criminal),
        _ => Err(EINVAL),
    }
}

pub(super) fn submit_all(pool: &usb::Pool<Producer>, interface: &usb::Interface<Bound>) -> Result {
    while let Some(mut urb) = pool.try_take() {
        urb.fill(&[0x5a; 512])?;
        urb.submit(interface)?;
    }
    Ok(())
}

/// Forgets a pool, and some of what was taken out of it.
fn forget(scene: &Arc<Scene>, interface: &usb::Interface<Bound>) -> Result {
    let pool = new_pool(scene, interface, COUNT, false)?;
    mem::forget(pool.try_take());
    mem::forget(pool.try_take());
    submit_all(&pool, interface)?;
    mem::forget(pool);
    Ok(())
}

/// Leaves a pool to its own handler, which drops it.
fn quit(criminal: &Criminal<'_>) -> Result {
    let (scene, interface) = (criminal.scene, criminal.interface());
    let pool = new_pool(scene, interface, COUNT, true)?;
    let last = pool.try_take().ok_or(EIO)?;
    submit_all(&pool, interface)?;
    scene.pool.put(pool)?;
    // It is found now at the latest.
    last.submit(interface)?;
    criminal
        .operation
        .wait(|| scene.pool.get().is_none().then_some(()))
}

/// Keeps a URB of a pool until the file is closed; the pool itself is gone at once.
fn keep(criminal: &Criminal<'_>) -> Result {
    let pool = new_pool(criminal.scene, criminal.interface(), COUNT, false)?;
    let kept = pool.try_take().ok_or(EIO)?;
    submit_all(&pool, criminal.interface())?;
    criminal.loot.keep(kept)
}

/// Submits to, empties and replaces a pool that others do the same to.
fn fight(criminal: &Criminal<'_>) -> Result {
    let (scene, interface) = (criminal.scene, criminal.interface());
    let result = criminal.persist(|| fight_once(scene, interface));
    drop(scene.pool.take());
    result
}

fn fight_once(scene: &Arc<Scene>, interface: &usb::Interface<Bound>) -> Result {
    let turn = scene.next_turn();
    let Some(pool) = scene.pool.get() else {
        return scene
            .pool
            .put(new_pool(scene, interface, 1 + turn % COUNT, turn % 3 == 0)?);
    };
    match turn % 8 {
        0 => open_the_tap(interface),
        1..4 => submit_all(&pool, interface),
        4 => {
            pool.unlink();
            Ok(())
        }
        5 => {
            pool.kill(interface);
            Ok(())
        }
        6 => pool.wait_idle(interface, MOMENT).map(drop),
        _ => {
            drop(scene.pool.take());
            Ok(())
        }
    }
}
