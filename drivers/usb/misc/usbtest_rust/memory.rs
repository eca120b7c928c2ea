// SPDX-License-Identifier: GPL-2.0

//! The memory of transfers: mapped by the USB core for each of them, or once; aligned or not.

use crate::pattern::{
    are_guards,
    GUARD, //
};
use kernel::{
    device::Bound,
    prelude::*,
    usb::{
        Buffer,
        CoherentBuffer,
        Interface,
        MemoryMut,
        OnePiece,
        Part, //
    }, //
};

/// Memory whose bytes the driver can get at.
pub(crate) trait Bytes: OnePiece + Sized {
    fn allocate(interface: &Interface<Bound>, length: usize) -> Result<Self>;

    fn look<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R>;

    fn change<R>(this: MemoryMut<'_, Self>, f: impl FnOnce(&mut [u8]) -> R) -> Result<R>;
}

impl Bytes for Buffer {
    fn allocate(_interface: &Interface<Bound>, length: usize) -> Result<Self> {
        Buffer::new(length, GFP_KERNEL)
    }

    fn look<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R> {
        Ok(f(self))
    }

    fn change<R>(mut this: MemoryMut<'_, Self>, f: impl FnOnce(&mut [u8]) -> R) -> Result<R> {
        Ok(f(&mut this))
    }
}

impl Bytes for CoherentBuffer {
    fn allocate(interface: &Interface<Bound>, length: usize) -> Result<Self> {
        CoherentBuffer::new(interface, length)
    }

    fn look<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R> {
        self.access(f)
    }

    fn change<R>(mut this: MemoryMut<'_, Self>, f: impl FnOnce(&mut [u8]) -> R) -> Result<R> {
        this.access(f)
    }
}

/// How far the address is from one that is aligned; the bytes in front are guards.
#[derive(Clone, Copy)]
pub(crate) enum Address {
    Aligned,
    /// By one byte.
    Odd,
}

impl Address {
    const fn offset(self) -> usize {
        match self {
            Self::Aligned => 0,
            Self::Odd => 1,
        }
    }
}

/// Allocates `length` bytes, which may be none.
///
/// # Errors
///
/// - `ENOMEM`: there is no memory, or not that much in one piece.
/// - `ENODEV`: the driver is being unbound.
pub(crate) fn allocate<B: Bytes>(
    interface: &Interface<Bound>,
    length: usize,
    address: Address,
) -> Result<Part<B>> {
    let start = address.offset();
    let end = start.checked_add(length).ok_or(ENOMEM)?;
    // There is no memory without bytes.
    let whole = B::allocate(interface, end.max(1)).map_err(|error| match error {
        ENODEV => ENODEV,
        _ => ENOMEM,
    })?;
    let mut part = Part::new(whole, start..end)?;
    B::change(part.whole_mut(), |bytes| {
        if let Some(guards) = bytes.get_mut(..start) {
            guards.fill(GUARD);
        }
    })?;
    Ok(part)
}

/// Looks at the first `length` bytes of a part.
pub(crate) fn look<B: Bytes, R>(
    part: &Part<B>,
    length: usize,
    f: impl FnOnce(&[u8]) -> R,
) -> Result<R> {
    let range = part.range();
    part.whole().look(|bytes| {
        let bytes = bytes.get(range).unwrap_or(&[]);
        f(bytes.get(..length).unwrap_or(bytes))
    })
}

/// Changes the first `length` bytes of a part.
pub(crate) fn change<B: Bytes>(
    part: MemoryMut<'_, Part<B>>,
    length: usize,
    f: impl FnOnce(&mut [u8]),
) -> Result {
    let range = part.range();
    B::change(part.whole(), |bytes| {
        let bytes = bytes.get_mut(range).unwrap_or(&mut []);
        let length = length.min(bytes.len());
        f(bytes.get_mut(..length).unwrap_or(&mut []));
    })
}

/// Whether nobody has written to what is in front of a part.
pub(crate) fn is_guarded<B: Bytes>(part: &Part<B>) -> Result<bool> {
    let start = part.range().start;
    part.whole()
        .look(|bytes| bytes.get(..start).is_some_and(are_guards))
}
