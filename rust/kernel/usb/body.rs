// SPDX-License-Identifier: GPL-2.0

//! What a URB consists of, and its owner.

use super::{
    control::SetupPacket,
    iso::Packets,
    raw::RawUrb, //
};
use crate::prelude::*;
use core::{
    marker::PhantomData,
    mem::ManuallyDrop,
    ops::{
        Deref,
        DerefMut, //
    },
    ptr::NonNull, //
};

/// All that a transfer consists of, in one piece of memory that does not move.
#[repr(C)]
pub(super) struct Body<H, B> {
    pub(super) raw: RawUrb,
    pub(super) setup: Option<KBox<SetupPacket>>,
    pub(super) memory: B,
    /// How much of the memory takes part in the transfer; never more than its length.
    pub(super) length: usize,
    pub(super) packets: Packets,
    pub(super) handler: H,
}

/// Owns a [`Body`].
///
/// A box, but one that is dropped by a function that gets its value: for the glue of a box it has
/// to be in memory, and with it all that is beside it in a [`Completed`](super::Completed), also
/// on the way of a handler that submits the URB again.
///
/// It cannot be taken for one of a subtype or supertype, as a box can: its [`RawUrb`] knows by which
/// types to finish it, also after somebody has put another handler into it.
///
/// # Invariants
///
/// Points to what came out of a box, and owns it.
pub(super) struct OwnedBody<H, B>(NonNull<Body<H, B>>, Invariant<Body<H, B>>);

/// Makes what has it neither of a subtype of `T` nor of a supertype.
pub(super) type Invariant<T> = PhantomData<fn(T) -> T>;

impl<H, B> OwnedBody<H, B> {
    pub(super) fn new(body: KBox<Body<H, B>>) -> Self {
        // INVARIANT: It has just come out of its box.
        Self(NonNull::from(KBox::leak(body)), PhantomData)
    }

    /// Gives the body up.
    #[inline]
    pub(super) fn leak(self) -> NonNull<Body<H, B>> {
        ManuallyDrop::new(self).0
    }

    /// # Safety
    ///
    /// `body` must come from [`leak`](OwnedBody::leak), and nobody else may own it.
    #[inline]
    pub(super) unsafe fn from_leaked(body: NonNull<Body<H, B>>) -> Self {
        // INVARIANT: By the safety requirements.
        Self(body, PhantomData)
    }

    pub(super) fn into_inner(self) -> Body<H, B> {
        // SAFETY: By the type invariants it comes from a box, and is ours alone.
        KBox::into_inner(unsafe { KBox::from_raw(self.leak().as_ptr()) })
    }

    /// # Safety
    ///
    /// `body` must have come out of a box, and nobody else may use it.
    #[inline(never)]
    unsafe fn free(body: NonNull<Body<H, B>>) {
        // SAFETY: It came out of a box of this type, and the caller gives it up.
        drop(unsafe { KBox::from_raw(body.as_ptr()) });
    }
}

impl<H, B> Deref for OwnedBody<H, B> {
    type Target = Body<H, B>;

    #[inline]
    fn deref(&self) -> &Body<H, B> {
        // SAFETY: By the type invariants it is valid, and ours.
        unsafe { self.0.as_ref() }
    }
}

impl<H, B> DerefMut for OwnedBody<H, B> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Body<H, B> {
        // SAFETY: By the type invariants it is valid, and ours; we are borrowed mutably.
        unsafe { self.0.as_mut() }
    }
}

impl<H, B> Drop for OwnedBody<H, B> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: By the type invariants it comes from a box, and nobody uses it after us.
        unsafe { Self::free(self.0) };
    }
}
