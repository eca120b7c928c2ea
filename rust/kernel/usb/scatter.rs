// SPDX-License-Identifier: GPL-2.0

//! Transfer buffers made of single pages, for host controllers that can gather them.

use super::{
    endpoint::TransferKind,
    memory::{
        pieces,
        private::Attach,
        range,
        Memory,
        Purpose, //
    },
    Buffer, //
};
use crate::{
    bindings,
    page::{
        Page,
        PAGE_SIZE, //
    },
    prelude::*, //
};

/// A large transfer buffer that needs no large piece of memory: pages and a scatter list.
///
/// For bulk transfers through a host controller that supports it.
///
/// # Invariants
///
/// - The pages are initialised.
/// - `list` has one entry for each of them, all whole but the last; together `length` bytes.
///
/// # Examples
///
/// ```
/// use kernel::{page::PAGE_SIZE, prelude::*, usb, usb::Memory};
///
/// /// Whether the controller of a device can gather that many bytes.
/// fn fits(device: &usb::Device, length: usize) -> bool {
///     let pages = u32::try_from(length.div_ceil(PAGE_SIZE));
///     pages.is_ok_and(|pages| pages <= device.scatter_limit())
/// }
///
/// // The end of an image, which lies on two pages.
/// let mut image = usb::ScatterBuffer::new(2 * PAGE_SIZE)?;
/// image.copy_from_slice(PAGE_SIZE - 2, b"MARK")?;
/// let mut mark = [0; 4];
/// image.copy_to_slice(PAGE_SIZE - 2, &mut mark)?;
/// assert_eq!(&mark, b"MARK");
/// # Ok::<(), Error>(())
/// ```
#[doc(alias = "num_sgs")]
pub struct ScatterBuffer {
    pages: KVec<Page>,
    list: KVec<bindings::scatterlist>,
    length: usize,
}

// SAFETY: The scatter list points to the pages, which are owned with it.
unsafe impl Send for ScatterBuffer {}

// SAFETY: Through a shared reference the pages are only read.
unsafe impl Sync for ScatterBuffer {}

impl ScatterBuffer {
    /// Allocates `length` bytes of zeros.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `EINVAL` if `length` is 0, `EMSGSIZE` if it is more than [`Buffer::MAX_LENGTH`].
    /// - `ENOMEM`.
    pub fn new(length: usize) -> Result<Self> {
        match length {
            0 => return Err(EINVAL),
            1..=Buffer::MAX_LENGTH => (),
            _ => return Err(EMSGSIZE),
        }
        let count = length.div_ceil(PAGE_SIZE);
        let mut pages = KVec::with_capacity(count, GFP_KERNEL | __GFP_NOWARN)?;
        for _ in 0..count {
            pages.push(Page::alloc_page(GFP_KERNEL | __GFP_ZERO)?, GFP_KERNEL)?;
        }
        let list = scatter_list(&pages, length)?;
        // INVARIANT: The pages were allocated as zeros, and the list was made from them.
        Ok(Self {
            pages,
            list,
            length,
        })
    }
}

/// A scatter list of `length` bytes in `pages`.
fn scatter_list(pages: &[Page], length: usize) -> Result<KVec<bindings::scatterlist>> {
    let entry: bindings::scatterlist = pin_init::zeroed();
    let mut list = KVec::from_elem(entry, pages.len(), GFP_KERNEL | __GFP_NOWARN)?;
    // CAST: A buffer has at most 2^31 bytes, and so far fewer pages.
    let count = pages.len() as u32;
    // SAFETY: `list` has that many entries of plain memory.
    unsafe { bindings::sg_init_table(list.as_mut_ptr(), count) };
    for (index, (page, entry)) in pages.iter().zip(list.iter_mut()).enumerate() {
        let bytes = (length - index * PAGE_SIZE).min(PAGE_SIZE);
        // SAFETY: The entry was initialised and is ours; the page is valid.
        // CAST: At most the size of a page.
        unsafe { bindings::sg_set_page(entry, page.as_ptr(), bytes as u32, 0) };
    }
    Ok(list)
}

impl Attach for ScatterBuffer {
    fn check(&self, purpose: &Purpose<'_>) -> Result {
        // SAFETY: The gate is open, so that its device is valid; a device holds its bus.
        let limit = unsafe { (*(*purpose.gate.udev()).bus).sg_tablesize };
        match purpose.kind == TransferKind::Bulk && self.list.len() <= limit as usize {
            true => Ok(()),
            false => Err(EOPNOTSUPP),
        }
    }

    unsafe fn attach(&mut self, urb: *mut bindings::urb) {
        // SAFETY: The URB is valid and idle. List and pages stay where they are until `self` is
        // dropped, wherever `self` moves.
        unsafe {
            (*urb).sg = self.list.as_mut_ptr();
            // CAST: As in `scatter_list`.
            (*urb).num_sgs = self.list.len() as c_int;
        }
    }
}

impl Memory for ScatterBuffer {
    fn length(&self) -> usize {
        self.length
    }

    fn copy_to_slice(&self, offset: usize, bytes: &mut [u8]) -> Result {
        range(offset, bytes.len(), self.length)?;
        for (page, start, part) in pieces(offset, bytes.len()) {
            let (page, part) = (self.pages.get(page).ok_or(EINVAL)?, bytes.get_mut(part));
            let part = part.ok_or(EINVAL)?;
            // SAFETY: `part` is ours to write. The page is initialised, and nobody writes to it
            // while the buffer is borrowed: a URB in flight is not accessible.
            unsafe { page.read_raw(part.as_mut_ptr(), start, part.len())? };
        }
        Ok(())
    }

    fn copy_from_slice(&mut self, offset: usize, bytes: &[u8]) -> Result {
        range(offset, bytes.len(), self.length)?;
        for (page, start, part) in pieces(offset, bytes.len()) {
            let (page, part) = (self.pages.get(page).ok_or(EINVAL)?, bytes.get(part));
            let part = part.ok_or(EINVAL)?;
            // SAFETY: `part` is valid for reading. Nobody else accesses the page, since the
            // buffer is borrowed mutably.
            unsafe { page.write_raw(part.as_ptr(), start, part.len())? };
        }
        Ok(())
    }
}

#[kunit_tests(rust_usb_scatter)]
mod tests {
    use super::*;

    #[test]
    fn sizes_at_the_limits() {
        assert!(ScatterBuffer::new(0).is_err());
        assert!(ScatterBuffer::new(Buffer::MAX_LENGTH + 1).is_err());
        for (length, pages) in [
            (1, 1),
            (PAGE_SIZE, 1),
            (PAGE_SIZE + 1, 2),
            (8 * PAGE_SIZE, 8),
        ] {
            let buffer = ScatterBuffer::new(length);
            assert!(buffer.is_ok_and(|b| b.list.len() == pages && b.length() == length));
        }
    }

    #[test]
    fn bytes_cross_pages() -> Result {
        let mut buffer = ScatterBuffer::new(2 * PAGE_SIZE + 100)?;
        let (mut read, written) = ([0xff; 200], [0x5a; 200]);
        for offset in [0, 1, PAGE_SIZE - 100, PAGE_SIZE - 1, 2 * PAGE_SIZE - 100] {
            buffer.copy_from_slice(offset, &written)?;
            buffer.copy_to_slice(offset, &mut read)?;
            assert!(read == written);
        }
        assert!(buffer.copy_to_slice(2 * PAGE_SIZE - 99, &mut read).is_err());
        assert!(buffer.copy_from_slice(usize::MAX, &written).is_err());
        Ok(())
    }
}
