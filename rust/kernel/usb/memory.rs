// SPDX-License-Identifier: GPL-2.0

//! What a transfer can move: the kinds of memory that a host controller may read and write.

use super::{
    coherent::{
        CoherentBuffer,
        NoncoherentBuffer, //
    },
    endpoint::{
        Direction,
        TransferKind, //
    },
    gate::Gate,
    Buffer, //
};
use crate::{
    bindings,
    prelude::*, //
};
use core::ops::{
    Deref,
    DerefMut, //
};

/// Where a transfer will go that is made with some memory.
pub struct Purpose<'a> {
    pub(super) gate: &'a Gate,
    pub(super) kind: TransferKind,
    pub(super) is_in: bool,
}

pub(super) mod private {
    use super::*;

    /// The part of [`Memory`] that drivers don't see.
    pub trait Attach {
        /// Whether the memory can be used for that.
        fn check(&self, purpose: &Purpose<'_>) -> Result;

        /// Tells the host controller where the bytes are.
        ///
        /// # Safety
        ///
        /// - `urb` must be valid and idle, and become invalid or be given other memory before
        ///   `self` is dropped.
        /// - `self` must have been checked for the purpose of `urb`.
        unsafe fn attach(&mut self, urb: *mut bindings::urb);
    }
}

/// Memory that a host controller may read and write: DMA-able by type, never on the stack or in
/// `vmalloc()` space.
///
/// All of it starts out as zeros and is always initialised, so that a device that lies about how
/// much it sent shows what the driver or the device itself had put there, but never kernel data
/// (but for one [exception](super#what-a-host-controller-and-a-device-say)).
///
/// | type | what for | C counterpart |
/// | --- | --- | --- |
/// | [`Buffer`] | the usual one | `kmalloc()` |
/// | [`CoherentBuffer`] | small and often used: mapped for DMA once | `usb_alloc_coherent()` |
/// | [`NoncoherentBuffer`] | large and often used: mapped once, cached | `usb_alloc_noncoherent()` |
/// | [`ScatterBuffer`](super::ScatterBuffer) | large, from single pages | `urb->sg` |
/// | [`PageBuffer`](super::PageBuffer) | shared with user space by `mmap()` | `alloc_pages()` |
/// | [`SlotBuffer`](super::SlotBuffer) | a ring that is shared with user space | `alloc_pages()` |
/// | [`Part`](super::Part) | a range of one of them | `transfer_buffer + offset` |
///
/// # Examples
///
/// ```
/// use kernel::usb::{Buffer, Memory, PageBuffer, ScatterBuffer};
///
/// /// Writes a firmware image, with its length as the last four bytes.
/// fn fill<M: Memory>(memory: &mut M, image: &[u8]) -> Result {
///     let end = memory.length().checked_sub(4).ok_or(EINVAL)?;
///     let length = u32::try_from(image.len())?;
///     memory.copy_from_slice(0, image)?;
///     memory.copy_from_slice(end, &length.to_le_bytes())
/// }
///
/// /// What the device has made of the last bytes.
/// fn trailer<M: Memory>(memory: &M) -> Result<[u8; 4]> {
///     let mut bytes = [0; 4];
///     memory.copy_to_slice(memory.length().checked_sub(4).ok_or(EINVAL)?, &mut bytes)?;
///     Ok(bytes)
/// }
///
/// let mut buffer = Buffer::new(512, GFP_KERNEL)?;
/// fill(&mut buffer, b"firmware")?;
/// assert_eq!(trailer(&buffer)?, [8, 0, 0, 0]);
/// let mut pages = ScatterBuffer::new(10_000)?;
/// fill(&mut pages, b"firmware")?;
/// assert_eq!(trailer(&pages)?, [8, 0, 0, 0]);
/// // Too much is refused, rather than cut.
/// assert_eq!(fill(&mut PageBuffer::new(6)?, b"firmware"), Err(EINVAL));
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "a host controller cannot transfer from or to `{Self}`",
    label = "not DMA-able memory that the URB can own",
    note = "copy the data into a `usb::Buffer`, and move that into the URB"
)]
pub trait Memory: private::Attach + Send + 'static {
    /// Its size in bytes.
    ///
    /// # Context
    ///
    /// Any.
    fn length(&self) -> usize;

    /// Copies bytes out, from `offset` on.
    ///
    /// # Context
    ///
    /// Any.
    ///
    /// # Errors
    ///
    /// - `EINVAL` if there are not that many bytes.
    /// - `ENODEV` if the memory was the device's and the driver was unbound.
    fn copy_to_slice(&self, offset: usize, bytes: &mut [u8]) -> Result;

    /// Copies bytes in, from `offset` on.
    ///
    /// # Context
    ///
    /// Any.
    ///
    /// # Errors
    ///
    /// As [`copy_to_slice`](Memory::copy_to_slice).
    fn copy_from_slice(&mut self, offset: usize, bytes: &[u8]) -> Result;
}

/// The memory of a URB, to be filled: its bytes can be changed, but it cannot be exchanged, since
/// the host controller knows where it is.
///
/// # Examples
///
/// ```
/// use kernel::{prelude::*, usb};
///
/// /// A display that gets the same picture again and again, with the number of the frame in it.
/// struct Frames;
///
/// type Picture = usb::NoncoherentBuffer<usb::Out>;
///
/// impl usb::Handler<usb::Bulk, usb::Out, Picture> for Frames {
///     fn complete(mut done: usb::Completed<'_, usb::Bulk, usb::Out, Self, Picture>) {
///         let counted = done.memory_mut().access(|bytes| {
///             if let [number, ..] = bytes {
///                 *number = number.wrapping_add(1);
///             }
///         });
///         if done.is_complete() && counted.is_ok() {
///             let _ = done.resubmit();
///         }
///     }
/// }
///
/// /// Writes a header in front of what is in a URB: whether there is all of it.
/// fn put_header<H, M: usb::Memory>(urb: &mut usb::Urb<usb::Bulk, usb::Out, H, M>) -> Result
/// where
///     H: usb::Handler<usb::Bulk, usb::Out, M>,
/// {
///     let (sent, length) = (urb.length(), urb.memory().length());
///     let mut memory: usb::MemoryMut<'_, M> = urb.memory_mut();
///     memory.copy_from_slice(0, &[0x55, u8::from(sent == length)])?;
///     // No traces of the last one.
///     memory.copy_from_slice(memory.length() - 1, &[0])
/// }
/// ```
pub struct MemoryMut<'a, M: Memory>(&'a mut M);

impl<'a, M: Memory> MemoryMut<'a, M> {
    pub(super) fn new(memory: &'a mut M) -> Self {
        Self(memory)
    }

    pub(super) fn get(&self) -> &M {
        self.0
    }

    /// What was passed to `new`. Whoever gets it must not exchange the memory.
    pub(super) fn into_mut(self) -> &'a mut M {
        self.0
    }

    /// Its size in bytes.
    pub fn length(&self) -> usize {
        self.0.length()
    }

    /// Copies bytes in, from `offset` on.
    ///
    /// # Context
    ///
    /// Any.
    ///
    /// # Errors
    ///
    /// As [`Memory::copy_from_slice`].
    pub fn copy_from_slice(&mut self, offset: usize, bytes: &[u8]) -> Result {
        self.0.copy_from_slice(offset, bytes)
    }
}

impl Deref for MemoryMut<'_, Buffer> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0
    }
}

impl DerefMut for MemoryMut<'_, Buffer> {
    fn deref_mut(&mut self) -> &mut [u8] {
        self.0
    }
}

impl MemoryMut<'_, CoherentBuffer> {
    /// Changes the bytes; see [`CoherentBuffer::access_mut`].
    ///
    /// # Context
    ///
    /// Any.
    ///
    /// # Errors
    ///
    /// `ENODEV`: the driver was unbound, and the memory is gone.
    pub fn access<R>(&mut self, f: impl FnOnce(&mut [u8]) -> R) -> Result<R> {
        self.0.access_mut(f)
    }
}

impl<D: Direction> MemoryMut<'_, NoncoherentBuffer<D>> {
    /// Changes the bytes; see [`NoncoherentBuffer::access_mut`].
    ///
    /// # Context
    ///
    /// Any.
    ///
    /// # Errors
    ///
    /// `ENODEV`: the driver was unbound, and the memory is gone.
    pub fn access<R>(&mut self, f: impl FnOnce(&mut [u8]) -> R) -> Result<R> {
        self.0.access_mut(f)
    }
}

/// The range of `count` bytes from `offset` on, if it lies within `length` bytes.
pub(super) fn range(offset: usize, count: usize, length: usize) -> Result<core::ops::Range<usize>> {
    let end = offset.checked_add(count).ok_or(EINVAL)?;
    if end > length {
        return Err(EINVAL);
    }
    Ok(offset..end)
}

/// The pieces of a range of bytes that lie on one page each: (page, offset in it, range of bytes).
pub(super) fn pieces(
    offset: usize,
    count: usize,
) -> impl Iterator<Item = (usize, usize, core::ops::Range<usize>)> {
    use crate::page::PAGE_SIZE;

    let mut done = 0;
    core::iter::from_fn(move || {
        let (page, start) = ((offset + done) / PAGE_SIZE, (offset + done) % PAGE_SIZE);
        let length = (PAGE_SIZE - start).min(count - done);
        done += length;
        (length != 0).then_some((page, start, done - length..done))
    })
}

#[kunit_tests(rust_usb_memory)]
mod tests {
    use super::*;
    use crate::page::PAGE_SIZE;

    #[test]
    fn ranges_end_within_the_memory() {
        assert!(range(0, 0, 0).is_ok_and(|range| range.is_empty()));
        assert!(range(0, 512, 512).is_ok_and(|range| range == (0..512)));
        assert!(range(512, 0, 512).is_ok());
        for (offset, count) in [
            (0, 513),
            (513, 0),
            (1, 512),
            (usize::MAX, 1),
            (1, usize::MAX),
        ] {
            assert!(range(offset, count, 512).is_err());
        }
    }

    #[test]
    fn pieces_cover_the_range_page_by_page() {
        for (offset, count) in [
            (0, 0),
            (0, 1),
            (0, PAGE_SIZE),
            (PAGE_SIZE - 1, 2),
            (1, 2 * PAGE_SIZE),
            (3 * PAGE_SIZE, 5),
        ] {
            let mut next = 0;
            for (page, start, bytes) in pieces(offset, count) {
                assert_eq!(page * PAGE_SIZE + start, offset + next);
                assert_eq!(bytes.start, next);
                assert!(!bytes.is_empty() && start + bytes.len() <= PAGE_SIZE);
                next = bytes.end;
            }
            assert_eq!(next, count);
        }
    }
}
