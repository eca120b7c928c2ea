// SPDX-License-Identifier: GPL-2.0

//! The memory of a ring, which the program shares.

use super::layout::Layout;
use core::mem::offset_of;
use kernel::{
    mm::virt::VmaNew,
    page::PAGE_SIZE,
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Relaxed,
            Release, //
        },
        Arc, //
    },
    uapi,
    usb, //
};

/// Room for all slots that a ring can have: they are looked at in each transfer, so they lie in one
/// piece.
const MAX_NEAR: usize = 64 << 10;

/// What became of a packet.
pub(super) struct PacketReport {
    pub(super) actual: usize,
    pub(super) status: i32,
}

/// The memory: pages for the words, and slots for the data.
pub(super) struct Shared {
    layout: Layout,
    /// The first words: all of them, but for those of many packets.
    near: Arc<usb::Pages>,
    /// Page by page.
    far: KVec<Arc<usb::Pages>>,
    slots: Arc<usb::Slots>,
}

impl Shared {
    /// # Errors
    ///
    /// `ENOMEM`.
    pub(super) fn new(layout: Layout) -> Result<Self> {
        let words = layout.data_offset();
        let near = words.min(MAX_NEAR);
        let shared = Self {
            near: usb::PageBuffer::new(near)?.pages().clone(),
            far: pages((words - near) / PAGE_SIZE)?,
            slots: usb::Slots::new(layout.slots, layout.slot_size)?,
            layout,
        };
        shared.set_flags(uapi::USBPIPE_RING_NEED_KICK);
        for slot in 0..layout.slots {
            for index in 0..layout.packets {
                let offset = offset_of!(uapi::usbpipe_packet, offset);
                // CAST: Within a slot.
                let value = (index * layout.packet_size) as u32;
                shared.store(layout.packet(slot, index) + offset, value);
            }
        }
        Ok(shared)
    }

    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// What transfers move.
    pub(super) fn slots(&self) -> &Arc<usb::Slots> {
        &self.slots
    }

    /// Maps all of it.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: the mapping has another length, or is private.
    /// - `ENOMEM`.
    pub(super) fn map(&self, vma: &VmaNew) -> Result {
        if vma.end() - vma.start() != self.layout.map_length()? {
            return Err(EINVAL);
        }
        vma.set_dontexpand();
        self.near.map(vma, 0)?;
        let mut offset = self.near.mapped_length();
        for page in &self.far {
            page.map(vma, offset)?;
            offset += page.mapped_length();
        }
        self.slots.map(vma, offset)
    }

    /// Some words that lie on one page; [`None`] never, by the layout.
    #[inline]
    fn words<const N: usize>(&self, offset: usize) -> Option<&[Atomic<u32>; N]> {
        self.near
            .atomic_words(offset)
            .ok()
            .or_else(|| self.far_words(offset))
    }

    fn far_words<const N: usize>(&self, offset: usize) -> Option<&[Atomic<u32>; N]> {
        let offset = offset.checked_sub(self.near.length())?;
        let page = self.far.get(offset / PAGE_SIZE)?;
        page.atomic_words(offset % PAGE_SIZE).ok()
    }

    /// A field of `struct usbpipe_ring`.
    #[inline]
    fn field(&self, offset: usize) -> Option<&Atomic<u32>> {
        self.near.atomic_u32(offset).ok()
    }

    #[inline]
    fn set_field(&self, offset: usize, value: u32) {
        if let Some(word) = self.field(offset) {
            word.store(value, Relaxed);
        }
    }

    #[inline]
    fn load(&self, offset: usize) -> u32 {
        self.words(offset).map_or(0, |[word]| word.load(Relaxed))
    }

    #[inline]
    fn store(&self, offset: usize, value: u32) {
        if let Some([word]) = self.words(offset) {
            word.store(value, Relaxed);
        }
    }

    /// How many slots the program says that it has submitted. What it wrote before is seen after
    /// this.
    #[inline]
    pub(super) fn submitted(&self) -> u32 {
        self.field(offset_of!(uapi::usbpipe_ring, submitted))
            .map_or(0, |word| word.load(Acquire))
    }

    /// Says how many slots were completed. What was stored before is seen by a program that sees
    /// this.
    #[inline]
    pub(super) fn set_completed(&self, completed: u32) {
        if let Some(word) = self.field(offset_of!(uapi::usbpipe_ring, completed)) {
            word.store(completed, Release);
        }
    }

    pub(super) fn set_flags(&self, flags: u32) {
        self.set_field(offset_of!(uapi::usbpipe_ring, flags), flags);
    }

    pub(super) fn set_error(&self, error: i32) {
        // CAST: The same bits.
        self.set_field(offset_of!(uapi::usbpipe_ring, error), error as u32);
    }

    pub(super) fn set_late(&self, late: u32) {
        self.set_field(offset_of!(uapi::usbpipe_ring, late), late);
    }

    /// The length that the program wants a slot to have.
    #[inline]
    pub(super) fn slot_length(&self, index: usize) -> usize {
        // CAST: At least as wide.
        self.load(self.layout.slot(index) + offset_of!(uapi::usbpipe_slot, length)) as usize
    }

    /// Says how the transfer of a slot has ended.
    #[inline]
    pub(super) fn set_result(&self, index: usize, actual: usize, status: i32) {
        const ACTUAL: usize = offset_of!(uapi::usbpipe_slot, actual);
        const _: () = assert!(offset_of!(uapi::usbpipe_slot, status) == ACTUAL + size_of::<u32>());
        if let Some([first, second]) = self.words(self.layout.slot(index) + ACTUAL) {
            // CAST: At most the size of a slot.
            first.store(actual as u32, Relaxed);
            // CAST: The same bits.
            second.store(status as u32, Relaxed);
        }
    }

    /// Says what became of the packets of a slot as a whole.
    pub(super) fn set_packet_results(&self, index: usize, start_frame: i32, errors: u32) {
        let slot = self.layout.slot(index);
        let offset = offset_of!(uapi::usbpipe_slot, start_frame);
        // CAST: The same bits.
        self.store(slot + offset, start_frame as u32);
        self.store(slot + offset_of!(uapi::usbpipe_slot, errors), errors);
    }

    /// The length that the program wants a packet to have.
    pub(super) fn packet_length(&self, slot: usize, index: usize) -> usize {
        let packet = self.layout.packet(slot, index);
        // CAST: At least as wide.
        self.load(packet + offset_of!(uapi::usbpipe_packet, length)) as usize
    }

    /// Says what became of a packet.
    pub(super) fn set_packet(&self, slot: usize, index: usize, report: &PacketReport) {
        let packet = self.layout.packet(slot, index);
        let offset = offset_of!(uapi::usbpipe_packet, actual);
        // CAST: At most the size of a packet.
        self.store(packet + offset, report.actual as u32);
        let offset = offset_of!(uapi::usbpipe_packet, status);
        // CAST: The same bits.
        self.store(packet + offset, report.status as u32);
    }
}

fn pages(count: usize) -> Result<KVec<Arc<usb::Pages>>> {
    let mut pages = KVec::with_capacity(count, GFP_KERNEL)?;
    for _ in 0..count {
        let page = usb::PageBuffer::new(PAGE_SIZE)?.pages().clone();
        pages.push_within_capacity(page)?;
    }
    Ok(pages)
}
