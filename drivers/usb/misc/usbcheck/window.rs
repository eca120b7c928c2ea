// SPDX-License-Identifier: GPL-2.0

//! Two buffers that programs can map: one that transfers send, and one that they fill.

use crate::bench::PACKET;
use kernel::{
    mm::virt::VmaNew,
    new_mutex,
    prelude::*,
    sync::{
        Arc,
        Mutex, //
    },
    usb::{
        PageBuffer,
        Pages, //
    }, //
};

/// Of each buffer, in bytes: not whole pages.
pub(crate) const LENGTH: usize = 7 * PACKET;

/// One of them.
#[pin_data]
pub(crate) struct Pane {
    pub(crate) pages: Arc<Pages>,
    /// The same pages, while no transfer has them.
    #[pin]
    pub(crate) buffer: Mutex<Option<PageBuffer>>,
}

impl Pane {
    fn new() -> Result<impl PinInit<Self>> {
        let buffer = PageBuffer::new(LENGTH)?;
        Ok(pin_init!(Self {
            pages: buffer.pages().clone(),
            buffer <- new_mutex!(Some(buffer), "usbcheck::Pane::buffer"),
        }))
    }
}

/// Both, as a program sees them: one behind the other.
#[pin_data]
pub(crate) struct Window {
    #[pin]
    pub(crate) out: Pane,
    #[pin]
    pub(crate) input: Pane,
}

impl Window {
    pub(crate) fn new() -> Result<impl PinInit<Self>> {
        let (out, input) = (Pane::new()?, Pane::new()?);
        Ok(pin_init!(Self {
            out <- out,
            input <- input,
        }))
    }

    pub(crate) fn map(&self, vma: &VmaNew, offset: u64) -> Result {
        if offset != 0 {
            return Err(EINVAL);
        }
        self.out.pages.map(vma, 0)?;
        self.input.pages.map(vma, self.out.pages.mapped_length())
    }
}
