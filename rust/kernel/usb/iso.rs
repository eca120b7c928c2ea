// SPDX-License-Identifier: GPL-2.0

//! Isochronous transfers: packets at fixed times, each with a fate of its own.
//!
//! C reference: [`Documentation/driver-api/usb/URB.rst`], "How to submit an isochronous URB".
//!
//! [`Documentation/driver-api/usb/URB.rst`]: srctree/Documentation/driver-api/usb/URB.rst

use super::{
    completed::{
        check_outcome,
        Completed, //
    },
    endpoint::{
        Direction,
        Endpoint,
        In,
        Isochronous, //
    },
    flag::Asap,
    memory::Memory,
    urb::Urb,
    Handler,
    TransferError, //
};
use crate::{
    bindings,
    prelude::*, //
};
use core::ops::Range;

/// How the packets of a transfer lie in its memory: at a fixed distance, each with a length.
///
/// It is ours: what the host controller driver makes of its copy is never believed.
///
/// # Invariants
///
/// - No length is more than `stride`.
/// - `stride` times the number of lengths is at most the length of the URB's memory.
pub(super) struct Packets {
    stride: usize,
    lengths: KVec<u32>,
}

impl Packets {
    /// The largest number of packets: what also USB/IP allows.
    const MAX_COUNT: usize = 1024;

    /// For transfers that have no packets of their own.
    pub(super) const NONE: Self = Self {
        stride: 0,
        lengths: KVec::new(),
    };

    /// `count` packets of `stride` bytes in `memory` bytes.
    fn new(count: usize, stride: usize, memory: usize) -> Result<Self> {
        let total = stride.checked_mul(count).ok_or(EINVAL)?;
        if count == 0 || count > Self::MAX_COUNT || total > memory {
            return Err(EINVAL);
        }
        let length = u32::try_from(stride).map_err(|_| EINVAL)?;
        // INVARIANT: The product was just checked; all lengths are the stride.
        Ok(Self {
            stride,
            lengths: KVec::from_elem(length, count, GFP_KERNEL)?,
        })
    }

    pub(super) fn count(&self) -> usize {
        self.lengths.len()
    }

    fn set_length(&mut self, index: usize, length: usize) -> Result {
        let slot = self.lengths.get_mut(index).ok_or(EINVAL)?;
        if length > self.stride {
            return Err(EINVAL);
        }
        // INVARIANT: Just checked.
        // CAST: At most the stride, which is a `u32`.
        *slot = length as u32;
        Ok(())
    }

    /// The bytes of a packet that moved `actual` of them.
    fn range(&self, index: usize, actual: usize) -> Range<usize> {
        let start = index * self.stride;
        start..start + actual
    }

    /// Writes the layout into a URB. Host controller drivers were seen to change all of it.
    ///
    /// # Safety
    ///
    /// `urb` must be valid, idle, and allocated for that number of packets.
    pub(super) unsafe fn write(&self, urb: *mut bindings::urb) {
        // SAFETY: The URB is valid and idle.
        // CAST: At most `MAX_COUNT`.
        unsafe { (*urb).number_of_packets = self.count() as c_int };
        for (index, length) in self.lengths.iter().enumerate() {
            // SAFETY: The URB has room for all packets.
            unsafe {
                let packet = (*urb).iso_frame_desc.as_mut_ptr().add(index);
                // CAST: Within the memory, whose length is less than 2^31.
                (*packet).offset = (index * self.stride) as u32;
                (*packet).length = *length;
            }
        }
    }
}

/// What became of one packet.
///
/// # Examples
///
/// ```
/// use kernel::usb::{Packet, TransferError};
///
/// /// Bytes that arrived in packets that ended well.
/// fn received(packets: impl Iterator<Item = Packet>) -> usize {
///     packets.filter(|packet| packet.result.is_ok()).map(|packet| packet.actual_length).sum()
/// }
///
/// let good = Packet { result: Ok(()), actual_length: 192, offset: 0 };
/// let bad = Packet { result: Err(TransferError::Crc), actual_length: 20, offset: 192 };
/// assert_eq!(received([good, bad, good].into_iter()), 384);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet {
    /// How it ended.
    pub result: Result<(), TransferError>,
    /// Bytes that were moved, at most as many as it had.
    pub actual_length: usize,
    /// Where its bytes begin in the memory of the URB.
    pub offset: usize,
}

impl<D: Direction, H: Handler<Isochronous, D, B>, B: Memory> Urb<Isochronous, D, H, B> {
    /// Allocates a URB that moves `count` packets of `packet_length` bytes, one each service
    /// interval of the endpoint, which lie in `memory` one behind the other.
    ///
    /// It starts as soon as possible; see [`Asap`] and [`set_start_frame`](Urb::set_start_frame).
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: `count` is 0 or more than 1024, the memory is too short for the packets, or was
    ///   allocated for another interface or direction.
    /// - `EMSGSIZE`: `packet_length` is 0 or more than
    ///   [`bytes_per_interval`](super::EndpointDescriptor::bytes_per_interval).
    /// - `EOPNOTSUPP`: the memory consists of pieces.
    /// - `ENODEV`: the driver's data is being dropped.
    /// - `ENOMEM`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb};
    ///
    /// struct Microphone;
    ///
    /// impl usb::Handler<usb::Isochronous, usb::In> for Microphone {
    ///     fn complete(done: usb::Completed<'_, usb::Isochronous, usb::In, Self>) {
    ///         for (index, packet) in done.packets().enumerate() {
    ///             if packet.result.is_ok() {
    ///                 pr_debug!("{} bytes of sound\n", done.packet_data(index).len());
    ///             }
    ///         }
    ///         if done.error_count() > 0 {
    ///             pr_debug!("packets were lost from frame {} on\n", done.start_frame());
    ///         }
    ///         if done.packet(0).is_some_and(|first| first.actual_length > 0) {
    ///             let _ = done.resubmit();
    ///         }
    ///     }
    /// }
    ///
    /// fn listen(intf: &usb::Interface<Bound>) -> Result {
    ///     const PACKETS: usize = 8;
    ///     let endpoint = intf.find_endpoint::<usb::Isochronous, usb::In>().ok_or(ENXIO)?;
    ///     let length = usize::from(endpoint.max_packet());
    ///     let buffer = usb::Buffer::new(PACKETS * length, GFP_KERNEL)?;
    ///     usb::Urb::isochronous(&endpoint, buffer, PACKETS, length, Microphone)?.submit(intf)?;
    ///     Ok(())
    /// }
    /// ```
    pub fn isochronous(
        endpoint: &Endpoint<'_, Isochronous, D>,
        memory: B,
        count: usize,
        packet_length: usize,
        handler: H,
    ) -> Result<Self> {
        let interface = endpoint.interface();
        let limit = endpoint
            .descriptor()
            .bytes_per_interval(interface.device().speed());
        if packet_length == 0 || packet_length > limit as usize {
            return Err(EMSGSIZE);
        }
        let packets = Packets::new(count, packet_length, memory.length())?;
        let total = packets.range(count, 0).start;
        let mut urb = Self::allocate(interface, endpoint.target(), packets, memory, handler)?;
        urb.limit_length(total);
        urb.set_flag(Asap);
        Ok(urb)
    }

    /// Makes one packet shorter, or as long again as it may be.
    ///
    /// # Errors
    ///
    /// `EINVAL` if there is no such packet, or `length` is more than the `packet_length` that the
    /// URB was allocated with.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{prelude::*, usb};
    ///
    /// /// Prepares to send 44.1 samples of 4 bytes in each millisecond.
    /// fn set_rate<H>(urb: &mut usb::Urb<usb::Isochronous, usb::Out, H>) -> Result
    /// where
    ///     H: usb::Handler<usb::Isochronous, usb::Out>,
    /// {
    ///     for index in 0..urb.packet_count() {
    ///         let samples = if index % 10 == 9 { 45 } else { 44 };
    ///         urb.set_packet_length(index, samples * 4)?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub fn set_packet_length(&mut self, index: usize, length: usize) -> Result {
        self.packets_mut().set_length(index, length)
    }

    /// How many packets there are.
    #[doc(alias = "number_of_packets")]
    pub fn packet_count(&self) -> usize {
        self.packets().count()
    }

    /// What became of one packet when the URB was last in flight.
    pub(super) fn packet(&self, index: usize) -> Option<Packet> {
        let packets = self.packets();
        let length = *packets.lengths.get(index)?;
        // SAFETY: The URB is ours, and has as many packets as lengths.
        let packet = unsafe { *(*self.as_raw()).iso_frame_desc.as_ptr().add(index) };
        let (result, actual_length) =
            check_outcome(packet.status, packet.actual_length, length as usize);
        Some(Packet {
            result,
            actual_length,
            offset: packets.range(index, 0).start,
        })
    }

    /// Has the transfer start in a frame, or microframe, rather than as soon as possible: takes the
    /// flag [`Asap`] back.
    ///
    /// # Errors
    ///
    /// `EINVAL` if there is no such frame: `frame` is negative. The URB stays as it was.
    #[doc(alias = "start_frame")]
    pub fn set_start_frame(&mut self, frame: i32) -> Result {
        if frame < 0 {
            return Err(EINVAL);
        }
        self.clear_flag(Asap);
        // SAFETY: The URB is ours and idle.
        unsafe { (*self.as_raw()).start_frame = frame };
        Ok(())
    }
}

impl<H: Handler<Isochronous, In>> Urb<Isochronous, In, H> {
    /// What the device sent in one packet when the URB was last in flight.
    pub(super) fn packet_data(&self, index: usize) -> &[u8] {
        let range = self
            .packet(index)
            .map(|packet| packet.offset..packet.offset + packet.actual_length);
        range
            .and_then(|range| self.buffer().get(range))
            .unwrap_or(&[])
    }
}

impl<D: Direction, H: Handler<Isochronous, D, B>, B: Memory> Completed<'_, Isochronous, D, H, B> {
    /// Sets the length of a packet of the next transfer, once all of this one was looked at.
    ///
    /// # Errors
    ///
    /// As [`Urb::set_packet_length`].
    pub fn set_packet_length(&mut self, index: usize, length: usize) -> Result {
        self.urb.set_packet_length(index, length)
    }

    /// The frame, or microframe, of the first packet.
    pub fn start_frame(&self) -> i32 {
        // SAFETY: The URB is ours; the core has filled in this field.
        unsafe { (*self.urb.as_raw()).start_frame }
    }

    /// What became of one packet; [`None`] if there is no such packet.
    pub fn packet(&self, index: usize) -> Option<Packet> {
        self.urb.packet(index)
    }

    /// What became of the packets, in their order.
    #[doc(alias = "iso_frame_desc")]
    pub fn packets(&self) -> impl Iterator<Item = Packet> + '_ {
        (0..self.urb.packet_count()).filter_map(|index| self.packet(index))
    }

    /// How many packets did not end well.
    pub fn error_count(&self) -> usize {
        self.packets()
            .filter(|packet| packet.result.is_err())
            .count()
    }
}

impl<H: Handler<Isochronous, In>> Completed<'_, Isochronous, In, H> {
    /// What the device sent in one packet; nothing if there is no such packet.
    pub fn packet_data(&self, index: usize) -> &[u8] {
        self.urb.packet_data(index)
    }
}

#[kunit_tests(rust_usb_iso)]
mod tests {
    use super::*;

    #[test]
    fn packets_must_fit() {
        for (count, stride, memory) in [(1, 1, 1), (8, 64, 512), (1024, 1, 1024)] {
            assert!(Packets::new(count, stride, memory).is_ok_and(|p| p.count() == count));
        }
        for (count, stride, memory) in [
            (0, 64, 512),
            (9, 64, 512),
            (8, 65, 512),
            (1025, 1, 4096),
            (2, usize::MAX, 512),
        ] {
            assert!(Packets::new(count, stride, memory).is_err());
        }
    }

    #[test]
    fn lengths_are_at_most_the_stride() -> Result {
        let mut packets = Packets::new(2, 64, 128)?;
        for (index, length, fits) in [(0, 0, true), (1, 64, true), (1, 65, false), (2, 0, false)] {
            assert_eq!(packets.set_length(index, length).is_ok(), fits);
        }
        assert_eq!(packets.lengths.as_slice(), &[0, 64]);
        assert_eq!(packets.range(1, 10), 64..74);
        Ok(())
    }
}
