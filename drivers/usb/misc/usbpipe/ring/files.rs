// SPDX-License-Identifier: GPL-2.0

//! The rings of an open file, and its ioctls. No other file can touch them.

use super::{
    recovery::Operations,
    setup,
    table::Table, //
};
use crate::user;
use core::mem;
use kernel::{
    device::Bound,
    mm::virt::VmaNew,
    new_mutex,
    prelude::*,
    sync::{
        Arc,
        Mutex, //
    },
    uapi,
    usb, //
};

/// The rings of an open file. Dropping them frees them.
#[pin_data(PinnedDrop)]
pub(crate) struct Rings {
    table: Arc<Table>,
    #[pin]
    rings: Mutex<KVec<Arc<dyn Operations>>>,
}

impl Rings {
    pub(crate) fn new(table: Arc<Table>) -> impl PinInit<Self> {
        pin_init!(Self {
            table,
            rings <- new_mutex!(KVec::new(), "usbpipe::Rings::rings"),
        })
    }

    fn find(&self, is_it: impl Fn(&dyn Operations) -> bool) -> Option<Arc<dyn Operations>> {
        let rings = self.rings.lock();
        rings.iter().find(|ring| is_it(&***ring)).cloned()
    }

    /// `USBPIPE_IOC_RING_SETUP`: makes a ring.
    ///
    /// # Errors
    ///
    /// - `EFAULT`: the argument cannot be read or written.
    /// - `EINVAL`: a reserved field is not zero, a number is out of its range or not for that type
    ///   of endpoint, or a slot of an IN endpoint is not a number of whole packets.
    /// - `EMSGSIZE`: a slot or a packet is larger than a transfer, or than what the endpoint moves.
    /// - `ENXIO`: there is no such endpoint.
    /// - `EBUSY`: the endpoint is being used.
    /// - `ENOBUFS`: there is no memory left of what the node or the module may take.
    /// - `ENODEV`, `ENOMEM`.
    pub(crate) fn setup(&self, operation: &usb::Operation<'_>, arg: usize) -> Result {
        let mut setup = user::get::<uapi::usbpipe_ring_setup>(arg)?;
        let address = setup.endpoint;
        let interface = operation.interface();
        let ring = setup::open(&self.table, interface, &mut setup)?;
        let added = self.add(&ring);
        let told = added.and_then(|()| user::put(arg, setup.as_bytes()));
        if told.is_err() {
            self.take(address);
            ring.free(Some(interface));
        }
        told
    }

    fn add(&self, ring: &Arc<dyn Operations>) -> Result {
        let mut rings = self.rings.lock();
        rings.reserve(1, GFP_KERNEL)?;
        self.table.add(ring.clone())?;
        Ok(rings.push_within_capacity(ring.clone())?)
    }

    fn take(&self, address: u8) -> Option<Arc<dyn Operations>> {
        let mut rings = self.rings.lock();
        let index = rings.iter().position(|ring| ring.address() == address);
        let ring = index.and_then(|index| rings.remove(index).ok())?;
        self.table.remove(address);
        Some(ring)
    }

    /// `USBPIPE_IOC_RING_ENTER`: starts what was submitted, and waits.
    ///
    /// # Errors
    ///
    /// - `EFAULT`: the argument cannot be read or written.
    /// - `EINVAL`: a reserved field is not zero, a flag or the timeout is not allowed, or what is
    ///   waited for was not submitted.
    /// - `ENOENT`: the file has no ring of that endpoint.
    /// - `ENODEV`: the device is gone.
    /// - `ETIMEDOUT`: the time is over.
    /// - `EINTR`: there is a signal.
    /// - `usbpipe_ring.error`: the ring has stopped.
    /// - With `USBPIPE_RING_ENTER_RESTART`: those of clearing a halt.
    pub(crate) fn enter(&self, operation: &usb::Operation<'_>, arg: usize) -> Result {
        user::update(arg, |enter: &mut uapi::usbpipe_ring_enter| {
            let flags = u32::from(enter.flags) & !uapi::USBPIPE_RING_ENTER_RESTART;
            let reserved = enter.reserved != 0 || enter.reserved0 != 0;
            if reserved || flags != 0 || enter.timeout_ms > uapi::USBPIPE_MAX_TIMEOUT {
                return Err(EINVAL);
            }
            let ring = self.find(|ring| ring.address() == enter.endpoint);
            ring.ok_or(ENOENT)?.enter(operation, enter)
        })
    }

    /// `USBPIPE_IOC_RING_FREE`: ends a ring. Its memory stays where it is mapped.
    ///
    /// # Errors
    ///
    /// - `EFAULT`: the argument cannot be read.
    /// - `ENOENT`: the file has no ring of that endpoint.
    pub(crate) fn free(&self, operation: &usb::Operation<'_>, arg: usize) -> Result {
        let address = u8::try_from(user::get::<u32>(arg)?).map_err(|_| ENOENT)?;
        let ring = self.take(address).ok_or(ENOENT)?;
        ring.free(Some(operation.interface()));
        Ok(())
    }

    /// `mmap()`: maps the memory of a ring.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: no ring has that offset, the length is another one, or the mapping is private.
    /// - `ENOMEM`.
    pub(crate) fn map(&self, vma: &VmaNew, offset: u64) -> Result {
        let ring = self.find(|ring| ring.map_offset() == offset);
        ring.ok_or(EINVAL)?.map(vma)
    }

    /// Whether the file has any.
    pub(crate) fn exist(&self) -> bool {
        !self.rings.lock().is_empty()
    }

    /// What `poll()` says of all of them together.
    pub(crate) fn poll(&self) -> usb::PollEvents {
        let rings = self.rings.lock();
        rings
            .iter()
            .fold(usb::PollEvents::NONE, |all, ring| all.with(ring.poll()))
    }

    /// The file is closed: nothing of its rings is in flight any more when this returns.
    pub(crate) fn release(&self, interface: Option<&usb::Interface<Bound>>) {
        let rings = mem::take(&mut *self.rings.lock());
        for ring in rings {
            self.table.remove(ring.address());
            ring.free(interface);
        }
    }
}

#[pinned_drop]
impl PinnedDrop for Rings {
    fn drop(self: Pin<&mut Self>) {
        self.release(None);
    }
}
