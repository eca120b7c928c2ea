// SPDX-License-Identifier: GPL-2.0

//! Crimes with queues that read.

use super::Criminal;
use crate::scene::{
    open_the_tap,
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

/// What the handler of a queue does.
#[derive(Clone, Copy)]
pub(super) enum Manner {
    /// Reads for ever.
    Read,
    /// Holds everything.
    Hoard,
    /// Drops its own queue as soon as it finds it.
    Quit,
}

/// The handler of a queue.
pub(crate) struct Consumer {
    manner: Manner,
    /// Part of a cycle, with the queue in it.
    scene: Arc<Scene>,
}

impl Consumer {
    pub(super) fn new(scene: &Arc<Scene>, manner: Manner) -> Self {
        let scene = scene.clone();
        Self { manner, scene }
    }

    fn witness(&self) {
        if let Manner::Quit = self.manner {
            drop(self.scene.queue.take());
        }
        self.scene.witness();
    }
}

impl usb::QueueHandler for Consumer {
    type Kind = usb::Bulk;
    type Direction = usb::In;
    type Memory = usb::Buffer;

    fn complete(&self, _transfer: &mut usb::QueueTransfer<'_, Self>) -> usb::Next {
        self.witness();
        match self.manner {
            Manner::Hoard => usb::Next::Hold,
            Manner::Read | Manner::Quit => usb::Next::Resubmit,
        }
    }

    // Who hoards waits for this: in `complete` it is not there yet.
    fn held(&self) {
        self.scene.witness();
    }

    fn stopped(&self, _error: usb::TransferError) {
        self.witness();
    }
}

pub(super) fn new_queue(
    scene: &Arc<Scene>,
    interface: &usb::Interface<Bound>,
    count: usize,
    manner: Manner,
) -> Result<usb::Queue<Consumer>> {
    let endpoint = interface.find_endpoint().ok_or(ENXIO)?;
    usb::Queue::new(&endpoint, count, Consumer::new(scene, manner), |_| {
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
        b"hoard" => hoard(criminal).map(drop),
        b"keep" => keep(criminal),
        b"fight" => fight(criminal),
        _ => Err(EINVAL),
    }
}

/// Forgets a queue that is running.
fn forget(scene: &Arc<Scene>, interface: &usb::Interface<Bound>) -> Result {
    let queue = new_queue(scene, interface, COUNT, Manner::Read)?;
    queue.start(interface)?;
    mem::forget(queue);
    Ok(())
}

/// Leaves a queue to its own handler, which drops it.
fn quit(criminal: &Criminal<'_>) -> Result {
    let (scene, interface) = (criminal.scene, criminal.interface());
    let queue = new_queue(scene, interface, COUNT, Manner::Quit)?;
    queue.start(interface)?;
    scene.queue.put(queue)?;
    criminal
        .operation
        .wait(|| scene.queue.get().is_none().then_some(()))
}

/// Waits until all that a queue has is held, and lets it be.
fn hoard(criminal: &Criminal<'_>) -> Result<Arc<usb::Queue<Consumer>>> {
    let (scene, interface) = (criminal.scene, criminal.interface());
    let queue = new_queue(scene, interface, COUNT, Manner::Hoard)?;
    queue.start(interface)?;
    let queue = Arc::new(queue, GFP_KERNEL)?;
    criminal
        .operation
        .wait(|| (queue.held_count() == COUNT).then_some(()))?;
    // It is reached from what it reaches, for ever.
    mem::forget(queue.clone());
    Ok(queue)
}

/// Takes what is held, forgets some of it, and keeps one until the file is closed.
fn keep(criminal: &Criminal<'_>) -> Result {
    let queue = hoard(criminal)?;
    for _ in 0..2 {
        mem::forget(queue.take_held());
    }
    let kept = queue.take_held().ok_or(EIO)?;
    criminal.loot.keep(kept)?;
    queue.release(criminal.interface())
}

/// Starts, stops, empties and replaces a queue that others do the same to.
fn fight(criminal: &Criminal<'_>) -> Result {
    let (scene, interface) = (criminal.scene, criminal.interface());
    let result = criminal.persist(|| fight_once(scene, interface));
    drop(scene.queue.take());
    result
}

fn fight_once(scene: &Arc<Scene>, interface: &usb::Interface<Bound>) -> Result {
    let turn = scene.next_turn();
    let Some(queue) = scene.queue.get() else {
        return scene
            .queue
            .put(new_queue(scene, interface, 1 + turn % COUNT, Manner::Read)?);
    };
    match turn % 9 {
        0 => scene.queue.put(new_queue(
            scene,
            interface,
            1 + turn % COUNT,
            Manner::Hoard,
        )?),
        1 => open_the_tap(interface),
        2 | 3 => queue.start(interface),
        4 => queue
            .take_held()
            .map_or(Ok(()), |held| held.resubmit(interface)),
        5 => {
            queue
                .take_held()
                .into_iter()
                .for_each(|held| held.put_back());
            Ok(())
        }
        6 => queue.release(interface),
        7 => {
            queue.stop(interface);
            Ok(())
        }
        _ => {
            drop(scene.queue.take());
            Ok(())
        }
    }
}
