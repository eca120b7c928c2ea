// SPDX-License-Identifier: GPL-2.0

//! Where things lie in the memory of a ring.
//!
//! First `struct usbpipe_ring`, then the slots, then the packets, all in 32-bit words that the
//! program and the driver share; then, from the next page on, the data of the slots.

use kernel::{
    page::PAGE_SIZE,
    prelude::*,
    uapi,
    usb, //
};

pub(super) const RING_SIZE: usize = size_of::<uapi::usbpipe_ring>();
pub(super) const SLOT_SIZE: usize = size_of::<uapi::usbpipe_slot>();
pub(super) const PACKET_SIZE: usize = size_of::<uapi::usbpipe_packet>();

/// What is taken beside the memory that is mapped, roughly: for a URB, and for each of its packets.
const URB_BYTES: usize = 512;
const URB_PACKET_BYTES: usize = 32;

const MAX_TRANSFER: usize = uapi::USBPIPE_MAX_TRANSFER as usize;

/// The numbers of a ring; none of them is changed by the program.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    /// bEndpointAddress.
    pub(super) address: u8,
    /// A power of two.
    pub(super) slots: usize,
    pub(super) depth: usize,
    /// Bytes of a transfer at most.
    pub(super) slot_size: usize,
    /// Isochronous packets of a slot, otherwise 0.
    pub(super) packets: usize,
    /// Bytes of each at most.
    pub(super) packet_size: usize,
}

impl Layout {
    /// What a program asks for, of an endpoint that there is.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: a number is out of its range, or not for that type of endpoint.
    /// - `EMSGSIZE`: a slot or a packet is larger than a transfer, or than what the endpoint moves.
    pub(super) fn new(
        setup: &uapi::usbpipe_ring_setup,
        endpoint: &usb::EndpointDescriptor,
        speed: usb::Speed,
    ) -> Result<Self> {
        check_reserved(setup)?;
        check_counts(setup)?;
        let mut layout = Self {
            address: setup.endpoint,
            slots: setup.slots as usize,
            depth: match setup.depth {
                0 => setup.slots as usize,
                depth => depth as usize,
            },
            slot_size: setup.slot_size as usize,
            packets: setup.packets as usize,
            packet_size: setup.packet_size as usize,
        };
        match endpoint.kind() {
            usb::TransferKind::Isochronous => {
                layout.size_packets(endpoint.bytes_per_interval(speed) as usize)?
            }
            usb::TransferKind::Control => return Err(EINVAL),
            _ => layout.check_slot(endpoint)?,
        }
        match layout.slot_size {
            0..=MAX_TRANSFER => Ok(layout),
            _ => Err(EMSGSIZE),
        }
    }

    fn check_slot(&self, endpoint: &usb::EndpointDescriptor) -> Result {
        let packet = usize::from(endpoint.max_packet());
        let ragged = self.slot_size.checked_rem(packet) != Some(0);
        if self.slot_size == 0 || self.packets != 0 || self.packet_size != 0 {
            return Err(EINVAL);
        }
        match endpoint.is_in() && ragged {
            true => Err(EINVAL),
            false => Ok(()),
        }
    }

    fn size_packets(&mut self, limit: usize) -> Result {
        let most = uapi::USBPIPE_RING_MAX_PACKETS as usize;
        if self.slot_size != 0 || self.packets == 0 || self.packets > most {
            return Err(EINVAL);
        }
        if self.packet_size > limit {
            return Err(EMSGSIZE);
        }
        if self.packet_size == 0 {
            self.packet_size = limit;
        }
        self.slot_size = self.packets * self.packet_size;
        Ok(())
    }

    /// Where a slot lies.
    #[inline]
    pub(super) fn slot(&self, index: usize) -> usize {
        RING_SIZE + index * SLOT_SIZE
    }

    fn packets_offset(&self) -> usize {
        self.slot(self.slots)
    }

    /// Where a packet of a slot lies.
    pub(super) fn packet(&self, slot: usize, index: usize) -> usize {
        self.packets_offset() + (slot * self.packets + index) * PACKET_SIZE
    }

    /// Bytes in front of the data: whole pages.
    pub(super) fn data_offset(&self) -> usize {
        self.packet(self.slots, 0).next_multiple_of(PAGE_SIZE)
    }

    /// Bytes from the data of a slot to that of the next.
    ///
    /// # Errors
    ///
    /// `EINVAL`: slots are empty, as where an isochronous endpoint moves nothing.
    fn stride(&self) -> Result<usize> {
        usb::Slots::stride_of(self.slot_size)
    }

    /// Bytes of a mapping.
    ///
    /// # Errors
    ///
    /// As [`stride`](Layout::stride).
    pub(super) fn map_length(&self) -> Result<usize> {
        let data = usb::Slots::mapped_length_of(self.slots, self.slot_size)?;
        Ok(self.data_offset() + data)
    }

    /// All that the ring takes.
    ///
    /// # Errors
    ///
    /// As [`stride`](Layout::stride).
    pub(super) fn memory(&self) -> Result<usize> {
        let data = usb::Slots::memory_of(self.slots, self.slot_size)?;
        let urbs = self.depth * (URB_BYTES + self.packets * URB_PACKET_BYTES);
        Ok(self.data_offset() + data + urbs)
    }

    /// The offset for `mmap()`: one for each endpoint, below 2 GiB for the sake of programs whose
    /// file offsets have 32 bits.
    pub(super) fn map_offset(&self) -> u64 {
        const DIRECTION_IN: u8 = 0x80;
        let direction = u64::from(self.address & DIRECTION_IN) >> 3;
        (direction | u64::from(self.address & 0x0f)) << 26
    }

    /// What the program has to know.
    ///
    /// # Errors
    ///
    /// As [`stride`](Layout::stride).
    pub(super) fn describe(&self, setup: &mut uapi::usbpipe_ring_setup) -> Result {
        // CAST: At most 1024 slots, of 1 MiB of data, 128 packets and a few words each.
        setup.slots_offset = self.slot(0) as u32;
        setup.packets_offset = match self.packets {
            0 => 0,
            // CAST: As above.
            _ => self.packets_offset() as u32,
        };
        // CAST: As above.
        setup.data_offset = self.data_offset() as u32;
        // CAST: As above.
        setup.stride = self.stride()? as u32;
        setup.map_offset = self.map_offset();
        // CAST: As above.
        setup.map_length = self.map_length()? as u64;
        Ok(())
    }
}

fn check_reserved(setup: &uapi::usbpipe_ring_setup) -> Result {
    match setup.reserved == 0 && setup.reserved0 == [0; 3] {
        true => Ok(()),
        false => Err(EINVAL),
    }
}

fn check_counts(setup: &uapi::usbpipe_ring_setup) -> Result {
    let range = uapi::USBPIPE_RING_MIN_SLOTS..=uapi::USBPIPE_RING_MAX_SLOTS;
    if !range.contains(&setup.slots) || !setup.slots.is_power_of_two() {
        return Err(EINVAL);
    }
    match setup.depth <= setup.slots {
        true => Ok(()),
        false => Err(EINVAL),
    }
}

#[kunit_tests(rust_usbpipe_ring_layout)]
mod tests {
    use super::*;

    fn layout(slots: usize, slot_size: usize, packets: usize) -> Layout {
        Layout {
            address: 0x81,
            slots,
            depth: slots,
            slot_size,
            packets,
            packet_size: slot_size.checked_div(packets).unwrap_or(0),
        }
    }

    #[test]
    fn nothing_overlaps() -> Result {
        for (slots, size, packets) in [
            (2, 512, 0),
            (1024, 1 << 20, 0),
            (1024, 128 * 3, 128),
            (8, 3 * 192, 3),
        ] {
            let layout = layout(slots, size, packets);
            assert_eq!(layout.slot(0), 128);
            assert!(layout.packet(0, 0) >= layout.slot(slots - 1) + SLOT_SIZE);
            assert!(layout.data_offset() >= layout.packet(slots, 0));
            assert_eq!(layout.data_offset() % PAGE_SIZE, 0);
            let (stride, map_length) = (layout.stride()?, layout.map_length()?);
            let end = layout.data_offset() + slots * stride;
            assert!(map_length >= end && stride >= size);
            assert_eq!(map_length % PAGE_SIZE, 0);
            assert!(layout.memory()? > map_length);
        }
        Ok(())
    }

    #[test]
    fn empty_slots_are_none() {
        let layout = layout(2, 0, 0);
        assert_eq!(layout.stride(), Err(EINVAL));
        assert_eq!(layout.map_length(), Err(EINVAL));
        assert_eq!(layout.memory(), Err(EINVAL));
    }

    #[test]
    fn no_entry_crosses_a_page() {
        let layout = layout(1024, 100 * 7, 7);
        for slot in 0..1024 {
            let entry = layout.slot(slot);
            assert_eq!(entry / PAGE_SIZE, (entry + SLOT_SIZE - 1) / PAGE_SIZE);
            let entry = layout.packet(slot, slot % 7);
            assert_eq!(entry / PAGE_SIZE, (entry + PACKET_SIZE - 1) / PAGE_SIZE);
        }
    }

    #[test]
    fn each_endpoint_has_an_offset_below_2_gib() {
        let offsets = [0x01, 0x0f, 0x81, 0x8f].map(|address| {
            let layout = Layout {
                address,
                ..layout(2, 512, 0)
            };
            layout.map_offset()
        });
        assert!(offsets.is_sorted() && offsets[1] != offsets[2]);
        assert!(offsets
            .iter()
            .all(|offset| *offset < 1 << 31 && offset % (1 << 26) == 0));
    }
}
