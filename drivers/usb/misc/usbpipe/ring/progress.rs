// SPDX-License-Identifier: GPL-2.0

//! How far a ring is: its counters, and the order in which slots are completed.

use kernel::prelude::*;

/// How the transfer of a slot has ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Well or not, the program is told.
    Told,
    /// It was cancelled before it moved anything: it is as if it had not been started.
    Undone,
}

/// What has been started and completed.
///
/// Both are counters that wrap; those of slots that are in between are *started*. A slot that has
/// ended stays in between until all before it have ended, too.
pub(super) struct Progress {
    /// A power of two.
    slots: u32,
    depth: u32,
    started: u32,
    completed: u32,
    in_flight: u32,
    /// By index; of slots that were started.
    ends: KVec<Option<End>>,
    /// There may be some.
    has_ends: bool,
}

impl Progress {
    /// # Errors
    ///
    /// `ENOMEM`.
    pub(super) fn new(slots: u32, depth: u32) -> Result<Self> {
        Ok(Self {
            slots,
            depth,
            started: 0,
            completed: 0,
            in_flight: 0,
            has_ends: false,
            // CAST: At least as wide.
            ends: KVec::from_elem(None, slots as usize, GFP_KERNEL)?,
        })
    }

    pub(super) fn completed(&self) -> u32 {
        self.completed
    }

    pub(super) fn is_idle(&self) -> bool {
        self.in_flight == 0
    }

    /// Whether no more may be started before one has ended.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.in_flight == self.depth
    }

    /// Whose turn it is to move the slot that is started next: one of `depth`.
    #[inline]
    pub(super) fn turn(&self) -> usize {
        // CAST: At least as wide.
        self.started.checked_rem(self.depth).unwrap_or(0) as usize
    }

    /// Whose turn it was to move the first slot that has not been completed.
    pub(super) fn first_turn(&self) -> usize {
        // CAST: As above.
        self.completed.checked_rem(self.depth).unwrap_or(0) as usize
    }

    fn index(&self, number: u32) -> u32 {
        number & (self.slots - 1)
    }

    /// How many slots are with the driver if the program has submitted that many.
    ///
    /// # Errors
    ///
    /// `EINVAL`: more than there are.
    #[inline]
    pub(super) fn with_driver(&self, submitted: u32) -> Result<u32> {
        let count = submitted.wrapping_sub(self.completed);
        if count > self.slots {
            return Err(EINVAL);
        }
        Ok(count)
    }

    /// The index of the slot to be started next, if there is one and it may be.
    ///
    /// # Errors
    ///
    /// As [`with_driver`](Self::with_driver).
    #[inline]
    pub(super) fn next(&self, submitted: u32) -> Result<Option<u32>> {
        let waits = self.with_driver(submitted)? > self.started.wrapping_sub(self.completed);
        Ok((waits && self.in_flight < self.depth).then(|| self.index(self.started)))
    }

    /// The slot that [`next`](Self::next) has named is in flight.
    #[inline]
    pub(super) fn start(&mut self) {
        self.started = self.started.wrapping_add(1);
        self.in_flight += 1;
    }

    /// The transfer of a slot has ended.
    #[inline]
    pub(super) fn end(&mut self, slot: usize, end: End) {
        self.in_flight -= 1;
        // CAST: At least as wide.
        if end == End::Told && slot == self.index(self.completed) as usize {
            self.completed = self.completed.wrapping_add(1);
        } else if let Some(place) = self.ends.get_mut(slot) {
            *place = Some(end);
            self.has_ends = true;
        }
        if self.has_ends {
            self.advance();
        }
    }

    /// Completes slots up to the first that has not ended.
    #[cold]
    fn advance(&mut self) {
        while self.started != self.completed {
            let index = self.index(self.completed);
            match self.ends.get_mut(index as usize) {
                Some(end @ Some(End::Told)) => *end = None,
                _ => return,
            }
            self.completed = self.completed.wrapping_add(1);
        }
        self.has_ends = false;
    }

    /// Puts things in order when nothing is in flight any more: what was undone will be started
    /// again. `cancelled` is told the index of what cannot be, since a later one has been told.
    pub(super) fn settle(&mut self, mut cancelled: impl FnMut(u32)) {
        let mut number = self.started;
        let mut told = false;
        while number != self.completed {
            number = number.wrapping_sub(1);
            let index = self.index(number);
            let end = self.ends.get_mut(index as usize).and_then(Option::take);
            if told && end == Some(End::Undone) {
                cancelled(index);
            }
            if end == Some(End::Told) && !told {
                told = true;
                self.started = number.wrapping_add(1);
            }
        }
        if told {
            self.completed = self.started;
        } else {
            self.started = self.completed;
        }
    }
}

#[kunit_tests(rust_usbpipe_ring_progress)]
mod tests {
    use super::*;

    /// Starts that many slots.
    fn start(progress: &mut Progress, count: u32) -> Result {
        let submitted = progress.started.wrapping_add(count);
        while progress.next(submitted)?.is_some() {
            progress.start();
        }
        Ok(())
    }

    fn settled(progress: &mut Progress) -> Result<KVec<u32>> {
        let mut cancelled = KVec::with_capacity(8, GFP_KERNEL)?;
        progress.settle(|index| {
            let _ = cancelled.push_within_capacity(index);
        });
        Ok(cancelled)
    }

    #[test]
    fn no_more_than_all_slots_are_submitted() -> Result {
        let mut progress = Progress::new(4, 4)?;
        for (submitted, next) in [
            (0, Ok(None)),
            (1, Ok(Some(0))),
            (4, Ok(Some(0))),
            (5, Err(EINVAL)),
            (1 << 31, Err(EINVAL)),
            (u32::MAX, Err(EINVAL)),
        ] {
            assert!(progress.next(submitted) == next);
        }
        start(&mut progress, 3)?;
        // Fewer than were started is nothing new.
        for (submitted, next) in [(0, None), (2, None), (3, None), (4, Some(3))] {
            assert!(progress.next(submitted)? == next);
        }
        Ok(())
    }

    #[test]
    fn no_more_than_the_depth_is_in_flight() -> Result {
        let mut progress = Progress::new(8, 2)?;
        start(&mut progress, 8)?;
        assert_eq!((progress.started, progress.in_flight), (2, 2));
        progress.end(0, End::Told);
        assert!(progress.next(8)? == Some(2));
        assert_eq!(progress.completed(), 1);
        Ok(())
    }

    #[test]
    fn completes_in_order_over_the_end_of_counters() -> Result {
        let mut progress = Progress::new(4, 4)?;
        progress.started = u32::MAX - 1;
        progress.completed = u32::MAX - 1;
        start(&mut progress, 4)?;
        for (index, completed) in [(3, u32::MAX - 1), (0, u32::MAX - 1), (2, 1), (1, 2)] {
            progress.end(index, End::Told);
            assert_eq!(progress.completed(), completed);
        }
        assert!(progress.is_idle());
        assert!(progress.next(2)?.is_none());
        assert!(progress.next(6)? == Some(2));
        assert!(progress.next(7).is_err());
        Ok(())
    }

    #[test]
    fn what_was_undone_is_started_again() -> Result {
        let mut progress = Progress::new(4, 4)?;
        start(&mut progress, 4)?;
        progress.end(0, End::Told);
        for index in [1, 3, 2] {
            progress.end(index, End::Undone);
        }
        assert!(settled(&mut progress)?.is_empty());
        assert_eq!((progress.started, progress.completed), (1, 1));
        assert!(progress.next(4)? == Some(1));
        start(&mut progress, 3)?;
        for index in 1..4 {
            progress.end(index, End::Told);
        }
        assert_eq!(progress.completed(), 4);
        Ok(())
    }

    #[test]
    fn what_lies_before_something_told_is_cancelled() -> Result {
        let mut progress = Progress::new(8, 8)?;
        start(&mut progress, 5)?;
        for (index, end) in [
            (0, End::Undone),
            (1, End::Told),
            (2, End::Undone),
            (3, End::Told),
            (4, End::Undone),
        ] {
            progress.end(index, end);
        }
        assert_eq!(progress.completed(), 0);
        assert_eq!(settled(&mut progress)?.as_slice(), &[2, 0]);
        assert_eq!((progress.started, progress.completed), (4, 4));
        assert!(progress.ends.iter().all(Option::is_none));
        Ok(())
    }
}
