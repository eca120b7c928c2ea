// SPDX-License-Identifier: GPL-2.0

//! Who waits for what, so that nobody is woken in vain.

use kernel::prelude::*;

/// Those who wait for slots to be completed. Whoever is woken, or gives up, says anew what he
/// waits for.
#[derive(Default)]
pub(super) struct Wake {
    /// Somebody polls: any completion is news.
    polled: bool,
    /// The earliest value of the counter that somebody waits for.
    threshold: Option<u32>,
}

/// Whether a counter has reached a value; it may have passed it by up to half of its range.
pub(super) fn has_reached(counter: u32, value: u32) -> bool {
    counter.wrapping_sub(value) <= u32::MAX / 2
}

impl Wake {
    pub(super) fn on_any(&mut self) {
        self.polled = true;
    }

    pub(super) fn at(&mut self, value: u32) {
        match self.threshold {
            Some(earlier) if has_reached(value, earlier) => (),
            _ => self.threshold = Some(value),
        }
    }

    /// Whether somebody is to be woken now that the counter has become `completed`.
    #[inline]
    pub(super) fn is_due(&mut self, completed: u32) -> bool {
        let is_reached = |value| has_reached(completed, value);
        if !self.polled && !self.threshold.is_some_and(is_reached) {
            return false;
        }
        *self = Self::default();
        true
    }
}

#[kunit_tests(rust_usbpipe_ring_wake)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_reaches_over_its_end() {
        for (counter, value, reached) in [
            (0, 0, true),
            (0, 1, false),
            (1, 0, true),
            (0, u32::MAX, true),
            (u32::MAX, 0, false),
            (1 << 31, 1, true),
            (1 << 31, 0, false),
        ] {
            assert_eq!(has_reached(counter, value), reached);
        }
    }

    #[test]
    fn the_earliest_wait_counts_and_each_is_told_once() {
        let mut wake = Wake::default();
        assert!(!wake.is_due(100));
        for value in [5, 3, 4] {
            wake.at(value);
        }
        assert!(!wake.is_due(2));
        assert!(wake.is_due(3));
        // Whoever waits for more has to say so anew.
        assert!(!wake.is_due(100));
        wake.at(1);
        wake.at(u32::MAX);
        assert!(wake.is_due(u32::MAX));
    }

    #[test]
    fn those_who_poll_hear_of_anything() {
        let mut wake = Wake::default();
        wake.at(7);
        wake.on_any();
        assert!(wake.is_due(0));
        assert!(!wake.is_due(1));
    }
}
