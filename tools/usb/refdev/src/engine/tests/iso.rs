// SPDX-License-Identifier: GPL-2.0

//! Isochronous transfers, over the reference device: packets of 512 bytes, one each millisecond.

use super::*;
use crate::reference::{ISO_IN, ISO_OUT};

fn iso_engine() -> Reference1 {
    let mut engine = engine();
    engine.set_alternate(0, 1).unwrap();
    engine
}

/// Number, start, bytes in each packet, data.
type IsoEnd = (u32, u64, Vec<usize>, Vec<u8>);

fn iso_ends(engine: &mut Reference1) -> Vec<IsoEnd> {
    let next = || engine.next_completion();
    std::iter::from_fn(next)
        .map(|end| {
            assert_eq!(end.outcome, Outcome::Done);
            let iso = end.iso.expect("isochronous");
            assert_eq!(end.actual, iso.actual.iter().sum::<usize>());
            (end.token, iso.start_us, iso.actual, end.data)
        })
        .collect()
}

#[test]
fn a_transfer_ends_when_its_time_is_over() {
    let mut engine = iso_engine();
    engine.elapse(10_500);
    engine.submit_iso(1, ISO_IN, vec![100; 3], &[]);
    assert_eq!(engine.deadline_us(), Some(13_500));
    engine.elapse(13_499);
    assert_eq!(iso_ends(&mut engine), []);
    engine.elapse(13_500);
    let wanted = (1, 10_500, vec![0; 3], vec![]);
    assert_eq!(iso_ends(&mut engine), [wanted]);
    assert_eq!((engine.deadline_us(), engine.in_flight()), (None, 0));
}

#[test]
fn packets_come_back_as_they_were_sent() {
    let mut engine = iso_engine();
    engine.submit_iso(1, ISO_OUT, vec![3, 0, 2], b"abcde");
    engine.elapse(3000);
    engine.submit_iso(2, ISO_IN, vec![600; 3], &[]);
    engine.elapse(6000);
    let wanted = [
        (1, 0, vec![3, 0, 2], vec![]),
        (2, 3000, vec![3, 2, 0], b"abcde".to_vec()),
    ];
    assert_eq!(iso_ends(&mut engine), wanted);
}

#[test]
fn transfers_follow_each_other_without_a_gap() {
    let mut engine = iso_engine();
    for token in 1..=3 {
        engine.submit_iso(token, ISO_IN, vec![1; 2], &[]);
    }
    engine.submit_iso(4, ISO_OUT, vec![1; 5], b"abcde");
    assert_eq!(engine.deadline_us(), Some(2000));
    // The time is told late, and the next transfer still begins where the last one ends.
    engine.elapse(4700);
    engine.submit_iso(5, ISO_IN, vec![1], &[]);
    engine.elapse(7000);
    let found: Vec<_> = iso_ends(&mut engine)
        .iter()
        .map(|&(token, start, ..)| (token, start))
        .collect();
    assert_eq!(found, [(1, 0), (2, 2000), (4, 0), (3, 4000), (5, 6000)]);
    engine.submit_iso(6, ISO_IN, vec![1], &[]);
    assert_eq!(engine.deadline_us(), Some(8000), "from now on");
}

#[test]
fn time_never_goes_back() {
    let mut engine = iso_engine();
    engine.elapse(5000);
    engine.elapse(1000);
    engine.submit_iso(1, ISO_IN, vec![1], &[]);
    assert_eq!(engine.deadline_us(), Some(6000));
}

#[test]
fn a_cancelled_transfer_moves_nothing() {
    let mut engine = iso_engine();
    engine.submit_iso(1, ISO_OUT, vec![3], b"one");
    engine.submit_iso(2, ISO_OUT, vec![3], b"two");
    assert!(engine.cancel(1).is_some());
    assert_eq!(engine.deadline_us(), Some(2000));
    engine.elapse(2000);
    assert_eq!(iso_ends(&mut engine), [(2, 1000, vec![3], vec![])]);
    engine.submit_iso(3, ISO_IN, vec![9], &[]);
    assert!(engine.cancel(3).is_some());
    assert_eq!(engine.deadline_us(), None);
}

#[test]
fn a_packet_is_not_larger_than_the_endpoints() {
    let mut engine = iso_engine();
    engine.submit_control(1, vendor(0x40, code::SET_MODE, 1, 0), &[]);
    ends(&mut engine);
    engine.submit_iso(2, ISO_IN, vec![usize::MAX, 10], &[]);
    engine.elapse(2000);
    let found = iso_ends(&mut engine);
    assert_eq!((&found[0].2, found[0].3.len()), (&vec![512, 10], 522));
}

#[test]
fn other_endpoints_refuse_packets() {
    let mut engine = iso_engine();
    for (token, raw) in [(1, 0x81), (2, 0x82), (3, 0x05), (4, 0x00)] {
        engine.submit_iso(token, Address::new(raw).unwrap(), vec![1], b"x");
        assert_eq!(ends(&mut engine), [stalled(token, 0)]);
    }
    assert_eq!(engine.deadline_us(), None);
}

#[test]
fn a_setting_without_the_endpoint_ends_what_waits() {
    for change in [
        |engine: &mut Reference1| engine.set_alternate(0, 0).unwrap(),
        |engine: &mut Reference1| engine.set_configuration(0).unwrap(),
        |engine: &mut Reference1| engine.reset(),
    ] {
        let mut engine = iso_engine();
        engine.submit_iso(1, ISO_IN, vec![1], &[]);
        engine.submit_iso(2, ISO_IN, vec![1], &[]);
        change(&mut engine);
        assert_eq!(ends(&mut engine), [stalled(1, 0), stalled(2, 0)]);
        assert_eq!(engine.deadline_us(), None);
    }
}

#[test]
fn the_period_follows_from_the_speed() {
    for speed in Speed::ALL {
        let mut engine = Engine::new(Machine::new(Reference::new("1").unwrap(), speed));
        engine.set_configuration(1).unwrap();
        engine.set_alternate(0, 1).unwrap();
        engine.submit_iso(1, ISO_IN, vec![1; 8], &[]);
        assert_eq!(engine.deadline_us(), Some(8000), "{speed}");
    }
}
