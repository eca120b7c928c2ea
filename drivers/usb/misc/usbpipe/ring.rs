// SPDX-License-Identifier: GPL-2.0

//! A queue of fixed size: usable with a spinlock held, since it never allocates.

use core::array;
use kernel::prelude::*;

/// Up to `N` items, first in, first out.
pub(crate) struct Ring<T, const N: usize> {
    slots: [Option<T>; N],
    first: usize,
    length: usize,
}

impl<T, const N: usize> Ring<T, N> {
    pub(crate) fn new() -> Self {
        Self {
            slots: array::from_fn(|_| None),
            first: 0,
            length: 0,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// Looks at the first item.
    pub(crate) fn first(&self) -> Option<&T> {
        self.slots[self.first].as_ref()
    }

    /// Adds an item at the end; gives it back if the ring is full.
    pub(crate) fn push_back(&mut self, item: T) -> Result<(), T> {
        if self.length == N {
            return Err(item);
        }
        self.slots[(self.first + self.length) % N] = Some(item);
        self.length += 1;
        Ok(())
    }

    /// Puts an item before all others; gives it back if the ring is full.
    pub(crate) fn push_front(&mut self, item: T) -> Result<(), T> {
        if self.length == N {
            return Err(item);
        }
        self.first = (self.first + N - 1) % N;
        self.slots[self.first] = Some(item);
        self.length += 1;
        Ok(())
    }

    /// Takes the first item.
    pub(crate) fn pop_front(&mut self) -> Option<T> {
        let item = self.slots[self.first].take()?;
        self.first = (self.first + 1) % N;
        self.length -= 1;
        Some(item)
    }
}

#[kunit_tests(usbpipe_ring)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_over_its_end() {
        let mut ring = Ring::<u32, 3>::new();
        for round in 0..10 {
            assert!(ring.is_empty());
            for item in 0..3 {
                assert!(ring.push_back(10 * round + item).is_ok());
            }
            assert_eq!(ring.len(), 3);
            for item in 0..3 {
                assert_eq!(ring.pop_front(), Some(10 * round + item));
            }
            assert_eq!(ring.pop_front(), None);
            // Start the next round at another slot.
            assert!(ring.push_back(0).is_ok());
            assert_eq!(ring.pop_front(), Some(0));
        }
    }

    #[test]
    fn gives_back_what_does_not_fit() {
        let mut ring = Ring::<u32, 2>::new();
        assert!(ring.push_back(1).is_ok());
        assert!(ring.push_front(0).is_ok());
        assert_eq!(ring.push_back(2), Err(2));
        assert_eq!(ring.push_front(2), Err(2));
        assert_eq!(ring.pop_front(), Some(0));
        assert_eq!(ring.pop_front(), Some(1));
        assert_eq!(ring.pop_front(), None);
    }
}
