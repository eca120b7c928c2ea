// SPDX-License-Identifier: GPL-2.0

//! Faults: their text, whom they hit, what they tell.

use proptest::prelude::*;

use super::mix::Kind;
use super::*;
use crate::engine::Answer;

fn parsed(text: &str) -> Fault {
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn lie(text: &str) -> Lie {
    parsed(text).lie
}

fn address(raw: u8) -> Address {
    Address::new(raw).unwrap()
}

/// What the kernel takes behind a header: nothing if the length is negative or too much.
fn in_step(asked: u32) -> impl Fn(u32) -> usize {
    move |actual| {
        if actual as i32 > 0 && actual <= asked {
            actual as usize
        } else {
            0
        }
    }
}

fn told_in(text: &str, asked: u32, data: &[u8]) -> Answer {
    let mut answer = Answer {
        status: 0,
        actual: data.len() as u32,
        data: data.to_vec(),
    };
    lie(text).distort_in(asked, &mut answer, in_step(asked));
    answer
}

#[test]
fn every_word_has_its_place() {
    let fault =
        parsed("ep=0x81,type=0x80,request=6,value=0x302,index=0x409,from=2,every=3,count=4");
    let filter = Filter {
        endpoint: Some(address(0x81)),
        request_type: Some(0x80),
        request: Some(6),
        value: Some(0x302),
        index: Some(0x409),
    };
    let schedule = Schedule {
        first: 2,
        every: 3,
        count: 4,
    };
    assert_eq!((fault.filter, fault.schedule), (filter, schedule));
    assert_eq!(lie("unlink-never").unlink, Unlink::Never);
    let found = lie(
        "status=-71,actual=1,data=true-1,reply=0aFF,patch=2:ffee,fill=7,twice,unlink-status=-2",
    );
    let wanted = Lie {
        status: Some(-71),
        actual: Some(Amount::Exactly(1)),
        data: Some(Amount::Truth(-1)),
        reply: Some(vec![10, 255]),
        patches: vec![(2, vec![0xff, 0xee])],
        fill: Some(7),
        fate: Fate::Twice,
        unlink: Unlink::Status(-2),
        iso: IsoLie::default(),
    };
    assert_eq!(found, wanted);
}

#[test]
fn every_isochronous_word_has_its_place() {
    let found = lie(
        "packets=+1,errors=9,packet=3,packet-offset=1,packet-length=2,packet-actual=3,packet-status=-18",
    );
    let wanted = IsoLie {
        packets: Some(Amount::Asked(1)),
        errors: Some(Amount::Exactly(9)),
        packet: Some(3),
        offset: Some(Amount::Exactly(1)),
        length: Some(Amount::Exactly(2)),
        actual: Some(Amount::Exactly(3)),
        status: Some(-18),
    };
    assert_eq!(found.iso, wanted);
}

#[test]
fn an_amount_is_a_number_or_relative() {
    for (text, wanted) in [
        ("0", 0),
        ("-1", u32::MAX),
        ("0x80000000", 1 << 31),
        ("-0x80000000", 1 << 31),
        ("4294967295", u32::MAX),
        ("+1", 101),
        ("asked", 100),
        ("asked+2", 102),
        ("asked-101", u32::MAX),
        ("asked+0xffffffff", 99),
        ("true", 40),
        ("true+1", 41),
        ("true-41", u32::MAX),
    ] {
        let amount = lie(&format!("actual={text}")).actual.unwrap();
        assert_eq!(amount.of(100, 40), wanted, "{text}");
    }
}

#[test]
fn nonsense_is_refused_with_its_reason() {
    use ParseFaultError::{Key, Value};
    let refused = |text: &str| text.parse::<Fault>().unwrap_err();
    assert_eq!(refused(""), Key(String::new()));
    assert_eq!(refused("never,lies=1"), Key("lies".into()));
    assert_eq!(refused("never=1"), Value("never".into()));
    assert_eq!(refused("status"), Value("status".into()));
    for text in [
        "ep=0x11",
        "ep=256",
        "ep=-1",
        "request=0x100",
        "value=65536",
        "nth=0",
        "every=0",
        "from=0",
        "count=-1",
        "status=",
        "status=0x",
        "status=--1",
        "status=+1",
        "status=4294967296",
        "status=-2147483649",
        "actual=++1",
        "actual=+-1",
        "actual=1+1",
        "actual=asked1",
        "actual=asked+",
        "actual=true*2",
        "reply=0",
        "reply=0g",
        "reply=+1",
        "reply=\u{e9}",
        "patch=00",
        "patch=-1:00",
        "patch=16777216:00",
        "patch=16777215:0000",
        "packet=-1",
    ] {
        let (key, value) = text.split_once('=').unwrap();
        let wanted = ParseFaultError::Number {
            key: key.into(),
            value: value.into(),
        };
        assert_eq!(refused(text), wanted, "{text}");
    }
}

#[test]
fn a_reason_can_be_read() {
    let say = |text: &str| text.parse::<Fault>().unwrap_err().to_string();
    assert_eq!(say("x=1"), "a fault has no \"x\"");
    assert_eq!(
        say("actual"),
        "\"actual\" is followed by =VALUE, or must not be"
    );
    assert_eq!(say("ep=99"), "\"99\" is not possible for \"ep\"");
}

#[test]
fn a_filter_looks_at_what_it_names() {
    let setup = Setup {
        request_type: 0x80,
        request: 6,
        value: 0x0302,
        index: 0x0409,
        length: 255,
    };
    let matches = |text: &str, raw, setup| parsed(text).filter.matches(address(raw), setup);
    for text in [
        "never",
        "ep=0",
        "ep=0x80",
        "type=0x80",
        "request=6,value=0x302",
        "index=0x409",
    ] {
        assert!(matches(text, 0x00, Some(setup)), "{text}");
        assert!(matches(text, 0x80, Some(setup)), "{text}");
    }
    for text in [
        "ep=1",
        "type=0",
        "request=7",
        "value=0x301,request=6",
        "index=0",
    ] {
        assert!(!matches(text, 0x00, Some(setup)), "{text}");
    }
    assert!(matches("ep=0x81", 0x81, None));
    assert!(!matches("ep=0x81", 0x01, None));
    for text in ["type=0", "request=0", "value=0", "index=0"] {
        assert!(!matches(text, 0x81, None), "{text}: not a control transfer");
    }
}

#[test]
fn a_schedule_tells_whose_turn_it_is() {
    let turns = |text: &str| {
        let schedule = parsed(text).schedule;
        (0..=12)
            .filter(|&number| schedule.is_due(number))
            .collect::<Vec<_>>()
    };
    assert_eq!(turns("never"), (1..=12).collect::<Vec<_>>());
    assert_eq!(turns("nth=1"), [1]);
    assert_eq!(turns("nth=5"), [5]);
    assert_eq!(turns("from=10"), [10, 11, 12]);
    assert_eq!(turns("every=5"), [1, 6, 11]);
    assert_eq!(turns("from=2,every=4,count=2"), [2, 6]);
    assert_eq!(turns("count=2"), [1, 2]);
    assert_eq!(turns("count=0"), []);
}

#[test]
fn every_fault_counts_and_the_first_that_is_due_is_taken() {
    let mut faults = Faults::new(["ep=0x81,status=-1,every=2", "status=-2,nth=3"].map(parsed));
    let mut pick = |raw| faults.pick(address(raw), None).and_then(|lie| lie.status);
    assert_eq!(pick(0x81), Some(-1));
    assert_eq!(pick(0x01), None);
    assert_eq!(pick(0x81), Some(-2), "the third of all");
    assert_eq!(pick(0x81), Some(-1));
    assert_eq!(Faults::default().pick(address(0x81), None), None);
}

#[test]
fn a_mix_tells_something_else_each_time() {
    for (text, kind) in [
        ("ep=0x81,mix=7", Kind::Plain),
        ("ep=0x81,iso-mix=7", Kind::Isochronous),
        ("ep=0x81,wreck=7", Kind::Wreck),
    ] {
        let mut faults = Faults::new([parsed(text)]);
        let mut same = Mix::new(kind, 7);
        for _ in 0..10 {
            let lie = faults.pick(address(0x81), None);
            assert_eq!(lie, Some(same.draw(Direction::In)), "{text}");
        }
        assert_eq!(faults.pick(address(1), None), None);
    }
    let mut faults = Faults::new([parsed("mix=7")]);
    let mut same = Mix::new(Kind::Plain, 7);
    let out = Setup::default();
    let lie = faults.pick(Address::CONTROL, Some(out));
    assert_eq!(lie, Some(same.draw(Direction::Out)));
    let setup = Setup {
        request_type: 0x80,
        ..out
    };
    let lie = faults.pick(Address::CONTROL, Some(setup));
    assert_eq!(lie, Some(same.draw(Direction::In)));
}

#[test]
fn data_stays_in_step_with_the_length() {
    let told = |text: &str| {
        let answer = told_in(text, 10, b"abcdef");
        (answer.actual, answer.data)
    };
    let filled = |count: usize| [&b"abcdef"[..], &[0xa5; 4]].concat()[..count].to_vec();
    assert_eq!(told("status=-71"), (6, filled(6)));
    assert_eq!(told("actual=asked"), (10, filled(10)));
    assert_eq!(told("actual=2"), (2, b"ab".to_vec()));
    assert_eq!(told("actual=0"), (0, vec![]));
    assert_eq!(told("actual=+1"), (11, vec![]));
    assert_eq!(told("actual=-1"), (u32::MAX, vec![]));
    assert_eq!(told("actual=0x80000000"), (1 << 31, vec![]));
    assert_eq!(told("actual=true+1,fill=0"), (7, b"abcdef\0".to_vec()));
}

#[test]
fn data_goes_its_own_way_where_it_is_told_to() {
    let told = |text: &str| told_in(text, 10, b"abc");
    let babble = told("actual=+1,data=+1");
    assert_eq!((babble.actual, babble.data.len()), (11, 11));
    let missing = told("actual=asked,data=true");
    assert_eq!((missing.actual, missing.data), (10, b"abc".to_vec()));
    let bounded = told("data=-1");
    assert_eq!((bounded.actual, bounded.data.len()), (3, Lie::MAX_DATA));
}

#[test]
fn data_is_replaced_and_patched() {
    let told = |text: &str, asked| told_in(text, asked, b"abcd");
    let patched = told("patch=0:00,patch=2:ffee", 10);
    assert_eq!((patched.actual, patched.data), (4, b"\0b\xff\xee".to_vec()));
    let longer = told("patch=5:01,fill=0xee", 10);
    assert_eq!((longer.actual, longer.data), (6, b"abcd\xee\x01".to_vec()));
    let cut = told("reply=ff0341004200", 4);
    assert_eq!((cut.actual, cut.data), (4, vec![255, 3, 0x41, 0]));
    let empty = told("reply=", 4);
    assert_eq!((empty.actual, empty.data), (0, vec![]));
    let long = told("reply=ff03,actual=8,fill=0x41", 255);
    assert_eq!((long.actual, long.data), (8, b"\xff\x03AAAAAA".to_vec()));
}

#[test]
fn an_answer_without_data_stays_without() {
    let told = |text: &str| {
        let mut answer = Answer {
            actual: 5,
            ..Answer::default()
        };
        lie(text).distort_out(5, &mut answer);
        answer
    };
    let answer = |status, actual, data: &[u8]| Answer {
        status,
        actual,
        data: data.to_vec(),
    };
    assert_eq!(told("actual=+1"), answer(0, 6, b""));
    assert_eq!(told("reply=ff,status=-115"), answer(-115, 5, b""));
    assert_eq!(told("data=2"), answer(0, 5, &[0xa5; 2]));
}

#[test]
fn packets_are_told_of_one_or_all() {
    let truth = [0, 10].map(|offset| IsoPacket {
        offset,
        length: 10,
        actual: 4,
        status: 0,
    });
    let told = |text: &str| {
        let mut packets = truth;
        lie(text).iso.distort(&mut packets);
        packets
    };
    let both = told("packet-actual=+1,packet-status=-18");
    assert_eq!(
        both.map(|packet| (packet.actual, packet.status)),
        [(11, -18); 2]
    );
    let one = told("packet=1,packet-offset=true+100,packet-length=0");
    let lied = IsoPacket {
        offset: 110,
        length: 0,
        ..truth[1]
    };
    assert_eq!(one, [truth[0], lied]);
    assert_eq!(told("packet=2,packet-offset=9"), truth);
    let iso = lie("packets=+1,errors=true+3").iso;
    assert_eq!((iso.packets(2), iso.errors(2, 1)), (3, 4));
    assert_eq!(
        (IsoLie::default().packets(2), IsoLie::default().errors(2, 1)),
        (2, 1)
    );
}

proptest! {
    #[test]
    fn no_text_and_no_lie_panics(text in "[a-z0-9=,+:x-]{0,40}", asked: u32, size in 0usize..50) {
        let _ = text.parse::<Fault>();
        let fault = format!("reply=00112233,patch=7:ff,actual=asked+{size},data={size}");
        let answer = told_in(&fault, asked, &[1; 5]);
        prop_assert_eq!(answer.data.len(), size);
    }
}
