// SPDX-License-Identifier: GPL-2.0

//! The transfers of a queue.

use super::{
    endpoint::{
        BulkOrInterrupt,
        In,
        Isochronous, //
    },
    queue::{
        PortCompleted,
        PortUrb,
        QueueHandler, //
    },
    Buffer,
    Packet,
    TransferError, //
};
use crate::prelude::*;

/// A URB that is not in flight, and how its last transfer went.
pub(super) struct Kept<Q: QueueHandler> {
    pub(super) urb: PortUrb<Q>,
    result: Result<(), TransferError>,
    actual_length: usize,
    consumed: usize,
}

impl<Q: QueueHandler> Kept<Q> {
    /// A URB whose last transfer is of no interest, if there was one.
    pub(super) fn idle(urb: PortUrb<Q>) -> Self {
        Self {
            urb,
            result: Ok(()),
            actual_length: 0,
            consumed: 0,
        }
    }

    /// A URB whose handler is running.
    pub(super) fn new(done: PortCompleted<'_, Q>, consumed: usize) -> Self {
        let (result, actual_length) = (done.result(), done.actual_length());
        Self {
            urb: done.into_urb(),
            result,
            actual_length,
            consumed,
        }
    }

    pub(super) fn transfer(&mut self) -> QueueTransfer<'_, Q> {
        QueueTransfer {
            urb: &mut self.urb,
            result: self.result,
            actual_length: self.actual_length,
            consumed: &mut self.consumed,
        }
    }
}

/// A transfer of a [`Queue`](super::Queue) that has ended, or is to be prepared.
///
/// # Examples
///
/// ```
/// use kernel::{
///     prelude::*,
///     sync::atomic::{Atomic, Relaxed},
///     usb, //
/// };
///
/// /// Fills a device with blocks of an ascending number, short ones while nobody hears them.
/// struct Blocks {
///     next: Atomic<u32>,
///     is_loud: Atomic<bool>,
/// }
///
/// impl usb::QueueHandler for Blocks {
///     type Kind = usb::Bulk;
///     type Direction = usb::Out;
///     type Memory = usb::Buffer;
///
///     fn prepare(&self, transfer: &mut usb::QueueTransfer<'_, Self>) -> usb::Next {
///         let number = self.next.fetch_add(1, Relaxed);
///         let length = match self.is_loud.load(Relaxed) {
///             true => transfer.buffer().len(),
///             false => 4,
///         };
///         transfer.buffer_mut().fill(0);
///         let filled = transfer.fill(0, &number.to_le_bytes());
///         match filled.and_then(|()| transfer.set_length(length)) {
///             Ok(()) => usb::Next::Resubmit,
///             Err(_) => usb::Next::Stop,
///         }
///     }
///
///     fn complete(&self, transfer: &mut usb::QueueTransfer<'_, Self>) -> usb::Next {
///         pr_debug!("{} bytes were sent\n", transfer.actual_length());
///         match transfer.result() {
///             Ok(()) => self.prepare(transfer),
///             Err(_) => usb::Next::Stop,
///         }
///     }
/// }
/// ```
pub struct QueueTransfer<'a, Q: QueueHandler> {
    urb: &'a mut PortUrb<Q>,
    result: Result<(), TransferError>,
    /// At most the length of the memory.
    actual_length: usize,
    /// How much of the data somebody has dealt with.
    consumed: &'a mut usize,
}

impl<'a, Q: QueueHandler> QueueTransfer<'a, Q> {
    pub(super) fn of(done: &'a mut PortCompleted<'_, Q>, consumed: &'a mut usize) -> Self {
        Self {
            result: done.result,
            actual_length: done.actual_length,
            urb: &mut done.urb,
            consumed,
        }
    }

    /// How the transfer ended. Data may have been moved even where it ended badly.
    ///
    /// # Errors
    ///
    /// What it ended with: any [`TransferError`]. To ask for it never fails.
    pub fn result(&self) -> Result<(), TransferError> {
        self.result
    }

    /// Bytes that were moved.
    pub fn actual_length(&self) -> usize {
        self.actual_length
    }

    /// The memory of the URB, whole.
    pub fn memory(&self) -> &Q::Memory {
        self.urb.memory()
    }

    /// Copies `bytes` into the memory, from `offset` on.
    ///
    /// # Errors
    ///
    /// - `EINVAL` if they don't fit.
    /// - `ENODEV` if the memory was the device's and the driver was unbound.
    pub fn fill(&mut self, offset: usize, bytes: &[u8]) -> Result {
        self.urb.memory_mut().copy_from_slice(offset, bytes)
    }

    /// Why a transfer that ended like this one did stops the queue.
    pub(super) fn error(&self) -> Option<TransferError> {
        let error = self.result.err()?;
        if error.is_cancelled() {
            // Whoever else cancels has stopped the queue before.
            let refusal = self.urb.canceller().0.gate.refusal();
            return Some(TransferError::from_refusal(refusal));
        }
        match error {
            TransferError::Shutdown => Some(TransferError::NoDevice),
            error => Some(error),
        }
    }
}

impl<Q: QueueHandler> QueueTransfer<'_, Q>
where
    Q::Kind: BulkOrInterrupt,
{
    /// Makes the next transfer move only the first `length` bytes of the memory.
    ///
    /// # Errors
    ///
    /// `EINVAL` if there are not that many.
    pub fn set_length(&mut self, length: usize) -> Result {
        self.urb.set_length(length)
    }
}

impl<Q: QueueHandler<Kind = Isochronous>> QueueTransfer<'_, Q> {
    /// Sets the length of a packet of the next transfer, see
    /// [`Urb::set_packet_length`](super::Urb::set_packet_length).
    ///
    /// # Errors
    ///
    /// `EINVAL` if there is no such packet, or it cannot be that long.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb, usb::Memory};
    ///
    /// /// A loudspeaker at 44.1 kHz, with 4 bytes for each sample and ten packets in a transfer.
    /// struct Silence;
    ///
    /// impl usb::QueueHandler for Silence {
    ///     type Kind = usb::Isochronous;
    ///     type Direction = usb::Out;
    ///     type Memory = usb::NoncoherentBuffer<usb::Out>;
    ///
    ///     fn prepare(&self, transfer: &mut usb::QueueTransfer<'_, Self>) -> usb::Next {
    ///         let lengths = (0..10).map(|index| if index == 9 { 45 * 4 } else { 44 * 4 });
    ///         for (index, length) in lengths.enumerate() {
    ///             if transfer.set_packet_length(index, length).is_err() {
    ///                 return usb::Next::Stop;
    ///             }
    ///         }
    ///         usb::Next::Resubmit
    ///     }
    ///
    ///     fn complete(&self, transfer: &mut usb::QueueTransfer<'_, Self>) -> usb::Next {
    ///         let lost = transfer.packets().filter(|packet| packet.result.is_err()).count();
    ///         if lost > 0 {
    ///             let bytes = transfer.memory().length();
    ///             pr_debug!("{lost} packets of {bytes} bytes were lost\n");
    ///         }
    ///         match transfer.packet(0) {
    ///             Some(_) => usb::Next::Resubmit,
    ///             None => usb::Next::Stop,
    ///         }
    ///     }
    /// }
    ///
    /// fn play(intf: &usb::Interface<Bound>) -> Result<usb::Queue<Silence>> {
    ///     let to = intf.find_endpoint::<usb::Isochronous, usb::Out>().ok_or(ENXIO)?;
    ///     let memory = |_| usb::NoncoherentBuffer::new(intf, 10 * 180);
    ///     let queue = usb::Queue::isochronous(&to, 4, 10, 180, Silence, memory)?;
    ///     queue.start(intf)?;
    ///     Ok(queue)
    /// }
    /// ```
    pub fn set_packet_length(&mut self, index: usize, length: usize) -> Result {
        self.urb.set_packet_length(index, length)
    }

    /// What became of one packet; [`None`] if there is no such packet.
    pub fn packet(&self, index: usize) -> Option<Packet> {
        self.urb.packet(index)
    }

    /// What became of the packets, in their order.
    pub fn packets(&self) -> impl Iterator<Item = Packet> + '_ {
        (0..self.urb.packet_count()).filter_map(|index| self.packet(index))
    }
}

impl<Q> QueueTransfer<'_, Q>
where
    Q: QueueHandler<Kind = Isochronous, Direction = In, Memory = Buffer>,
{
    /// What the device sent in one packet; nothing if there is no such packet.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{prelude::*, usb};
    ///
    /// /// Listens to a microphone.
    /// struct Microphone;
    ///
    /// impl usb::QueueHandler for Microphone {
    ///     type Kind = usb::Isochronous;
    ///     type Direction = usb::In;
    ///     type Memory = usb::Buffer;
    ///
    ///     fn complete(&self, transfer: &mut usb::QueueTransfer<'_, Self>) -> usb::Next {
    ///         for (index, packet) in transfer.packets().enumerate() {
    ///             match packet.result {
    ///                 Ok(()) => pr_debug!("{} bytes of sound\n", transfer.packet_data(index).len()),
    ///                 Err(error) => pr_debug!("a gap: {error:?}\n"),
    ///             }
    ///         }
    ///         usb::Next::Resubmit
    ///     }
    /// }
    /// ```
    pub fn packet_data(&self, index: usize) -> &[u8] {
        self.urb.packet_data(index)
    }
}

impl<Q: QueueHandler<Memory = Buffer>> QueueTransfer<'_, Q> {
    /// The buffer, whole.
    pub fn buffer(&self) -> &[u8] {
        self.urb.buffer()
    }

    /// The buffer, whole, to be filled.
    pub fn buffer_mut(&mut self) -> &mut [u8] {
        self.urb.buffer_mut()
    }
}

impl<Q: QueueHandler<Direction = In, Memory = Buffer>> QueueTransfer<'_, Q> {
    /// What the device sent. Where it sent packets of its own, each of which may be shorter than
    /// its place, see [`packet_data`](Self::packet_data).
    pub fn data(&self) -> &[u8] {
        part(self.urb.buffer(), 0, self.actual_length)
    }

    /// What the device sent, without what was [consumed](Self::consume).
    pub fn unread(&self) -> &[u8] {
        part(self.urb.buffer(), *self.consumed, self.actual_length)
    }

    /// Marks `count` bytes as dealt with, for who treats the transfers as a stream of bytes.
    pub fn consume(&mut self, count: usize) {
        *self.consumed = self.consumed.saturating_add(count);
    }
}

/// What lies between two places; nothing if there is no such part.
fn part(bytes: &[u8], start: usize, end: usize) -> &[u8] {
    bytes.get(start..end).unwrap_or(&[])
}

#[kunit_tests(rust_usb_transfer)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unread_is_what_has_come_and_nobody_has_consumed() {
        let bytes = *b"abcdef";
        let cases: [(usize, usize, &[u8]); 9] = [
            (0, 0, b""),
            (0, 6, b"abcdef"),
            (0, 7, b""),
            (2, 4, b"cd"),
            (4, 4, b""),
            (5, 4, b""),
            (6, 6, b""),
            (usize::MAX, 6, b""),
            (0, usize::MAX, b""),
        ];
        for (consumed, actual_length, unread) in cases {
            assert_eq!(part(&bytes, consumed, actual_length), unread);
        }
    }
}
