// SPDX-License-Identifier: GPL-2.0

//! Transfer buffers that are mapped for DMA once, rather than for each transfer.
//!
//! Such memory belongs to the host controller's device, so that it must be freed before the driver
//! is unbound, whatever the driver still holds. It is therefore owned by the interface's gate, and
//! a buffer of it becomes empty at the end of unbinding.

use super::{
    endpoint::Direction,
    gate::Gate,
    memory::{
        private::Attach,
        range,
        Memory,
        Purpose, //
    },
    proof::IsBound,
    Buffer,
    Interface, //
};
use crate::{
    bindings,
    device,
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Release, //
        },
        Arc,
        UniqueArc, //
    }, //
};
use core::{
    marker::PhantomData,
    ptr::NonNull, //
};

/// A piece of DMA memory of a device.
///
/// # Invariants
///
/// Until [`release`](Block::release), `raw` is an allocation of `length` initialised bytes
/// for the device behind `gate`.
pub(super) struct Block {
    gate: Arc<Gate>,
    raw: Raw,
    length: usize,
    /// Nobody uses it any more.
    abandoned: Atomic<bool>,
}

// SAFETY: The memory may be accessed from any thread; who does is said by the buffer that owns it.
unsafe impl Send for Block {}

// SAFETY: As above; a `&Block` alone gives no access to the bytes.
unsafe impl Sync for Block {}

/// Memory as the C core gives it.
struct Raw {
    bytes: NonNull<u8>,
    dma: bindings::dma_addr_t,
    direction: bindings::dma_data_direction,
    table: *mut bindings::sg_table,
}

impl Raw {
    /// Uncached memory, where the architecture needs that.
    ///
    /// # Safety
    ///
    /// `udev` must be valid.
    unsafe fn coherent(udev: *mut bindings::usb_device, length: usize) -> Result<Self> {
        let mut dma = 0;
        let gfp = (GFP_KERNEL | __GFP_NOWARN).as_raw();
        // SAFETY: `udev` is valid by the safety requirement, `dma` is ours.
        let bytes = unsafe { bindings::usb_alloc_coherent(udev, length, gfp, &raw mut dma) };
        Ok(Self {
            bytes: NonNull::new(bytes.cast()).ok_or(ENOMEM)?,
            dma,
            direction: bindings::dma_data_direction::DMA_BIDIRECTIONAL,
            table: core::ptr::null_mut(),
        })
    }

    /// Cached memory, which the core synchronises before and after each transfer.
    ///
    /// # Safety
    ///
    /// As [`coherent`](Raw::coherent).
    unsafe fn noncoherent(
        udev: *mut bindings::usb_device,
        length: usize,
        direction: bindings::dma_data_direction,
    ) -> Result<Self> {
        let (mut dma, mut table) = (0, core::ptr::null_mut());
        let (gfp, to_dma) = ((GFP_KERNEL | __GFP_NOWARN).as_raw(), &raw mut dma);
        // SAFETY: `udev` is valid, and both results are variables of ours.
        let bytes = unsafe {
            bindings::usb_alloc_noncoherent(udev, length, gfp, to_dma, direction, &raw mut table)
        };
        Ok(Self {
            bytes: NonNull::new(bytes.cast()).ok_or(ENOMEM)?,
            dma,
            direction,
            table,
        })
    }
}

impl Block {
    /// Allocates a block of `length` bytes of zeros that `interface` owns.
    fn new(
        interface: &Interface<device::Bound>,
        length: usize,
        allocate: impl FnOnce(*mut bindings::usb_device) -> Result<Raw>,
    ) -> Result<Arc<Self>> {
        match length {
            0 => return Err(EINVAL),
            1..=Buffer::MAX_LENGTH => (),
            _ => return Err(EMSGSIZE),
        }
        let gate = interface.gate()?;
        let slot = UniqueArc::<Self>::new_uninit(GFP_KERNEL)?;
        let raw = allocate(gate.udev())?;
        // SAFETY: They are `length` bytes that nobody else has.
        unsafe { raw.bytes.write_bytes(0, length) };
        // INVARIANT: The memory has just been allocated for that device, and initialised.
        let block: Arc<Self> = slot
            .write(Self {
                gate: gate.clone(),
                raw,
                length,
                abandoned: Atomic::new(false),
            })
            .into();
        gate.vault().keep(block.clone()).inspect_err(|_| {
            // SAFETY: Nobody else has it, and the device is valid: its interface is bound.
            unsafe { block.release() };
        })?;
        Ok(block)
    }

    /// Whether its buffer is gone.
    pub(super) fn is_abandoned(&self) -> bool {
        self.abandoned.load(Acquire)
    }

    /// Frees the memory.
    ///
    /// # Safety
    ///
    /// - Called once, while the device is valid.
    /// - Nobody accesses the memory any more: the buffer was dropped, or nobody can
    ///   [`look`](super::vault::Vault::look) any more, and no URB is in flight.
    ///
    /// # Context
    ///
    /// May sleep.
    pub(super) unsafe fn release(&self) {
        let (udev, raw, length) = (self.gate.udev(), &self.raw, self.length);
        let bytes = raw.bytes.as_ptr().cast();
        // SAFETY: By the type invariants and the safety requirement these are the device, length
        // and addresses of an allocation that is freed only here.
        unsafe {
            match raw.table.is_null() {
                true => bindings::usb_free_coherent(udev, length, bytes, raw.dma),
                false => {
                    bindings::usb_free_noncoherent(udev, length, bytes, raw.direction, raw.table)
                }
            }
        };
    }
}

/// What both kinds of buffers have in common: the only user of a block.
struct Owner(Arc<Block>);

impl Owner {
    fn check(&self, purpose: &Purpose<'_>) -> Result {
        match core::ptr::eq(Arc::as_ptr(&self.0.gate), purpose.gate) {
            true => Ok(()),
            false => Err(EINVAL),
        }
    }

    /// # Safety
    ///
    /// As [`Attach::attach`].
    unsafe fn attach(&mut self, urb: *mut bindings::urb) {
        let raw = &self.0.raw;
        // SAFETY: The URB is valid and idle. The block stays until the gate was closed, and with
        // it every URB of its interface is idle for ever.
        unsafe {
            (*urb).transfer_buffer = raw.bytes.as_ptr().cast();
            (*urb).transfer_dma = raw.dma;
            (*urb).sgt = raw.table;
            (*urb).transfer_flags |= bindings::URB_NO_TRANSFER_DMA_MAP;
        }
    }

    fn access<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R> {
        let _inside = self.0.gate.vault().look()?;
        // SAFETY: By the type invariants of `Block` they are initialised; they are not freed
        // while we are looking, and nobody writes to them while the buffer is borrowed: neither
        // another owner, there is none, nor the device, since a URB in flight is not accessible.
        Ok(f(unsafe {
            core::slice::from_raw_parts(self.0.raw.bytes.as_ptr(), self.0.length)
        }))
    }

    fn access_mut<R>(&mut self, f: impl FnOnce(&mut [u8]) -> R) -> Result<R> {
        let _inside = self.0.gate.vault().look()?;
        // SAFETY: As in `access`; also the buffer is borrowed mutably, so that nobody reads.
        Ok(f(unsafe {
            core::slice::from_raw_parts_mut(self.0.raw.bytes.as_ptr(), self.0.length)
        }))
    }

    fn copy_to_slice(&self, offset: usize, bytes: &mut [u8]) -> Result {
        let range = range(offset, bytes.len(), self.0.length)?;
        // PANIC: The range was checked to have the length of `bytes` and to lie within.
        self.access(|all| bytes.copy_from_slice(&all[range]))
    }

    fn copy_from_slice(&mut self, offset: usize, bytes: &[u8]) -> Result {
        let range = range(offset, bytes.len(), self.0.length)?;
        // PANIC: As above.
        self.access_mut(|all| all[range].copy_from_slice(bytes))
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // Not freed here, where interrupts may be disabled.
        self.0.abandoned.store(true, Release);
    }
}

/// A transfer buffer that device and driver see at once, mapped for DMA for as long as it lives.
///
/// Saves the mapping for each transfer, which is worth it for small transfers that happen often.
/// On some architectures access is slow.
///
/// # Examples
///
/// ```
/// use kernel::{device::Bound, prelude::*, usb};
///
/// /// Reads the reports of a keyboard, 8 bytes each.
/// fn listen<H>(intf: &usb::Interface<Bound>, handler: H) -> Result
/// where
///     H: usb::Handler<usb::Interrupt, usb::In, usb::CoherentBuffer>,
/// {
///     let keys = intf.find_endpoint::<usb::Interrupt, usb::In>().ok_or(ENXIO)?;
///     usb::Urb::new(&keys, usb::CoherentBuffer::new(intf, 8)?, handler)?.submit(intf)?;
///     Ok(())
/// }
///
/// /// The first key that is held down (HID 1.11, B.1).
/// fn first_key(report: &usb::CoherentBuffer) -> Result<Option<u8>> {
///     report.access(|bytes| bytes.get(2).copied())
/// }
/// ```
#[doc(alias = "usb_alloc_coherent")]
pub struct CoherentBuffer(Owner);

/// A transfer buffer in cached memory, mapped for DMA for as long as it lives, for transfers in
/// direction `D`. The core synchronises it before and after each transfer.
///
/// # Examples
///
/// ```
/// use kernel::{device::Bound, prelude::*, usb};
///
/// /// A white picture for a display.
/// fn blank(intf: &usb::Interface<Bound>) -> Result<usb::NoncoherentBuffer<usb::Out>> {
///     const BYTES: usize = 320 * 240 * 2;
///     let mut picture = usb::NoncoherentBuffer::new(intf, BYTES)?;
///     picture.access_mut(|pixels| pixels.fill(0xff))?;
///     Ok(picture)
/// }
/// ```
#[doc(alias = "usb_alloc_noncoherent")]
pub struct NoncoherentBuffer<D: Direction>(Owner, PhantomData<D>);

impl CoherentBuffer {
    /// Allocates `length` bytes of zeros for transfers of `interface`.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `EINVAL` if `length` is 0, `EMSGSIZE` if it is more than [`Buffer::MAX_LENGTH`].
    /// - `ENODEV`: the driver is being unbound.
    /// - `ENOMEM`.
    pub fn new<Ctx: device::DeviceContext>(
        interface: &Interface<Ctx>,
        length: usize,
    ) -> Result<Self>
    where
        Interface<Ctx>: IsBound,
    {
        Self::allocate(interface.bound(), length)
    }

    fn allocate(interface: &Interface<device::Bound>, length: usize) -> Result<Self> {
        let block = Block::new(interface, length, |udev| {
            // SAFETY: The device is valid, since its interface is bound.
            unsafe { Raw::coherent(udev, length) }
        })?;
        Ok(Self(Owner(block)))
    }
}

impl<D: Direction> NoncoherentBuffer<D> {
    /// Allocates `length` bytes of zeros for transfers of `interface`.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// As [`CoherentBuffer::new`].
    pub fn new<Ctx: device::DeviceContext>(
        interface: &Interface<Ctx>,
        length: usize,
    ) -> Result<Self>
    where
        Interface<Ctx>: IsBound,
    {
        Self::allocate(interface.bound(), length)
    }

    fn allocate(interface: &Interface<device::Bound>, length: usize) -> Result<Self> {
        let direction = match D::IS_IN {
            true => bindings::dma_data_direction::DMA_FROM_DEVICE,
            false => bindings::dma_data_direction::DMA_TO_DEVICE,
        };
        let block = Block::new(interface, length, |udev| {
            // SAFETY: An interface that is bound has a valid device.
            unsafe { Raw::noncoherent(udev, length, direction) }
        })?;
        Ok(Self(Owner(block), PhantomData))
    }
}

macro_rules! impl_dma_buffer {
    ([$($generics:tt)*] $buffer:ty, $direction:expr) => {
        impl<$($generics)*> $buffer {
            /// Looks at the bytes.
            ///
            /// # Context
            ///
            /// Any. Unbinding waits for `f`, so that it must not wait for anything itself.
            ///
            /// # Errors
            ///
            /// `ENODEV`: the driver was unbound, and the memory is gone.
            pub fn access<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R> {
                self.0.access(f)
            }

            /// Changes the bytes.
            ///
            /// # Context
            ///
            /// As [`access`](Self::access).
            ///
            /// # Errors
            ///
            /// As [`access`](Self::access).
            pub fn access_mut<R>(&mut self, f: impl FnOnce(&mut [u8]) -> R) -> Result<R> {
                self.0.access_mut(f)
            }
        }

        impl<$($generics)*> Attach for $buffer {
            fn check(&self, purpose: &Purpose<'_>) -> Result {
                let direction: Option<bool> = $direction;
                match direction {
                    Some(is_in) if is_in != purpose.is_in => Err(EINVAL),
                    _ => self.0.check(purpose),
                }
            }

            unsafe fn attach(&mut self, urb: *mut bindings::urb) {
                // SAFETY: The requirements are the same.
                unsafe { self.0.attach(urb) };
            }
        }

        impl<$($generics)*> Memory for $buffer {
            fn length(&self) -> usize {
                self.0 .0.length
            }

            fn copy_to_slice(&self, offset: usize, bytes: &mut [u8]) -> Result {
                self.0.copy_to_slice(offset, bytes)
            }

            fn copy_from_slice(&mut self, offset: usize, bytes: &[u8]) -> Result {
                self.0.copy_from_slice(offset, bytes)
            }
        }
    };
}

impl_dma_buffer!([] CoherentBuffer, None);
impl_dma_buffer!([D: Direction] NoncoherentBuffer<D>, Some(D::IS_IN));
