// SPDX-License-Identifier: GPL-2.0

//! Iterators with short names.
//!
//! The symbols of adapters of iterators contain the names of all that is beneath them, closures
//! included. modpost has room for 500 bytes, and generic code of ours is exported. So what drivers
//! put adapters on is made of the types here.

use super::{
    raw::WellFormed,
    DescriptorType,
    Raw, //
};

/// Something made of descriptors, up to one that ends them.
#[derive(Clone)]
pub(super) struct Chosen<'a, T> {
    rest: Option<WellFormed<'a>>,
    ends: fn(DescriptorType) -> bool,
    choose: fn(Raw<'a>) -> Option<T>,
}

impl<'a, T> Chosen<'a, T> {
    /// What `choose` makes of `all`, before the first whose type `ends` them.
    pub(super) fn new(
        all: WellFormed<'a>,
        ends: fn(DescriptorType) -> bool,
        choose: fn(Raw<'a>) -> Option<T>,
    ) -> Self {
        Self {
            rest: Some(all),
            ends,
            choose,
        }
    }
}

impl<T> Iterator for Chosen<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        loop {
            let raw = self.rest.as_mut()?.next()?;
            if (self.ends)(raw.descriptor_type()) {
                self.rest = None;
            } else if let Some(chosen) = (self.choose)(raw) {
                return Some(chosen);
            }
        }
    }
}

/// The pieces of `N` bytes that some bytes consist of; what is left at their end is ignored.
#[derive(Clone)]
pub(super) struct Pieces<'a, const N: usize>(&'a [u8]);

impl<'a, const N: usize> Pieces<'a, N> {
    /// At most `count` of them.
    pub(super) fn new(bytes: &'a [u8], count: usize) -> Self {
        let length = count.saturating_mul(N);
        Self(bytes.get(..length).unwrap_or(bytes))
    }
}

impl<const N: usize> Iterator for Pieces<'_, N> {
    type Item = [u8; N];

    fn next(&mut self) -> Option<[u8; N]> {
        let (piece, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*piece)
    }
}

/// Whether `items` are those that are expected; [`Iterator::eq`] has a longer name.
#[cfg(CONFIG_KUNIT = "y")]
pub(super) fn same<T: PartialEq>(items: impl Iterator<Item = T>, expected: &[T]) -> bool {
    let mut expected = expected.iter();
    for item in items {
        if expected.next() != Some(&item) {
            return false;
        }
    }
    expected.next().is_none()
}
