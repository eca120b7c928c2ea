// SPDX-License-Identifier: GPL-2.0

//! Transfer buffers on the heap.

use super::memory::{
    private::Attach,
    range,
    Memory,
    Purpose, //
};
use crate::{
    alloc::Flags,
    bindings,
    iov::IovIterSource,
    prelude::*, //
};
use core::ops::{
    Deref,
    DerefMut, //
};

/// A transfer buffer on the heap.
///
/// DMA-able by type: it comes from `kmalloc()`, so it is never on the stack, never in `vmalloc()`
/// space, and shares no cache line with anything else where that matters for DMA. It starts out
/// as zeros and is always initialised memory, so that a device that lies about how much it sent
/// shows what the driver or the device itself had put there, but never kernel data (but for one
/// [exception](super#what-a-host-controller-and-a-device-say)).
///
/// # Examples
///
/// ```
/// use kernel::usb::Buffer;
///
/// let mut buffer = Buffer::new(512, GFP_KERNEL)?;
/// assert_eq!(buffer.len(), 512);
/// assert!(buffer.iter().all(|byte| *byte == 0));
/// buffer[..4].copy_from_slice(b"ping");
///
/// assert!(Buffer::new(0, GFP_KERNEL)?.is_empty());
/// assert!(Buffer::new(Buffer::MAX_LENGTH + 1, GFP_KERNEL).is_err());
/// # Ok::<(), Error>(())
/// ```
///
/// ```
/// use kernel::{device::Bound, prelude::*, usb};
///
/// /// Writes a command, at most as long as the buffer of the URB.
/// fn write<H>(
///     mut urb: usb::Urb<usb::Bulk, usb::Out, H>,
///     intf: &usb::Interface<Bound>,
///     command: &[u8],
/// ) -> Result
/// where
///     H: usb::Handler<usb::Bulk, usb::Out>,
/// {
///     let room = urb.buffer_mut().get_mut(..command.len()).ok_or(EMSGSIZE)?;
///     room.copy_from_slice(command);
///     urb.set_length(command.len())?;
///     urb.submit(intf)?;
///     Ok(())
/// }
/// ```
pub struct Buffer(KVec<u8>);

impl Buffer {
    /// Largest buffer, in bytes. The length of a transfer is a `u32` in C; `kmalloc()` usually
    /// gives out earlier.
    pub const MAX_LENGTH: usize = i32::MAX as usize;

    /// Allocates `length` bytes of zeros.
    ///
    /// # Context
    ///
    /// Any that `flags` are for: with `GFP_KERNEL` it may sleep, with `GFP_ATOMIC` it does not.
    ///
    /// # Errors
    ///
    /// - `EMSGSIZE` if `length` is more than [`Buffer::MAX_LENGTH`].
    /// - `ENOMEM` if there is no memory, or not that much in one piece.
    pub fn new(length: usize, flags: Flags) -> Result<Self> {
        if length > Self::MAX_LENGTH {
            return Err(EMSGSIZE);
        }
        Ok(Self(KVec::from_elem(0, length, flags | __GFP_NOWARN)?))
    }

    /// Allocates a buffer for all that a program writes, and copies it.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `EMSGSIZE` if it is more than [`Buffer::MAX_LENGTH`].
    /// - `EFAULT` if the program cannot read all of it itself.
    /// - `ENOMEM` if there is no memory, or not that much in one piece.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{iov::IovIterSource, prelude::*, usb};
    ///
    /// const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();
    ///
    /// fn write(
    ///     to: &usb::Endpoint<'_, usb::Bulk, usb::Out>,
    ///     iov: &mut IovIterSource<'_>,
    /// ) -> Result<usize> {
    ///     let buffer = usb::Buffer::from_iov(iov, GFP_KERNEL)?;
    ///     Ok(to.write(buffer, SECOND)?.whole()?.len())
    /// }
    /// ```
    pub fn from_iov(iov: &mut IovIterSource<'_>, flags: Flags) -> Result<Self> {
        let length = iov.len();
        if length > Self::MAX_LENGTH {
            return Err(EMSGSIZE);
        }
        let mut bytes = KVec::new();
        match iov.copy_from_iter_vec(&mut bytes, flags | __GFP_NOWARN)? == length {
            true => Ok(Self(bytes)),
            false => Err(EFAULT),
        }
    }
}

impl Attach for Buffer {
    fn check(&self, _purpose: &Purpose<'_>) -> Result {
        Ok(())
    }

    unsafe fn attach(&mut self, urb: *mut bindings::urb) {
        // SAFETY: The URB is valid and idle by the safety requirement. The bytes stay where they
        // are until `self` is dropped, wherever `self` moves.
        unsafe { (*urb).transfer_buffer = self.0.as_mut_ptr().cast() };
    }
}

impl Memory for Buffer {
    fn length(&self) -> usize {
        self.0.len()
    }

    fn copy_to_slice(&self, offset: usize, bytes: &mut [u8]) -> Result {
        // PANIC: The range was checked to have the length of `bytes` and to lie within.
        bytes.copy_from_slice(&self.0[range(offset, bytes.len(), self.0.len())?]);
        Ok(())
    }

    fn copy_from_slice(&mut self, offset: usize, bytes: &[u8]) -> Result {
        let range = range(offset, bytes.len(), self.0.len())?;
        // PANIC: As above.
        self.0[range].copy_from_slice(bytes);
        Ok(())
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

#[kunit_tests(rust_usb_buffer)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_a_limit() {
        for length in [0, 1, 4096] {
            let buffer = Buffer::new(length, GFP_KERNEL);
            assert!(buffer.is_ok_and(|buffer| buffer.len() == length && buffer.length() == length));
        }
        for (length, error) in [
            // More than there is in one piece, though it may be asked for.
            (Buffer::MAX_LENGTH, ENOMEM),
            (Buffer::MAX_LENGTH + 1, EMSGSIZE),
            (usize::MAX, EMSGSIZE),
        ] {
            assert_eq!(Buffer::new(length, GFP_KERNEL).err(), Some(error));
        }
    }

    #[test]
    fn copies_stay_inside() -> Result {
        let mut buffer = Buffer::new(8, GFP_KERNEL)?;
        for (offset, count, fits) in [
            (0, 0, true),
            (0, 8, true),
            (8, 0, true),
            (7, 1, true),
            (7, 2, false),
            (8, 1, false),
            (9, 0, false),
            (usize::MAX, 1, false),
        ] {
            let mut bytes = [0x5a; 8];
            let written = Memory::copy_from_slice(&mut buffer, offset, &bytes[..count]);
            let read = buffer.copy_to_slice(offset, &mut bytes[..count]);
            let expected = if fits { Ok(()) } else { Err(EINVAL) };
            assert_eq!((written, read), (expected, expected));
        }
        assert!(buffer.iter().all(|byte| *byte == 0x5a));
        Ok(())
    }
}
