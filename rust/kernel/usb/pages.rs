// SPDX-License-Identifier: GPL-2.0

//! Transfer buffers whose pages user space can map.

use super::memory::{
    private::Attach,
    range,
    Memory,
    Purpose, //
};
use crate::{
    bindings,
    mm::virt::VmaNew,
    page::{
        BorrowedPage,
        PAGE_SIZE, //
    },
    prelude::*,
    sync::Arc, //
};
use core::ptr::NonNull;

/// Pages in one piece, shared between a device, the kernel and user space.
///
/// Anybody may write to them at any time, so that they can be copied from and to, but never
/// borrowed. Mappings keep the pages, also after all of the kernel's references are gone.
///
/// # Invariants
///
/// `page` is the first one of a compound page of order `order`, initialised, that we own a
/// reference of; the first `length` bytes are in use.
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

    fn new(length: usize) -> Result<Self> {
        if length == 0 || length > Self::MAX_LENGTH {
            return Err(EINVAL);
        }
        let order = length
            .div_ceil(PAGE_SIZE)
            .next_power_of_two()
            .trailing_zeros();
        let compound = 1 << bindings::___GFP_COMP_BIT;
        let gfp = (GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN).as_raw() | compound;
        // SAFETY: No requirements.
        let page = unsafe { bindings::alloc_pages(gfp, order) };
        // INVARIANT: They were just allocated as one compound page of zeros.
        Ok(Self {
            page: NonNull::new(page).ok_or(ENOMEM)?,
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

    fn bytes(&self) -> *mut u8 {
        // SAFETY: The pages are valid, and not in high memory: that was not asked for.
        unsafe { bindings::page_address(self.page.as_ptr()) }.cast()
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

    /// Maps them, from `offset` in `vma` on.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `EINVAL` if `offset` is not a multiple of the page size, or the pages don't fit.
    /// - `ENOMEM`, and what else `vm_insert_page()` returns.
    pub fn map(&self, vma: &VmaNew, offset: usize) -> Result {
        let room = vma.end() - vma.start();
        range(offset, self.mapped_length(), room)?;
        if offset % PAGE_SIZE != 0 {
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

/// A transfer buffer that user space can see, see [`Pages`].
///
/// # Examples
///
/// ```
/// use kernel::{
///     device::Bound,
///     prelude::*,
///     sync::{
///         atomic::{Atomic, Relaxed},
///         Arc,
///     },
///     usb,
/// };
///
/// /// A ring of samples that programs map; the number of the last transfer is in its first bytes.
/// struct Ring(Arc<Atomic<u32>>);
///
/// impl usb::Handler<usb::Bulk, usb::In, usb::PageBuffer> for Ring {
///     fn complete(done: usb::Completed<'_, usb::Bulk, usb::In, Self, usb::PageBuffer>) {
///         let number = done.handler().0.fetch_add(1, Relaxed);
///         let noted = done.memory().pages().write(0, &number.to_ne_bytes());
///         if done.result().is_ok() && noted.is_ok() {
///             let _ = done.resubmit();
///         }
///     }
/// }
/// ```
pub struct PageBuffer(Arc<Pages>);

impl PageBuffer {
    /// Allocates `length` bytes of zeros.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `EINVAL` if `length` is 0 or more than [`Pages::MAX_LENGTH`].
    /// - `ENOMEM` if there is no memory, or not that much in one piece.
    pub fn new(length: usize) -> Result<Self> {
        Ok(Self(Arc::new(Pages::new(length)?, GFP_KERNEL)?))
    }

    /// The pages, to be looked into and mapped also while a transfer is in flight.
    pub fn pages(&self) -> &Arc<Pages> {
        &self.0
    }
}

impl Attach for PageBuffer {
    fn check(&self, _purpose: &Purpose<'_>) -> Result {
        Ok(())
    }

    unsafe fn attach(&mut self, urb: *mut bindings::urb) {
        // SAFETY: The URB is valid and idle. The pages stay where they are until `self` is
        // dropped.
        unsafe { (*urb).transfer_buffer = self.0.bytes().cast() };
    }
}

impl Memory for PageBuffer {
    fn length(&self) -> usize {
        self.0.length
    }

    fn copy_to_slice(&self, offset: usize, bytes: &mut [u8]) -> Result {
        self.0.read(offset, bytes)
    }

    fn copy_from_slice(&mut self, offset: usize, bytes: &[u8]) -> Result {
        self.0.write(offset, bytes)
    }
}

#[kunit_tests(rust_usb_pages)]
mod tests {
    use super::*;

    #[test]
    fn sizes_at_the_limits() {
        assert!(PageBuffer::new(0).is_err());
        assert!(PageBuffer::new(Pages::MAX_LENGTH + 1).is_err());
        for (length, order) in [
            (1, 0),
            (PAGE_SIZE, 0),
            (PAGE_SIZE + 1, 1),
            (5 * PAGE_SIZE, 3),
        ] {
            let buffer = PageBuffer::new(length);
            assert!(buffer.is_ok_and(|b| b.0.order == order && b.length() == length));
        }
    }

    #[test]
    fn starts_as_zeros_and_keeps_what_is_written() -> Result {
        let mut buffer = PageBuffer::new(PAGE_SIZE + 10)?;
        let mut read = [0xff; 10];
        buffer.copy_to_slice(PAGE_SIZE, &mut read)?;
        assert!(read == [0; 10]);
        buffer.copy_from_slice(PAGE_SIZE, &[0x5a; 10])?;
        buffer.pages().read(PAGE_SIZE, &mut read)?;
        assert!(read == [0x5a; 10]);
        assert!(buffer.copy_from_slice(PAGE_SIZE + 1, &read).is_err());
        Ok(())
    }
}
