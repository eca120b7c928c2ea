// SPDX-License-Identifier: GPL-2.0

//! Transfer buffers whose pages user space can map.

use super::{
    memory::{
        private::Attach,
        Memory,
        Purpose, //
    },
    Pages, //
};
use crate::{
    bindings,
    prelude::*,
    sync::Arc, //
};

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
    /// - `EINVAL` if `length` is 0, `EMSGSIZE` if it is more than [`Pages::MAX_LENGTH`].
    /// - `ENOMEM` if there is no memory, or not that much in one piece.
    pub fn new(length: usize) -> Result<Self> {
        Ok(Self(Arc::new(Pages::new(length)?, GFP_KERNEL)?))
    }

    /// Another buffer of pages that there are already: for several URBs, each of which moves a
    /// [`Part`](super::Part) of them.
    ///
    /// Parts may overlap, since nobody borrows their bytes; what is in them then is anybody's
    /// guess. The same holds for parts that share a cache line, on machines where the CPU does not
    /// see what devices write: let each begin at a multiple of 128 bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{
    ///     sync::Arc,
    ///     usb::{Memory, PageBuffer, Part},
    /// };
    ///
    /// // Eight small slots on one page.
    /// let page = PageBuffer::new(4096)?.pages().clone();
    /// let mut slots = KVec::new();
    /// for index in 0..8 {
    ///     let slot = Part::new(PageBuffer::share(&page), index * 512..(index + 1) * 512)?;
    ///     slots.push(slot, GFP_KERNEL)?;
    /// }
    /// slots[3].copy_from_slice(0, b"third")?;
    /// let mut bytes = [0; 5];
    /// page.read(3 * 512, &mut bytes)?;
    /// assert_eq!(&bytes, b"third");
    /// # Ok::<(), Error>(())
    /// ```
    pub fn share(pages: &Arc<Pages>) -> Self {
        Self(pages.clone())
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
        self.0.length()
    }

    fn copy_to_slice(&self, offset: usize, bytes: &mut [u8]) -> Result {
        self.0.read(offset, bytes)
    }

    fn copy_from_slice(&mut self, offset: usize, bytes: &[u8]) -> Result {
        self.0.write(offset, bytes)
    }
}

#[kunit_tests(rust_usb_page_buffer)]
mod tests {
    use super::*;
    use crate::{
        page::PAGE_SIZE,
        usb::Part, //
    };

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

    #[test]
    fn what_one_writes_all_see() -> Result {
        let first = PageBuffer::new(PAGE_SIZE)?;
        let mut second = Part::new(PageBuffer::share(first.pages()), 512..1024)?;
        // Overlapping another one is allowed.
        let third = Part::new(PageBuffer::share(second.whole().pages()), 514..518)?;
        second.copy_from_slice(0, &[1, 2, 3, 4])?;
        let mut read = [0; 4];
        first.copy_to_slice(512, &mut read)?;
        assert!(read == [1, 2, 3, 4]);
        drop(first);
        third.copy_to_slice(0, &mut read)?;
        assert!(read == [3, 4, 0, 0]);
        Ok(())
    }

    #[test]
    fn each_tells_the_host_controller_of_its_own_bytes() -> Result {
        // SAFETY: All fields of the C structure may be zero.
        let mut urb: KBox<bindings::urb> =
            unsafe { KBox::new_uninit(GFP_KERNEL | __GFP_ZERO)?.assume_init() };
        let pages = PageBuffer::new(PAGE_SIZE)?.pages().clone();
        for start in [0, 512, PAGE_SIZE - 512] {
            let mut slot = Part::new(PageBuffer::share(&pages), start..start + 512)?;
            // SAFETY: `urb` is valid, was never submitted, and gets other memory before `slot`
            // is used by anybody else.
            unsafe { slot.attach(&raw mut *urb) };
            let address = pages.bytes().wrapping_add(start);
            assert_eq!(urb.transfer_buffer.cast::<u8>(), address);
        }
        Ok(())
    }
}
