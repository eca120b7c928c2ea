// SPDX-License-Identifier: GPL-2.0

//! Memory for rings that a device, the kernel and programs share.

use super::{
    endpoint::{
        Direction,
        TransferType, //
    },
    memory::{
        private::Attach,
        range,
        Memory,
        Purpose, //
    },
    Completed,
    Handler,
    Pages,
    Urb, //
};
use crate::{
    bindings,
    mm::virt::VmaNew,
    page::PAGE_SIZE,
    prelude::*,
    sync::Arc, //
};

/// Pages that are divided into slots of the same size, each of which is as good as a
/// [`PageBuffer`](super::PageBuffer): a device can move it, and programs can map all of them.
///
/// A transfer moves one slot, see [`SlotBuffer`]. There may be more slots than URBs: a URB goes on
/// to another slot with the next transfer.
///
/// Slots that are smaller than a page share one, but no cache line; others begin on a page.
///
/// # Invariants
///
/// - A piece holds two to the power of `shift` slots, `stride` bytes from one to the next, of which
///   the first `size` are used.
/// - There are pieces for `count` slots.
///
/// # Examples
///
/// ```
/// use kernel::{prelude::*, sync::Arc, usb};
///
/// /// A ring of slots, which the device fills one after the other as long as it is not told to stop.
/// struct Camera;
///
/// impl usb::Handler<usb::Bulk, usb::In, usb::SlotBuffer> for Camera {
///     fn complete(mut done: usb::Completed<'_, usb::Bulk, usb::In, Self, usb::SlotBuffer>) {
///         let slot = done.memory();
///         let next = (slot.index() + 1) % slot.slots().count();
///         if done.result().is_ok() && done.set_slot(next).is_ok() {
///             let _ = done.resubmit();
///         }
///     }
/// }
///
/// fn start(from: &usb::Endpoint<'_, usb::Bulk, usb::In>) -> Result<Arc<usb::Slots>> {
///     let slots = usb::Slots::new(64, 512)?;
///     let urb = usb::Urb::new(from, usb::SlotBuffer::new(&slots, 0)?, Camera)?;
///     urb.submit(from.interface())?;
///     Ok(slots)
/// }
/// ```
pub struct Slots {
    pieces: KVec<Pages>,
    shift: u32,
    stride: usize,
    size: usize,
    count: usize,
}

impl Slots {
    /// Slots share no cache line, whatever the machine.
    const MIN_STRIDE: usize = 128;

    /// Allocates `count` slots of `size` bytes of zeros.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `EINVAL` if there are none, or a slot is empty or larger than [`Pages::MAX_LENGTH`].
    /// - `ENOMEM` if there is no memory, or no slot in one piece.
    pub fn new(count: usize, size: usize) -> Result<Arc<Self>> {
        Self::check(count, size)?;
        let (stride, shift) = (Self::stride(size), Self::shift_of(size));
        let needed = Self::pieces_of(count, size);
        let mut pieces = KVec::with_capacity(needed, GFP_KERNEL | __GFP_NOWARN)?;
        for _ in 0..needed {
            pieces.push_within_capacity(Pages::new(Self::piece(size))?)?;
        }
        // INVARIANT: As many slots fit on a piece as `shift` says; there are pieces for all.
        let slots = Self {
            pieces,
            shift,
            stride,
            size,
            count,
        };
        Ok(Arc::new(slots, GFP_KERNEL)?)
    }

    /// Bytes from the beginning of a slot of `size` bytes to the beginning of the next, also where
    /// they are mapped.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `size` is 0 or more than [`Pages::MAX_LENGTH`].
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{page::PAGE_SIZE, usb::{Pages, Slots}};
    ///
    /// assert_eq!([1, 129, 512].map(Slots::stride_of), [Ok(128), Ok(256), Ok(512)]);
    /// assert_eq!(Slots::stride_of(PAGE_SIZE + 1), Ok(2 * PAGE_SIZE));
    /// assert_eq!(Slots::stride_of(Pages::MAX_LENGTH + 1), Err(EINVAL));
    /// ```
    pub const fn stride_of(size: usize) -> Result<usize> {
        match Self::check(1, size) {
            Ok(()) => Ok(Self::stride(size)),
            Err(error) => Err(error),
        }
    }

    /// Bytes of a mapping of `count` slots of `size` bytes: whole pages.
    ///
    /// # Errors
    ///
    /// - `EINVAL` if there are none, or a slot is empty or larger than [`Pages::MAX_LENGTH`].
    /// - `ENOMEM` if they are more than `usize::MAX` bytes.
    pub const fn mapped_length_of(count: usize, size: usize) -> Result<usize> {
        match Self::check(count, size) {
            Ok(()) => Self::total(count, size, Self::piece(size)),
            Err(error) => Err(error),
        }
    }

    /// Bytes that they take: a slot of several pages comes as a power of two of them.
    ///
    /// # Errors
    ///
    /// As [`mapped_length_of`](Slots::mapped_length_of).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{page::PAGE_SIZE, usb::Slots};
    ///
    /// for (count, size, mapped, memory) in [
    ///     (1, 1, 1, 1),
    ///     (PAGE_SIZE / 512 + 1, 512, 2, 2),
    ///     (2, 3 * PAGE_SIZE - 1, 6, 8),
    /// ] {
    ///     assert_eq!(Slots::mapped_length_of(count, size), Ok(mapped * PAGE_SIZE));
    ///     assert_eq!(Slots::memory_of(count, size), Ok(memory * PAGE_SIZE));
    /// }
    /// assert_eq!(Slots::memory_of(1, usize::MAX), Err(EINVAL));
    /// assert_eq!(Slots::memory_of(usize::MAX, 1), Err(ENOMEM));
    /// ```
    pub const fn memory_of(count: usize, size: usize) -> Result<usize> {
        match Self::check(count, size) {
            Ok(()) => Self::total(count, size, Self::piece(size).next_power_of_two()),
            Err(error) => Err(error),
        }
    }

    /// Whether there can be such slots, given memory. What works out their places below wants that.
    ///
    /// # Errors
    ///
    /// `EINVAL` if not.
    const fn check(count: usize, size: usize) -> Result {
        match size {
            1..=Pages::MAX_LENGTH if count > 0 => Ok(()),
            _ => Err(EINVAL),
        }
    }

    const fn stride(size: usize) -> usize {
        if size >= PAGE_SIZE {
            return size.next_multiple_of(PAGE_SIZE);
        }
        let stride = size.next_power_of_two();
        match stride < Self::MIN_STRIDE {
            true => Self::MIN_STRIDE,
            false => stride,
        }
    }

    /// As a power of two, how many slots of that size are on a piece.
    const fn shift_of(size: usize) -> u32 {
        match Self::stride(size) {
            // Both are powers of two.
            stride @ ..PAGE_SIZE => (PAGE_SIZE / stride).trailing_zeros(),
            _ => 0,
        }
    }

    /// Bytes of a piece, but for pages at its end that are allocated for nobody.
    const fn piece(size: usize) -> usize {
        Self::stride(size) << Self::shift_of(size)
    }

    const fn pieces_of(count: usize, size: usize) -> usize {
        count.div_ceil(1 << Self::shift_of(size))
    }

    /// Bytes of all pieces, with so many bytes for each.
    const fn total(count: usize, size: usize, piece: usize) -> Result<usize> {
        match Self::pieces_of(count, size).checked_mul(piece) {
            Some(total) => Ok(total),
            None => Err(ENOMEM),
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Bytes of each.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The pages of a slot, and where it begins on them.
    ///
    /// # Errors
    ///
    /// `EINVAL` if there is no such slot.
    #[inline]
    fn find(&self, index: usize) -> Result<(&Pages, usize)> {
        let piece = self.pieces.get(index >> self.shift).ok_or(EINVAL)?;
        let on_piece = index & ((1 << self.shift) - 1);
        match index < self.count {
            true => Ok((piece, on_piece * self.stride)),
            false => Err(EINVAL),
        }
    }

    /// Maps all of them, from `offset` in `vma` on.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// As [`Pages::map`].
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{mm::virt::VmaNew, prelude::*, usb};
    ///
    /// /// Behind a page that says how far the ring is.
    /// fn map(vma: &VmaNew, header: &usb::Pages, slots: &usb::Slots) -> Result {
    ///     header.map(vma, 0)?;
    ///     slots.map(vma, header.mapped_length())
    /// }
    /// ```
    pub fn map(&self, vma: &VmaNew, offset: usize) -> Result {
        for (index, piece) in self.pieces.iter().enumerate() {
            let behind = index * piece.mapped_length();
            piece.map(vma, offset.checked_add(behind).ok_or(EINVAL)?)?;
        }
        Ok(())
    }
}

/// One of several [`Slots`], for a transfer to move.
///
/// Several may be of the same slot, since nobody borrows its bytes; what is in it then is anybody's
/// guess.
///
/// # Invariants
///
/// There is a slot `index`.
///
/// # Examples
///
/// ```
/// use kernel::usb::{Memory, SlotBuffer, Slots};
///
/// let slots = Slots::new(3, 64)?;
/// let mut last = SlotBuffer::new(&slots, 2)?;
/// assert_eq!((last.index(), last.length()), (2, 64));
/// last.copy_from_slice(60, b"tail")?;
/// let mut tail = [0; 4];
/// SlotBuffer::new(&slots, 2)?.copy_to_slice(60, &mut tail)?;
/// assert_eq!(&tail, b"tail");
/// assert!(last.copy_from_slice(61, b"tail").is_err());
/// assert!(SlotBuffer::new(&slots, 3).is_err());
/// # Ok::<(), Error>(())
/// ```
pub struct SlotBuffer {
    slots: Arc<Slots>,
    index: usize,
}

impl SlotBuffer {
    /// The slot with that index.
    ///
    /// # Errors
    ///
    /// `EINVAL` if there is no such slot.
    pub fn new(slots: &Arc<Slots>, index: usize) -> Result<Self> {
        slots.find(index)?;
        // INVARIANT: It was just found.
        Ok(Self {
            slots: slots.clone(),
            index,
        })
    }

    /// All of them.
    pub fn slots(&self) -> &Arc<Slots> {
        &self.slots
    }

    /// Which of them it is.
    #[inline]
    pub fn index(&self) -> usize {
        self.index
    }

    /// Has a URB move another slot.
    ///
    /// # Safety
    ///
    /// As [`Attach::attach`].
    #[inline]
    unsafe fn select(&mut self, urb: *mut bindings::urb, index: usize) -> Result {
        let (pages, start) = self.slots.find(index)?;
        // INVARIANT: It was just found.
        self.index = index;
        // SAFETY: The URB is valid and idle. The pages stay where they are until `self` is dropped;
        // they hold the slot, so that `start` lies within.
        unsafe { (*urb).transfer_buffer = pages.bytes().add(start).cast() };
        Ok(())
    }
}

impl Attach for SlotBuffer {
    fn check(&self, _purpose: &Purpose<'_>) -> Result {
        Ok(())
    }

    unsafe fn attach(&mut self, urb: *mut bindings::urb) {
        // SAFETY: The requirements are the same. By the type invariants there is that slot.
        let _ = unsafe { self.select(urb, self.index) };
    }
}

impl Memory for SlotBuffer {
    #[inline]
    fn length(&self) -> usize {
        self.slots.size
    }

    fn copy_to_slice(&self, offset: usize, bytes: &mut [u8]) -> Result {
        let (pages, start) = self.slots.find(self.index)?;
        range(offset, bytes.len(), self.slots.size)?;
        pages.read(start + offset, bytes)
    }

    fn copy_from_slice(&mut self, offset: usize, bytes: &[u8]) -> Result {
        let (pages, start) = self.slots.find(self.index)?;
        range(offset, bytes.len(), self.slots.size)?;
        pages.write(start + offset, bytes)
    }
}

impl<T: TransferType, D: Direction, H: Handler<T, D, SlotBuffer>> Urb<T, D, H, SlotBuffer> {
    /// Makes the next transfer move another slot.
    ///
    /// # Context
    ///
    /// Any.
    ///
    /// # Errors
    ///
    /// `EINVAL` if there is no such slot; it stays the one that it was.
    #[inline]
    pub fn set_slot(&mut self, index: usize) -> Result {
        let urb = self.as_raw();
        // SAFETY: The URB is ours and idle. The memory remains its own until it is freed, and
        // slots are for any purpose.
        unsafe { self.memory_mut().into_mut().select(urb, index) }
    }
}

impl<T: TransferType, D: Direction, H: Handler<T, D, SlotBuffer>>
    Completed<'_, T, D, H, SlotBuffer>
{
    /// Makes the next transfer move another slot, once all of this one was looked at:
    /// [`memory`](Completed::memory) is that slot from now on.
    ///
    /// # Errors
    ///
    /// As [`Urb::set_slot`].
    #[inline]
    pub fn set_slot(&mut self, index: usize) -> Result {
        self.urb.set_slot(index)
    }
}

#[kunit_tests(rust_usb_slots)]
mod tests {
    use super::*;

    #[test]
    fn sizes_at_the_limits() {
        for (count, size) in [
            (0, 1),
            (1, 0),
            (1, Pages::MAX_LENGTH + 1),
            (usize::MAX, 1),
            (usize::MAX, Pages::MAX_LENGTH),
        ] {
            assert!(Slots::new(count, size).is_err());
        }
        assert!(Slots::new(1, Pages::MAX_LENGTH).is_ok());
    }

    #[test]
    fn a_stride_is_for_sizes_that_there_can_be() {
        const MAX: usize = Pages::MAX_LENGTH;
        for (size, stride) in [
            (0, Err(EINVAL)),
            (1, Ok(128)),
            (128, Ok(128)),
            (129, Ok(256)),
            (MAX - 1, Ok(MAX)),
            (MAX, Ok(MAX)),
            (MAX + 1, Err(EINVAL)),
            (usize::MAX, Err(EINVAL)),
        ] {
            assert_eq!(Slots::stride_of(size), stride);
        }
    }

    #[test]
    fn lengths_are_of_slots_that_there_can_be() {
        const MAX: usize = Pages::MAX_LENGTH;
        for (count, size) in [
            (0, 0),
            (0, 1),
            (1, 0),
            (usize::MAX, 0),
            (1, MAX + 1),
            (1, usize::MAX),
            (usize::MAX, usize::MAX),
        ] {
            assert_eq!(Slots::mapped_length_of(count, size), Err(EINVAL));
            assert_eq!(Slots::memory_of(count, size), Err(EINVAL));
        }
        assert_eq!(Slots::mapped_length_of(1, MAX), Ok(MAX));
        assert_eq!(Slots::memory_of(1, MAX), Ok(MAX));
    }

    #[test]
    fn lengths_end_where_addresses_do() {
        const MAX: usize = Pages::MAX_LENGTH;
        let shared = PAGE_SIZE / 128;
        // The most slots of a size whose pieces, of so many bytes each, can be counted in bytes.
        for (size, most, piece) in [
            (1, usize::MAX / PAGE_SIZE * shared, PAGE_SIZE),
            (PAGE_SIZE, usize::MAX / PAGE_SIZE, PAGE_SIZE),
            (MAX, usize::MAX / MAX, MAX),
        ] {
            let all = usize::MAX / piece * piece;
            assert_eq!(Slots::mapped_length_of(most, size), Ok(all));
            assert_eq!(Slots::memory_of(most, size), Ok(all));
            for count in [most + 1, usize::MAX] {
                assert_eq!(Slots::mapped_length_of(count, size), Err(ENOMEM));
                assert_eq!(Slots::memory_of(count, size), Err(ENOMEM));
            }
        }
        // Pages that nobody maps count, too.
        let (size, most) = (MAX / 4 * 3, usize::MAX / MAX);
        assert_eq!(Slots::memory_of(most, size), Ok(most * MAX));
        assert_eq!(Slots::memory_of(most + 1, size), Err(ENOMEM));
        assert_eq!(
            Slots::mapped_length_of(most + 1, size),
            Ok((most + 1) * size)
        );
    }

    #[test]
    fn small_slots_share_pages() -> Result {
        for (count, size, stride, pieces) in [
            (2, 1, 128, 1),
            (16, 64, 128, (16 * 128usize).div_ceil(PAGE_SIZE)),
            (17, 512, 512, (17 * 512usize).div_ceil(PAGE_SIZE)),
            (2, PAGE_SIZE - 1, PAGE_SIZE, 2),
            (2, PAGE_SIZE, PAGE_SIZE, 2),
            (4, PAGE_SIZE + 1, 2 * PAGE_SIZE, 4),
        ] {
            let slots = Slots::new(count, size)?;
            assert_eq!((slots.stride, slots.pieces.len()), (stride, pieces));
            assert_eq!(Slots::pieces_of(count, size), pieces);
            let mapped: usize = slots.pieces.iter().map(Pages::mapped_length).sum();
            assert_eq!(Ok(mapped), Slots::mapped_length_of(count, size));
        }
        Ok(())
    }

    #[test]
    fn slots_lie_one_behind_the_other() -> Result {
        for (count, size) in [(70, 100), (3, PAGE_SIZE), (2, PAGE_SIZE + 1)] {
            let slots = Slots::new(count, size)?;
            for index in 0..count {
                let (pages, start) = slots.find(index)?;
                let piece = slots
                    .pieces
                    .iter()
                    .position(|one| core::ptr::eq(one, pages));
                let before = piece.ok_or(EINVAL)? * pages.mapped_length();
                assert_eq!(before + start, index * Slots::stride_of(size)?);
                assert!(start + size <= pages.length());
            }
            for index in [count, count + 1, 1 << 20, usize::MAX] {
                assert!(slots.find(index).is_err());
            }
        }
        Ok(())
    }

    #[test]
    fn the_host_controller_is_told_of_the_slot() -> Result {
        // SAFETY: All fields of the C structure may be zero.
        let mut urb: KBox<bindings::urb> =
            unsafe { KBox::new_uninit(GFP_KERNEL | __GFP_ZERO)?.assume_init() };
        let slots = Slots::new(40, 200)?;
        let mut slot = SlotBuffer::new(&slots, 0)?;
        for index in [0, 39, 17] {
            // SAFETY: `urb` is valid, was never submitted, and `slot` lives longer than it is used.
            unsafe { slot.select(&raw mut *urb, index)? };
            slot.copy_from_slice(0, &[0x5a])?;
            // SAFETY: It lies within the pages, which nobody else has.
            assert_eq!(unsafe { urb.transfer_buffer.cast::<u8>().read() }, 0x5a);
            assert_eq!(slot.index(), index);
        }
        // SAFETY: `urb` is valid, and was never submitted. It is not submitted now, either: nobody
        // uses the memory that it leads to.
        assert!(unsafe { slot.select(&raw mut *urb, 40) }.is_err());
        assert_eq!(slot.index(), 17);
        Ok(())
    }
}
