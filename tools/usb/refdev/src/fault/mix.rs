// SPDX-License-Identifier: GPL-2.0

//! Lies drawn at random, the same ones for the same seed.

use super::{Amount, Fate, IsoLie, Lie, Unlink};
use crate::endpoint::Direction;

/// The largest error number of Linux.
const LAST_ERRNO: i32 = 133;
/// Statuses that are no error numbers, or that no finished transfer has.
const ODD_STATUSES: [i32; 8] = [1, 2, 0x7fff_ffff, i32::MIN, -512, -4095, -4096, -65536];

/// What kind of lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// About transfers that are not isochronous; the host takes all of them.
    Plain,
    /// About isochronous transfers; the host takes all of them.
    Isochronous,
    /// About transfers that are not isochronous; the host ends the connection.
    Wreck,
}

/// A source of lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mix {
    kind: Kind,
    state: u64,
}

impl Mix {
    /// Begins with a seed.
    pub const fn new(kind: Kind, seed: u64) -> Self {
        Self { kind, state: seed }
    }

    /// The next lie, about a transfer in this direction.
    pub fn draw(&mut self, direction: Direction) -> Lie {
        match self.kind {
            Kind::Plain => self.plain(direction),
            Kind::Isochronous => self.isochronous(),
            Kind::Wreck => self.wreck(direction),
        }
    }

    /// The generator SplitMix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is small.
    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        let index = self.below(all.len() as u64);
        all[index as usize]
    }

    /// Each error number there is, 0, and odd ones.
    fn status(&mut self) -> i32 {
        if self.below(8) == 0 {
            return self.one_of(&ODD_STATUSES);
        }
        -(self.below(LAST_ERRNO as u64 + 1) as i32)
    }

    /// More than was asked for ends the connection if it is data that the host reads.
    fn actual(&mut self, direction: Direction) -> Amount {
        const ANY: [Amount; 6] = [
            Amount::Exactly(u32::MAX),
            Amount::Exactly(0x8000_0000),
            Amount::Exactly(0xffff_f000),
            Amount::Exactly(0),
            Amount::Truth(-1),
            Amount::Truth(0),
        ];
        const OUT: [Amount; 4] = [
            Amount::Asked(1),
            Amount::Asked(4096),
            Amount::Exactly(0x7fff_ffff),
            Amount::Exactly(0x0100_0000),
        ];
        match direction {
            Direction::Out if self.below(2) == 0 => self.one_of(&OUT),
            Direction::In | Direction::Out => self.one_of(&ANY),
        }
    }

    fn unlink(&mut self) -> Unlink {
        match self.below(4) {
            0 => Unlink::Status(self.status()),
            _ => Unlink::Truth,
        }
    }

    fn plain(&mut self, direction: Direction) -> Lie {
        let mut lie = Lie {
            unlink: self.unlink(),
            ..Lie::default()
        };
        match self.below(8) {
            // The truth, so that transfers that go on and on do.
            0..=2 => {}
            3 | 4 => lie.status = Some(self.status()),
            5 | 6 => lie.actual = Some(self.actual(direction)),
            _ => {
                lie.status = Some(self.status());
                lie.actual = Some(self.actual(direction));
            }
        }
        if direction == Direction::In && self.below(8) == 0 {
            lie.patches.push((self.below(8) as usize, vec![0xff]));
        }
        lie
    }

    /// Packets that overlap, are elsewhere, are more or fewer, or failed.
    fn isochronous(&mut self) -> Lie {
        const PLACES: [Amount; 6] = [
            Amount::Exactly(0),
            Amount::Exactly(1),
            Amount::Asked(0),
            Amount::Exactly(0x7fff_ffff),
            Amount::Exactly(0x8000_0000),
            Amount::Exactly(u32::MAX),
        ];
        const COUNTS: [Amount; 6] = [
            Amount::Exactly(0),
            Amount::Exactly(1),
            Amount::Asked(-1),
            Amount::Asked(1),
            Amount::Exactly(u32::MAX),
            Amount::Exactly(0x7fff_ffff),
        ];
        const LENGTHS: [Amount; 4] = [
            Amount::Exactly(0),
            Amount::Truth(-1),
            Amount::Exactly(u32::MAX),
            Amount::Exactly(0x8000_0000),
        ];
        let mut iso = IsoLie::default();
        if self.below(2) == 0 {
            iso.packet = Some(self.below(4) as usize);
        }
        match self.below(8) {
            0 => iso.packets = Some(self.one_of(&COUNTS)),
            1 => iso.errors = Some(self.one_of(&COUNTS)),
            2 => iso.offset = Some(self.one_of(&PLACES)),
            3 => iso.length = Some(self.one_of(&PLACES)),
            4 => iso.actual = Some(self.one_of(&LENGTHS)),
            5 => iso.status = Some(self.status()),
            6 => {
                iso.actual = Some(Amount::Truth(-1));
                iso.offset = Some(self.one_of(&PLACES));
            }
            _ => {}
        }
        let status = (self.below(4) == 0).then(|| self.status());
        Lie {
            iso,
            status,
            unlink: self.unlink(),
            ..Lie::default()
        }
    }

    fn wreck(&mut self, direction: Direction) -> Lie {
        let mut lie = Lie::default();
        match self.below(4) {
            0 => lie.fate = Fate::Twice,
            1 => lie.fate = Fate::Stray,
            2 if direction == Direction::In => {
                let much = [Amount::Asked(1), Amount::Exactly(0x7fff_ffff)];
                lie.actual = Some(self.one_of(&much));
            }
            _ => lie.data = Some(Amount::Truth(1)),
        }
        lie
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(kind: Kind, seed: u64, direction: Direction) -> Vec<Lie> {
        let mut mix = Mix::new(kind, seed);
        (0..20_000).map(|_| mix.draw(direction)).collect()
    }

    #[test]
    fn a_seed_gives_the_same_lies_again_and_another_one_others() {
        for kind in [Kind::Plain, Kind::Isochronous, Kind::Wreck] {
            let lies = draws(kind, 1, Direction::In);
            assert_eq!(lies, draws(kind, 1, Direction::In));
            assert_ne!(lies, draws(kind, 2, Direction::In));
        }
    }

    #[test]
    fn each_status_is_drawn() {
        let lies = draws(Kind::Plain, 7, Direction::In);
        let wanted = (-LAST_ERRNO..=0).chain(ODD_STATUSES);
        for status in wanted {
            assert!(
                lies.iter().any(|lie| lie.status == Some(status)),
                "{status}"
            );
        }
    }

    #[test]
    fn each_length_is_drawn_where_the_connection_survives_it() {
        let has = |direction, kind, wanted| {
            let lies = draws(kind, 7, direction);
            lies.iter().any(|lie| lie.actual == Some(wanted))
        };
        for length in [u32::MAX, 0, 0x8000_0000].map(Amount::Exactly) {
            assert!(has(Direction::In, Kind::Plain, length));
            assert!(has(Direction::Out, Kind::Plain, length));
        }
        let more = Amount::Asked(1);
        assert!(has(Direction::Out, Kind::Plain, more));
        assert!(!has(Direction::In, Kind::Plain, more));
        assert!(has(Direction::In, Kind::Wreck, more));
    }

    #[test]
    fn what_wrecks_a_connection_is_drawn_for_nothing_else() {
        for direction in [Direction::In, Direction::Out] {
            for kind in [Kind::Plain, Kind::Isochronous] {
                let lies = draws(kind, 3, direction);
                assert!(lies.iter().all(|lie| lie.fate == Fate::Once));
                assert!(lies.iter().all(|lie| lie.data.is_none()));
            }
            let wreck =
                |lie: &Lie| lie.fate != Fate::Once || lie.data.is_some() || lie.actual.is_some();
            assert!(draws(Kind::Wreck, 3, direction).iter().all(wreck));
        }
    }

    #[test]
    fn isochronous_packets_are_elsewhere_and_more() {
        let lies = draws(Kind::Isochronous, 5, Direction::In);
        let any = |test: fn(&Lie) -> bool| assert!(lies.iter().any(test));
        any(|lie| lie.iso.offset == Some(Amount::Exactly(0)) && lie.iso.packet.is_none());
        any(|lie| lie.iso.offset == Some(Amount::Exactly(0x7fff_ffff)));
        any(|lie| lie.iso.packets == Some(Amount::Asked(1)));
        any(|lie| lie.iso.actual == Some(Amount::Exactly(u32::MAX)));
        any(|lie| matches!(lie.unlink, Unlink::Status(_)));
        assert!(lies.iter().all(|lie| lie.actual.is_none()));
    }
}
