// SPDX-License-Identifier: GPL-2.0

//! A set of interface numbers.

use crate::prelude::kunit_tests;

/// Which of the numbers 0 to 255 are in it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Numbers([u64; 4]);

impl Numbers {
    /// Puts `number` in. Whether it was not in yet.
    pub(super) fn insert(&mut self, number: u8) -> bool {
        let is_new = !self.contains(number);
        if let Some(word) = self.0.get_mut(usize::from(number / 64)) {
            *word |= 1 << (number % 64);
        }
        is_new
    }

    pub(super) fn contains(&self, number: u8) -> bool {
        let word = self.0.get(usize::from(number / 64));
        word.is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    /// How many are in it.
    pub(super) fn len(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }
}

impl FromIterator<u8> for Numbers {
    fn from_iter<I: IntoIterator<Item = u8>>(numbers: I) -> Self {
        let mut set = Self::default();
        for number in numbers {
            set.insert(number);
        }
        set
    }
}

#[kunit_tests(rust_usb_descriptor_numbers)]
mod tests {
    use super::*;

    #[test]
    fn each_number_is_in_once() {
        let mut set = Numbers::default();
        for number in 0..=0xff_u8 {
            assert!(!set.contains(number));
            assert!(set.insert(number));
            assert!(!set.insert(number));
            assert!(set.contains(number));
            assert_eq!(set.len(), u32::from(number) + 1);
        }
    }

    #[test]
    fn others_are_not_in() {
        let set: Numbers = [0, 63, 64, 255, 64].into_iter().collect();
        assert_eq!(set.len(), 4);
        for number in [1, 62, 65, 127, 128, 254] {
            assert!(!set.contains(number));
        }
    }
}
