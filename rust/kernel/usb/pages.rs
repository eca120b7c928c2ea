// SPDX-License-Identifier: GPL-2.0

//! Pages that user space can map.

use super::memory::range;
use crate::{
    bindings,
    mm::virt::{
        flags,
        VmaNew, //
    },
    page::{
        BorrowedPage,
        PAGE_SIZE, //
    },
    prelude::*,
    sync::atomic::Atomic, //
};
use core::ptr::NonNull;

/// Pages in one piece, shared between a device, the kernel and user space.
///
/// Anybody may write to them at any time, so that they can be copied from and to, or accessed as
/// [atomic words](Pages::atomic_u32), but never borrowed. Mappings keep the pages, also after all
/// of the kernel's references are gone.
///
/// # Invariants
///
/// - `page` is the first one of a compound page of order `order`, initialised, that we own a
///   reference of; the first `length` bytes are in use.
/// - `bytes` is its address.
///
/// # Examples
///
/// ```
/// use kernel::{
///     page::PAGE_SIZE,
///     sync::Arc,
///     usb::{PageBuffer, Pages},
/// };
///
/// // One buffer for a URB, and the same pages for the file operations.
/// let buffer = PageBuffer::new(1000)?;
/// let pages: Arc<Pages> = buffer.pages().clone();
/// assert_eq!((pages.length(), pages.mapped_length()), (1000, PAGE_SIZE));
///
/// pages.write(996, b"tail")?;
/// let mut tail = [0; 4];
/// pages.read(996, &mut tail)?;
/// assert_eq!(&tail, b"tail");
/// assert_eq!(pages.write(997, b"tail"), Err(EINVAL));
/// # Ok::<(), Error>(())
/// ```
pub struct Pages {
    page: NonNull<bindings::page>,
    /// Words are looked at in each transfer: not to be worked out anew each time.
    bytes: NonNull<u8>,
    order: u32,
    length: usize,
}

// SAFETY: Pages may be freed and copied from and to by any thread.
unsafe impl Send for Pages {}

// SAFETY: As above; concurrent access is by `memcpy()`, and expected to see torn data.
unsafe impl Sync for Pages {}

impl Pages {
    /// The largest, in bytes.
    pub const MAX_LENGTH: usize = 4 << 20;

    pub(super) fn new(length: usize) -> Result<Self> {
        match length {
            0 => return Err(EINVAL),
            1..=Self::MAX_LENGTH => (),
            _ => return Err(EMSGSIZE),
        }
        let order = length
            .div_ceil(PAGE_SIZE)
            .next_power_of_two()
            .trailing_zeros();
        let compound = 1 << bindings::___GFP_COMP_BIT;
        let gfp = (GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN).as_raw() | compound;
        // SAFETY: No requirements.
        let page = NonNull::new(unsafe { bindings::alloc_pages(gfp, order) }).ok_or(ENOMEM)?;
        // SAFETY: The pages are valid, and not in high memory: that was not asked for. So they have
        // an address, which is not null.
        let bytes = unsafe { NonNull::new_unchecked(bindings::page_address(page.as_ptr())) };
        // INVARIANT: They were just allocated as one compound page of zeros.
        Ok(Self {
            page,
            bytes: bytes.cast(),
            order,
            length,
        })
    }

    /// How many bytes they hold.
    pub fn length(&self) -> usize {
        self.length
    }

    /// How many bytes a mapping of all of them has: `length` in whole pages.
    pub fn mapped_length(&self) -> usize {
        self.length.next_multiple_of(PAGE_SIZE)
    }

    #[inline]
    pub(super) fn bytes(&self) -> *mut u8 {
        self.bytes.as_ptr()
    }

    /// Copies bytes out, from `offset` on. They may be changing meanwhile.
    ///
    /// # Context
    ///
    /// Any.
    ///
    /// # Errors
    ///
    /// `EINVAL` if there are not that many bytes.
    pub fn read(&self, offset: usize, bytes: &mut [u8]) -> Result {
        let range = range(offset, bytes.len(), self.length)?;
        let (to, count) = (bytes.as_mut_ptr().cast(), bytes.len());
        // SAFETY: Both are valid for `count` bytes. That others write at the same time is what C
        // code, unlike Rust code, can bear.
        unsafe { bindings::memcpy(to, self.bytes().add(range.start).cast(), count) };
        Ok(())
    }

    /// Copies bytes in, from `offset` on.
    ///
    /// # Context
    ///
    /// Any.
    ///
    /// # Errors
    ///
    /// As [`read`](Pages::read).
    pub fn write(&self, offset: usize, bytes: &[u8]) -> Result {
        let range = range(offset, bytes.len(), self.length)?;
        let (from, count) = (bytes.as_ptr().cast(), bytes.len());
        // SAFETY: The range lies within the pages, `from` is a slice; others may read and write
        // the pages at the same time, and C code can bear that.
        unsafe { bindings::memcpy(self.bytes().add(range.start).cast(), from, count) };
        Ok(())
    }

    /// One word of them, which programs may read and write at the same time: what it says is
    /// theirs to decide, so no load is to be trusted, and no two loads need be the same.
    ///
    /// # Context
    ///
    /// Any.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `offset` is not a multiple of 4, or there are no four bytes there.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{
    ///     prelude::*,
    ///     sync::atomic::{Acquire, Release},
    ///     usb::{PageBuffer, Pages},
    /// };
    ///
    /// /// Takes what a program has put into a mailbox: the first word says whether it is full.
    /// fn take(mailbox: &Pages) -> Result<Option<[u8; 8]>> {
    ///     let is_full = mailbox.atomic_u32(0)?;
    ///     if is_full.load(Acquire) == 0 {
    ///         return Ok(None);
    ///     }
    ///     let mut message = [0; 8];
    ///     mailbox.read(4, &mut message)?;
    ///     is_full.store(0, Release);
    ///     Ok(Some(message))
    /// }
    ///
    /// let buffer = PageBuffer::new(12)?;
    /// assert_eq!(take(buffer.pages())?, None);
    /// buffer.pages().write(4, b"\x01message")?;
    /// buffer.pages().atomic_u32(0)?.store(1, Release);
    /// assert_eq!(take(buffer.pages())?, Some(*b"\x01message"));
    /// assert_eq!(take(buffer.pages())?, None);
    ///
    /// assert!(buffer.pages().atomic_u32(8).is_ok());
    /// for offset in [1, 2, 9, 12, usize::MAX] {
    ///     assert!(buffer.pages().atomic_u32(offset).is_err());
    /// }
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn atomic_u32(&self, offset: usize) -> Result<&Atomic<u32>> {
        let [word] = self.atomic_words(offset)?;
        Ok(word)
    }

    /// As [`atomic_u32`](Pages::atomic_u32), so many words that lie one behind the other.
    ///
    /// # Context
    ///
    /// Any.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `offset` is not a multiple of 4, or there are not that many words there.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{
    ///     prelude::*,
    ///     sync::atomic::{Relaxed, Release},
    ///     usb::{PageBuffer, Pages},
    /// };
    ///
    /// /// Tells a program where a line of a picture lies: what is there counts when `number` does.
    /// fn announce(header: &Pages, line: u32, length: u32, number: u32) -> Result {
    ///     let [count, start, end] = header.atomic_words(16)?;
    ///     start.store(line * length, Relaxed);
    ///     end.store((line + 1) * length, Relaxed);
    ///     count.store(number, Release);
    ///     Ok(())
    /// }
    ///
    /// let buffer = PageBuffer::new(28)?;
    /// announce(buffer.pages(), 2, 640, 7)?;
    /// assert_eq!(buffer.pages().atomic_u32(20)?.load(Relaxed), 1280);
    /// assert!(announce(PageBuffer::new(27)?.pages(), 2, 640, 7).is_err());
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn atomic_words<const N: usize>(&self, offset: usize) -> Result<&[Atomic<u32>; N]> {
        let last = self.length.checked_sub(size_of::<[u32; N]>());
        if offset % size_of::<u32>() != 0 || last.is_none_or(|last| offset > last) {
            return Err(EINVAL);
        }
        // SAFETY: Just checked to lie within the pages, or right behind them if there is no word.
        let words = unsafe { self.bytes().add(offset) }.cast::<[Atomic<u32>; N]>();
        // SAFETY:
        // - An `Atomic` is in memory what it holds. Pages are aligned to their size, and `offset`
        //   to that of a word.
        // - By the type invariants they are valid and initialised for as long as `self` is
        //   borrowed.
        // - Rust code accesses pages by atomics only, and else by C's `memcpy()`; programs and
        //   devices are as good as C code that writes at any time.
        Ok(unsafe { &*words })
    }

    /// Maps them, from `offset` in `vma` on.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `EINVAL` if the mapping is private (`MAP_PRIVATE`): the first write would part it from the
    ///   pages; if `offset` is not a multiple of the page size, or the pages don't fit.
    /// - `ENOMEM`, and what else `vm_insert_page()` returns.
    pub fn map(&self, vma: &VmaNew, offset: usize) -> Result {
        let room = vma.end() - vma.start();
        range(offset, self.mapped_length(), room)?;
        // A mapping of a file that is open for reading only has `SHARED` taken away.
        let is_private = vma.flags() & flags::MAYSHARE == 0;
        if is_private || offset % PAGE_SIZE != 0 {
            return Err(EINVAL);
        }
        let area = vma.set_mixedmap();
        for index in 0..self.mapped_length() / PAGE_SIZE {
            // SAFETY: By the type invariants there are that many pages in a row.
            let page = unsafe { self.page.add(index) };
            // SAFETY: The page is valid for as long as we are.
            let page = unsafe { BorrowedPage::from_raw(page) };
            area.vm_insert_page(vma.start() + offset + index * PAGE_SIZE, &page)?;
        }
        Ok(())
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: By the type invariants we own a reference of pages of that order.
        unsafe { bindings::__free_pages(self.page.as_ptr(), self.order) };
    }
}

#[kunit_tests(rust_usb_pages)]
mod tests {
    use super::*;
    use crate::sync::atomic::Relaxed;

    #[test]
    fn sizes_at_the_limits() {
        assert!(Pages::new(0).is_err());
        assert!(Pages::new(Pages::MAX_LENGTH + 1).is_err());
        for (length, order) in [
            (1, 0),
            (PAGE_SIZE, 0),
            (PAGE_SIZE + 1, 1),
            (5 * PAGE_SIZE, 3),
        ] {
            let pages = Pages::new(length);
            assert!(pages.is_ok_and(|p| p.order == order && p.length() == length));
        }
    }

    #[test]
    fn a_word_is_aligned_and_within() -> Result {
        for (length, last) in [(4, 0), (7, 0), (8, 4), (PAGE_SIZE, PAGE_SIZE - 4)] {
            let pages = Pages::new(length)?;
            for offset in [0, last] {
                assert!(pages.atomic_u32(offset).is_ok());
            }
            for offset in [1, 3, last + 1, last + 4, length, usize::MAX - 3] {
                assert!(pages.atomic_u32(offset).is_err());
            }
        }
        assert!(Pages::new(3)?.atomic_u32(0).is_err());
        Ok(())
    }

    #[test]
    fn words_and_bytes_are_the_same_memory() -> Result {
        let pages = Pages::new(PAGE_SIZE)?;
        let word = pages.atomic_u32(8)?;
        word.store(0x1234_5678, Relaxed);
        let mut bytes = [0; 4];
        pages.read(8, &mut bytes)?;
        assert!(bytes == 0x1234_5678u32.to_ne_bytes());
        pages.write(8, &[0xff; 4])?;
        assert!(word.load(Relaxed) == u32::MAX);
        Ok(())
    }
}
