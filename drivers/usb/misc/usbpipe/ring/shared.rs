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

/// What the transfers of a ring move.
pub(super) type SlotMemory = usb::Part<usb::PageBuffer>;

/// What became of a packet.
pub(super) struct PacketReport {
    pub(super) actual: usize,
    pub(super) status: i32,
}

/// The memory: pages for the words, and larger pieces for the data.
pub(super) struct Shared {
    layout: Layout,
    words: KVec<Arc<usb::Pages>>,
    data: KVec<Arc<usb::Pages>>,
}

impl Shared {
    /// # Errors
    ///
    /// `ENOMEM`.
    pub(super) fn new(layout: Layout) -> Result<Self> {
        let shared = Self {
            words: pieces(layout.data_offset() / PAGE_SIZE, PAGE_SIZE)?,
            data: pieces(layout.pieces(), layout.piece_size())?,
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

    /// The memory of a slot, for its URB.
    ///
    /// # Errors
    ///
    /// `EINVAL`: there is no such slot.
    pub(super) fn slot_memory(&self, index: usize) -> Result<SlotMemory> {
        let per_piece = self.layout.slots_per_piece();
        let piece = self.data.get(index / per_piece).ok_or(EINVAL)?;
        let start = index % per_piece * self.layout.stride();
        let range = start..start + self.layout.slot_size;
        usb::Part::new(usb::PageBuffer::share(piece), range)
    }

    /// Maps all of it.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: the mapping has another length, or is private.
    /// - `ENOMEM`.
    pub(super) fn map(&self, vma: &VmaNew) -> Result {
        if vma.end() - vma.start() != self.layout.map_length() {
            return Err(EINVAL);
        }
        vma.set_dontexpand();
        let mut offset = 0;
        for pages in [&self.words, &self.data].into_iter().flatten() {
            pages.map(vma, offset)?;
            offset += pages.mapped_length();
        }
        Ok(())
    }

    /// The word at that offset; [`None`] never, by the layout.
    #[inline]
    fn word(&self, offset: usize) -> Option<&Atomic<u32>> {
        let page = self.words.get(offset / PAGE_SIZE)?;
        page.atomic_u32(offset % PAGE_SIZE).ok()
    }

    #[inline]
    fn load(&self, offset: usize) -> u32 {
        self.word(offset).map_or(0, |word| word.load(Relaxed))
    }

    #[inline]
    fn store(&self, offset: usize, value: u32) {
        if let Some(word) = self.word(offset) {
            word.store(value, Relaxed);
        }
    }

    /// How many slots the program says that it has submitted. What it wrote before is seen after
    /// this.
    #[inline]
    pub(super) fn submitted(&self) -> u32 {
        self.word(offset_of!(uapi::usbpipe_ring, submitted))
            .map_or(0, |word| word.load(Acquire))
    }

    /// Says how many slots were completed. What was stored before is seen by a program that sees
    /// this.
    #[inline]
    pub(super) fn set_completed(&self, completed: u32) {
        if let Some(word) = self.word(offset_of!(uapi::usbpipe_ring, completed)) {
            word.store(completed, Release);
        }
    }

    pub(super) fn set_flags(&self, flags: u32) {
        self.store(offset_of!(uapi::usbpipe_ring, flags), flags);
    }

    pub(super) fn set_error(&self, error: i32) {
        // CAST: The same bits.
        self.store(offset_of!(uapi::usbpipe_ring, error), error as u32);
    }

    pub(super) fn set_late(&self, late: u32) {
        self.store(offset_of!(uapi::usbpipe_ring, late), late);
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
        let slot = self.layout.slot(index);
        // CAST: At most the size of a slot.
        let actual = actual as u32;
        self.store(slot + offset_of!(uapi::usbpipe_slot, actual), actual);
        // CAST: The same bits.
        let status = status as u32;
        self.store(slot + offset_of!(uapi::usbpipe_slot, status), status);
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

fn pieces(count: usize, length: usize) -> Result<KVec<Arc<usb::Pages>>> {
    let mut pieces = KVec::with_capacity(count, GFP_KERNEL)?;
    for _ in 0..count {
        let pages = usb::PageBuffer::new(length)?.pages().clone();
        pieces.push_within_capacity(pages)?;
    }
    Ok(pieces)
}
