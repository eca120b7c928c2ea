// SPDX-License-Identifier: GPL-2.0

//! A queue of fixed size: usable with a spinlock held, since it allocates only when it is made.

use crate::prelude::*;

/// Up to so many items, first in, first out.
pub(super) struct Ring<T> {
    slots: KVec<Option<T>>,
    first: usize,
    length: usize,
}

impl<T> Ring<T> {
    /// A ring without any slot: whatever is added comes back.
    pub(super) const NONE: Self = Self {
        slots: KVec::new(),
        first: 0,
        length: 0,
    };

    /// # Errors
    ///
    /// `ENOMEM`.
    pub(super) fn new(capacity: usize) -> Result<Self> {
        let mut slots = KVec::with_capacity(capacity, GFP_KERNEL | __GFP_NOWARN)?;
        for _ in 0..capacity {
            slots.push_within_capacity(None)?;
        }
        Ok(Self {
            slots,
            ..Self::NONE
        })
    }

    pub(super) fn capacity(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// Looks at the first item, to change it.
    pub(super) fn first_mut(&mut self) -> Option<&mut T> {
        self.slots.get_mut(self.first)?.as_mut()
    }

    /// Adds an item at the end; gives it back if the ring is full.
    pub(super) fn push_back(&mut self, item: T) -> Result<(), T> {
        let index = self.slot(self.length);
        self.put(index, item)
    }

    /// Puts an item before all others; gives it back if the ring is full.
    pub(super) fn push_front(&mut self, item: T) -> Result<(), T> {
        let index = self.slot(self.slots.len().saturating_sub(1));
        self.put(index, item)?;
        self.first = index;
        Ok(())
    }

    /// Takes the first item.
    pub(super) fn pop_front(&mut self) -> Option<T> {
        let item = self.slots.get_mut(self.first)?.take()?;
        self.first = self.slot(1);
        self.length -= 1;
        Some(item)
    }

    /// The index of the slot that is `distance` behind the first item's.
    fn slot(&self, distance: usize) -> usize {
        let index = self.first + distance;
        // `distance` is at most the number of slots, and `first` is less, or 0.
        match index < self.slots.len() {
            true => index,
            false => index - self.slots.len(),
        }
    }

    /// Fills a slot, if it is empty.
    fn put(&mut self, index: usize, item: T) -> Result<(), T> {
        match self.slots.get_mut(index) {
            Some(slot @ None) => {
                *slot = Some(item);
                self.length += 1;
                Ok(())
            }
            _ => Err(item),
        }
    }
}

#[kunit_tests(rust_usb_ring)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_over_its_end() -> Result {
        for capacity in [1, 2, 3] {
            let mut ring = Ring::new(capacity)?;
            for round in 0..10 {
                assert_eq!(ring.len(), 0);
                for item in 0..capacity {
                    assert!(ring.push_back(10 * round + item).is_ok());
                }
                assert_eq!((ring.len(), ring.capacity()), (capacity, capacity));
                assert_eq!(ring.first_mut(), Some(&mut (10 * round)));
                for item in 0..capacity {
                    assert_eq!(ring.pop_front(), Some(10 * round + item));
                }
                assert_eq!(ring.pop_front(), None);
                // Start the next round at another slot.
                assert!(ring.push_back(0).is_ok());
                assert_eq!(ring.pop_front(), Some(0));
            }
        }
        Ok(())
    }

    #[test]
    fn what_is_put_in_front_comes_first() -> Result {
        let mut ring = Ring::new(3)?;
        for _ in 0..7 {
            assert!(ring.push_back(1).is_ok());
            assert!(ring.push_front(0).is_ok());
            assert!(ring.push_back(2).is_ok());
            for item in 0..3 {
                assert_eq!(ring.pop_front(), Some(item));
            }
            assert!(ring.push_front(5).is_ok());
            assert_eq!(ring.first_mut(), Some(&mut 5));
            assert_eq!(ring.pop_front(), Some(5));
            assert_eq!(ring.first_mut(), None);
        }
        Ok(())
    }

    #[test]
    fn gives_back_what_does_not_fit() -> Result {
        let mut ring = Ring::new(2)?;
        assert!(ring.push_back(1).is_ok());
        assert!(ring.push_front(0).is_ok());
        assert_eq!(ring.push_back(2), Err(2));
        assert_eq!(ring.push_front(2), Err(2));
        assert_eq!(ring.pop_front(), Some(0));
        assert_eq!(ring.pop_front(), Some(1));
        assert_eq!(ring.pop_front(), None);
        Ok(())
    }

    #[test]
    fn nothing_fits_into_none() {
        let mut ring = Ring::NONE;
        assert_eq!(ring.push_back(1), Err(1));
        assert_eq!(ring.push_front(1), Err(1));
        assert_eq!(ring.pop_front(), None);
        assert_eq!(ring.first_mut(), None);
        assert_eq!((ring.len(), ring.capacity()), (0, 0));
    }
}
