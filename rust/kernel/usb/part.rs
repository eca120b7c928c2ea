// SPDX-License-Identifier: GPL-2.0

//! A part of a memory, where a transfer is to leave out the rest.

use super::{
    coherent::{
        CoherentBuffer,
        NoncoherentBuffer, //
    },
    endpoint::Direction,
    memory::{
        private::Attach,
        range,
        Memory,
        MemoryMut,
        Purpose, //
    },
    Buffer,
    PageBuffer, //
};
use crate::{
    bindings,
    prelude::*, //
};
use core::ops::{
    Deref,
    DerefMut,
    Range, //
};

/// [`Memory`] whose bytes lie one behind the other, so that a [`Part`] of it has an address.
#[diagnostic::on_unimplemented(
    message = "a part of `{Self}` cannot be transferred on its own",
    label = "not in one piece",
    note = "`usb::Buffer`, `usb::CoherentBuffer`, `usb::NoncoherentBuffer` and `usb::PageBuffer` are"
)]
pub trait OnePiece: Memory {}

impl OnePiece for Buffer {}
impl OnePiece for CoherentBuffer {}
impl<D: Direction> OnePiece for NoncoherentBuffer<D> {}
impl OnePiece for PageBuffer {}

/// A range of a memory that transfers move, as if it were all of it.
///
/// For headers that stay in front of what is moved, for messages that are shorter than the memory
/// that is there for the longest one, and for addresses that are not aligned.
///
/// # Invariants
///
/// `range` lies within `whole`.
///
/// # Examples
///
/// ```
/// use kernel::{device::Bound, prelude::*, usb};
///
/// const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();
///
/// /// Sends reports of several lengths from the same memory.
/// fn send(to: &usb::Endpoint<'_, usb::Interrupt, usb::Out>, reports: &[&[u8]]) -> Result {
///     let mut part = usb::Part::new(usb::Buffer::new(64, GFP_KERNEL)?, 0..0)?;
///     for report in reports {
///         part.set_range(0..report.len())?;
///         part.copy_from_slice(report);
///         part = to.write(part, SECOND)?.whole()?;
///     }
///     Ok(())
/// }
/// ```
pub struct Part<B: OnePiece> {
    whole: B,
    range: Range<usize>,
}

impl<B: OnePiece> Part<B> {
    /// The bytes of `whole` that are in `range`.
    ///
    /// # Errors
    ///
    /// `EINVAL` if there are not that many bytes, or the range ends before it begins.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::{Buffer, Memory, Part};
    ///
    /// let part = Part::new(Buffer::new(8, GFP_KERNEL)?, 1..8)?;
    /// assert_eq!(part.length(), 7);
    /// assert!(Part::new(Buffer::new(8, GFP_KERNEL)?, 1..9).is_err());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new(whole: B, range: Range<usize>) -> Result<Self> {
        // INVARIANT: Nothing lies within every memory.
        let mut part = Self { whole, range: 0..0 };
        part.set_range(range)?;
        Ok(part)
    }

    /// Makes it another part of the same memory.
    ///
    /// # Errors
    ///
    /// As [`new`](Part::new); the range stays as it was.
    pub fn set_range(&mut self, new: Range<usize>) -> Result {
        let count = new.end.checked_sub(new.start).ok_or(EINVAL)?;
        // INVARIANT: Just checked.
        self.range = range(new.start, count, self.whole.length())?;
        Ok(())
    }

    /// Where it lies.
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// The memory that it is a part of.
    pub fn whole(&self) -> &B {
        &self.whole
    }

    /// The memory that it is a part of, to be changed.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::{Buffer, MemoryMut, Part};
    ///
    /// /// Writes the length of a message in front of it, where a URB has both.
    /// fn put_length(part: MemoryMut<'_, Part<Buffer>>) -> Result {
    ///     let length = u8::try_from(part.range().len())?;
    ///     part.whole().copy_from_slice(0, &[length])
    /// }
    ///
    /// let mut part = Part::new(Buffer::new(8, GFP_KERNEL)?, 1..5)?;
    /// part.copy_from_slice(b"ping");
    /// assert_eq!(part.range(), 1..5);
    /// part.whole_mut().copy_from_slice(0, &[4])?;
    /// assert_eq!(&part.into_whole()[..], b"\x04ping\0\0\0");
    /// # Ok::<(), Error>(())
    /// ```
    pub fn whole_mut(&mut self) -> MemoryMut<'_, B> {
        MemoryMut::new(&mut self.whole)
    }

    /// Gives the memory back.
    pub fn into_whole(self) -> B {
        self.whole
    }
}

impl<'a, B: OnePiece> MemoryMut<'a, Part<B>> {
    /// Where it lies; see [`Part::range`].
    pub fn range(&self) -> Range<usize> {
        self.get().range()
    }

    /// The memory that it is a part of, to be changed.
    pub fn whole(self) -> MemoryMut<'a, B> {
        self.into_mut().whole_mut()
    }
}

impl<B: OnePiece> Attach for Part<B> {
    fn check(&self, purpose: &Purpose<'_>) -> Result {
        self.whole.check(purpose)
    }

    unsafe fn attach(&mut self, urb: *mut bindings::urb) {
        let start = self.range.start;
        // SAFETY: The requirements are the same: what `self` was checked for, `whole` was.
        unsafe { self.whole.attach(urb) };
        // SAFETY: The URB is valid and idle. Memory in one piece sets `transfer_buffer`, whose
        // bytes reach at least to the start of the range, and `transfer_dma` if it is mapped.
        unsafe {
            (*urb).transfer_buffer = (*urb).transfer_buffer.byte_add(start);
            if (*urb).transfer_flags & bindings::URB_NO_TRANSFER_DMA_MAP != 0 {
                // CAST: A `dma_addr_t` is at least as wide as the offset in a buffer.
                let start = start as bindings::dma_addr_t;
                // Host controllers that do no DMA give memory the last address of all.
                (*urb).transfer_dma = (*urb).transfer_dma.wrapping_add(start);
            }
        }
    }
}

impl<B: OnePiece> Memory for Part<B> {
    fn length(&self) -> usize {
        self.range.len()
    }

    fn copy_to_slice(&self, offset: usize, bytes: &mut [u8]) -> Result {
        range(offset, bytes.len(), self.range.len())?;
        self.whole.copy_to_slice(self.range.start + offset, bytes)
    }

    fn copy_from_slice(&mut self, offset: usize, bytes: &[u8]) -> Result {
        range(offset, bytes.len(), self.range.len())?;
        self.whole.copy_from_slice(self.range.start + offset, bytes)
    }
}

impl Deref for Part<Buffer> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // PANIC: By the type invariants the range lies within.
        &self.whole[self.range.clone()]
    }
}

impl DerefMut for Part<Buffer> {
    fn deref_mut(&mut self) -> &mut [u8] {
        // PANIC: As above.
        &mut self.whole[self.range.clone()]
    }
}

#[kunit_tests(rust_usb_part)]
mod tests {
    use super::*;

    fn counting(length: u8) -> Result<Buffer> {
        let mut buffer = Buffer::new(length.into(), GFP_KERNEL)?;
        for (byte, value) in buffer.iter_mut().zip(0..length) {
            *byte = value;
        }
        Ok(buffer)
    }

    #[test]
    fn a_range_lies_within() -> Result {
        let mut part = Part::new(counting(8)?, 2..5)?;
        for range in [0..0, 0..8, 8..8, 7..8] {
            part.set_range(range.clone())?;
            assert_eq!((part.length(), part.range()), (range.len(), range));
        }
        #[expect(clippy::reversed_empty_ranges, reason = "that is what is refused")]
        let refused = [0..9, 9..9, 3..2, 1..usize::MAX, usize::MAX..0];
        for range in refused {
            assert_eq!(part.set_range(range), Err(EINVAL));
        }
        assert_eq!(part.range(), 7..8);
        Ok(())
    }

    #[test]
    fn nothing_beyond_the_range_is_reached() -> Result {
        let mut part = Part::new(counting(8)?, 2..5)?;
        assert_eq!(&*part, &[2, 3, 4]);
        let mut two = [0xff; 2];
        part.copy_to_slice(1, &mut two)?;
        assert_eq!(two, [3, 4]);
        assert_eq!(part.copy_to_slice(2, &mut two), Err(EINVAL));
        Memory::copy_from_slice(&mut part, 0, &[9, 9])?;
        assert_eq!(Memory::copy_from_slice(&mut part, 2, &[9, 9]), Err(EINVAL));
        assert_eq!(&*part.into_whole(), &[0, 1, 9, 9, 4, 5, 6, 7]);
        Ok(())
    }

    #[test]
    fn the_host_controller_is_told_of_the_first_byte() -> Result {
        // SAFETY: All fields of the C structure may be zero.
        let mut urb: KBox<bindings::urb> =
            unsafe { KBox::new_uninit(GFP_KERNEL | __GFP_ZERO)?.assume_init() };
        let mut part = Part::new(counting(8)?, 3..8)?;
        let first: *const u8 = &part[0];
        // SAFETY: `urb` is valid, was never submitted, and `part` lives longer than it is used.
        unsafe { part.attach(&raw mut *urb) };
        assert_eq!(urb.transfer_buffer.cast_const(), first.cast());
        assert_eq!(urb.transfer_dma, 0);
        Ok(())
    }
}
