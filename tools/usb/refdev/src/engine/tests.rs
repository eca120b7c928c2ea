// SPDX-License-Identifier: GPL-2.0

//! The queues, over the reference device.

use proptest::prelude::*;

use super::*;
use crate::reference::{BULK_IN, BULK_OUT, FIFO_SIZE, INTERRUPT_IN, Reference, request::code};
use crate::{Description, EndpointSet, Machine, Speed};

mod iso;

type Reference1 = Engine<Machine<Reference>, u32>;

fn engine() -> Reference1 {
    let mut engine = Engine::new(Machine::new(Reference::new("1").unwrap(), Speed::High));
    engine.set_configuration(1).unwrap();
    engine
}

fn vendor(request_type: u8, request: u8, value: u16, length: u16) -> Setup {
    Setup {
        request_type,
        request,
        value,
        index: 0,
        length,
    }
}

/// Number, outcome, bytes moved, data.
type End = (u32, Outcome, usize, Vec<u8>);

fn ends(engine: &mut Reference1) -> Vec<End> {
    let next = || engine.next_completion();
    std::iter::from_fn(next)
        .map(|end| (end.token, end.outcome, end.actual, end.data))
        .collect()
}

fn done(token: u32, actual: usize, data: &[u8]) -> End {
    (token, Outcome::Done, actual, data.to_vec())
}

fn stalled(token: u32, actual: usize) -> End {
    (token, Outcome::Stalled, actual, Vec::new())
}

#[test]
fn reads_wait_for_data_and_end_in_order() {
    let mut engine = engine();
    for token in 1..=3 {
        engine.submit_in(token, BULK_IN, 4);
    }
    assert_eq!((ends(&mut engine), engine.in_flight()), (vec![], 3));
    engine.submit_out(4, BULK_OUT, b"abcdef");
    let wanted = [done(4, 6, b""), done(1, 4, b"abcd"), done(2, 2, b"ef")];
    assert_eq!(ends(&mut engine), wanted);
    engine.submit_out(5, BULK_OUT, b"g");
    assert_eq!(ends(&mut engine), [done(5, 1, b""), done(3, 1, b"g")]);
    assert_eq!(engine.in_flight(), 0);
}

#[test]
fn a_write_waits_for_room_and_goes_on_in_parts() {
    let mut engine = engine();
    let much: Vec<u8> = (0..FIFO_SIZE + 1000).map(|at| at as u8).collect();
    engine.submit_out(1, BULK_OUT, &much);
    engine.submit_out(2, BULK_OUT, b"behind");
    assert_eq!(ends(&mut engine), []);
    engine.submit_in(3, BULK_IN, 600);
    assert_eq!(ends(&mut engine), [done(3, 600, &much[..600])]);
    engine.submit_in(4, BULK_IN, 406);
    let wanted = [
        done(4, 406, &much[600..1006]),
        done(1, much.len(), b""),
        done(2, 6, b""),
    ];
    assert_eq!(ends(&mut engine), wanted);
    engine.submit_in(5, BULK_IN, 2 * FIFO_SIZE);
    assert_eq!(
        ends(&mut engine),
        [done(5, FIFO_SIZE, &[&much[1006..], b"behind"].concat())]
    );
}

#[test]
fn a_cancelled_write_says_how_much_was_taken() {
    let mut engine = engine();
    engine.submit_out(1, BULK_OUT, &vec![0; FIFO_SIZE + 5]);
    engine.submit_in(2, BULK_IN, 3);
    let cancelled = Cancelled {
        address: BULK_OUT,
        actual: FIFO_SIZE + 3,
    };
    assert_eq!(engine.cancel(1), Some(cancelled));
    assert_eq!(engine.cancel(1), None);
    assert_eq!(engine.cancel(2), None, "it has ended");
    assert_eq!(ends(&mut engine), [done(2, 3, &[0; 3])]);
}

#[test]
fn cancelling_lets_those_behind_go_on() {
    let mut engine = engine();
    engine.submit_control(1, vendor(0xc0, code::NEVER_ANSWER, 0, 4), &[]);
    engine.submit_control(2, vendor(0x40, code::SET_SEED, 9, 0), &[]);
    assert_eq!(ends(&mut engine), []);
    assert_eq!(
        engine.cancel(1),
        Some(Cancelled {
            address: Address::CONTROL,
            actual: 0
        })
    );
    assert_eq!(ends(&mut engine), [done(2, 0, b"")]);
}

#[test]
fn cancelling_in_the_middle_keeps_the_order() {
    let mut engine = engine();
    for token in 1..=4 {
        engine.submit_in(token, BULK_IN, 1);
    }
    assert!(engine.cancel(2).is_some());
    engine.submit_out(5, BULK_OUT, b"abc");
    let wanted = [
        done(5, 3, b""),
        done(1, 1, b"a"),
        done(3, 1, b"b"),
        done(4, 1, b"c"),
    ];
    assert_eq!(ends(&mut engine), wanted);
}

#[test]
fn a_halt_ends_those_that_wait() {
    let mut engine = engine();
    engine.submit_in(1, BULK_IN, 1);
    engine.submit_in(2, BULK_IN, 1);
    engine.submit_in(3, INTERRUPT_IN, 8);
    engine.submit_control(4, vendor(0x40, code::HALT, 0x81, 0), &[]);
    let found = ends(&mut engine);
    assert_eq!(found, [done(4, 0, b""), stalled(1, 0), stalled(2, 0)]);
    engine.submit_in(5, BULK_IN, 1);
    assert_eq!(ends(&mut engine), [stalled(5, 0)]);
    assert_eq!(engine.in_flight(), 1, "the other endpoint still waits");
}

#[test]
fn a_halt_in_the_middle_of_a_write_says_how_much_was_taken() {
    let mut engine = engine();
    engine.submit_out(1, BULK_OUT, &vec![0; FIFO_SIZE + 5]);
    engine.submit_control(2, vendor(0x40, code::HALT, 0x01, 0), &[]);
    assert_eq!(ends(&mut engine), [done(2, 0, b""), stalled(1, FIFO_SIZE)]);
    engine.submit_out(3, BULK_OUT, b"x");
    assert_eq!(ends(&mut engine), [stalled(3, 0)]);
}

#[test]
fn an_event_wakes_the_interrupt_endpoint() {
    let mut engine = engine();
    engine.submit_in(1, INTERRUPT_IN, 64);
    engine.submit_control(2, vendor(0x40, code::TRIGGER_EVENT, 0x0102, 0), &[]);
    let event = [0, 0, 0, 0, 2, 1, 0, 0];
    assert_eq!(ends(&mut engine), [done(2, 0, b""), done(1, 8, &event)]);
}

#[test]
fn control_transfers_move_their_data_stage() {
    let mut engine = engine();
    engine.submit_control(1, vendor(0x40, code::SCRATCH_WRITE, 0, 3), b"abc");
    engine.submit_control(2, vendor(0xc0, code::SCRATCH_READ, 0, 99), &[]);
    engine.submit_control(3, vendor(0xc0, 0x77, 0, 99), &[]);
    assert_eq!(
        ends(&mut engine),
        [done(1, 3, b""), done(2, 3, b"abc"), stalled(3, 0)]
    );
}

#[test]
fn a_reset_and_a_new_configuration_end_what_cannot_go_on() {
    let mut engine = engine();
    engine.submit_in(1, BULK_IN, 1);
    engine.reset();
    assert_eq!(ends(&mut engine), [stalled(1, 0)]);
    assert_eq!(engine.set_configuration(9), Err(Stall));
    engine.set_configuration(1).unwrap();
    engine.submit_in(2, BULK_IN, 1);
    engine.set_alternate(0, 0).unwrap();
    assert_eq!(ends(&mut engine), []);
    assert_eq!(engine.set_alternate(0, 2), Err(Stall));
    engine.set_configuration(0).unwrap();
    assert_eq!(ends(&mut engine), [stalled(2, 0)]);
}

#[test]
fn a_buffer_that_came_back_is_used_again() {
    let mut engine = engine();
    engine.submit_out(1, BULK_OUT, &[1; 5000]);
    engine.submit_in(2, BULK_IN, 4000);
    let data = std::iter::from_fn(|| engine.next_completion())
        .last()
        .unwrap()
        .data;
    let place = data.as_ptr();
    engine.recycle(data);
    engine.submit_in(3, BULK_IN, 4000);
    let data = engine.next_completion().unwrap().data;
    assert_eq!((data.as_ptr(), data.len()), (place, 1000));
}

/// Takes and gives nothing until opened, and counts how often it is asked.
struct Gate {
    description: Description,
    open: bool,
    asked: usize,
    woken: EndpointSet,
}

impl Gate {
    fn engine() -> Engine<Gate, u32> {
        let description = Description::new(0, 0);
        Engine::new(Self {
            description,
            open: false,
            asked: 0,
            woken: EndpointSet::EMPTY,
        })
    }

    /// Opens without a wake-up.
    fn open(engine: &mut Engine<Gate, u32>) {
        engine.device.open = true;
    }

    fn wake(engine: &mut Engine<Gate, u32>) {
        engine.device.woken = EndpointSet::ALL;
        engine.settle();
    }

    fn ends(engine: &mut Engine<Gate, u32>) -> Vec<u32> {
        std::iter::from_fn(|| engine.next_completion())
            .map(|end| end.token)
            .collect()
    }
}

impl Device for Gate {
    fn description(&self) -> &Description {
        &self.description
    }

    fn speed(&self) -> Speed {
        Speed::High
    }

    fn configuration(&self) -> u8 {
        0
    }

    fn set_configuration(&mut self, _value: u8) -> Result<(), Stall> {
        Err(Stall)
    }

    fn alternate(&self, _interface: u8) -> Result<u8, Stall> {
        Err(Stall)
    }

    fn set_alternate(&mut self, _interface: u8, _alternate: u8) -> Result<(), Stall> {
        Err(Stall)
    }

    fn control(&mut self, _setup: Setup, _data: &[u8]) -> Control {
        self.asked += 1;
        if self.open {
            Control::Done(Vec::new())
        } else {
            Control::Pending
        }
    }

    fn transfer_out(&mut self, _address: Address, data: &[u8]) -> Out {
        self.asked += 1;
        Out::Accepted(if self.open { data.len() } else { 0 })
    }

    fn transfer_in(&mut self, _address: Address, _wanted: usize, _buffer: &mut Vec<u8>) -> In {
        self.asked += 1;
        if self.open { In::Done } else { In::Pending }
    }

    fn reset(&mut self) {}

    fn wakeups(&mut self) -> EndpointSet {
        std::mem::take(&mut self.woken)
    }
}

#[test]
fn nobody_overtakes_even_if_the_device_would_let_him() {
    let mut engine = Gate::engine();
    engine.submit_out(1, BULK_OUT, b"first");
    engine.submit_in(2, BULK_IN, 1);
    engine.submit_control(3, Setup::default(), &[]);
    Gate::open(&mut engine);
    engine.submit_out(4, BULK_OUT, b"second");
    engine.submit_in(5, BULK_IN, 1);
    engine.submit_control(6, Setup::default(), &[]);
    assert_eq!(Gate::ends(&mut engine), []);
    Gate::wake(&mut engine);
    assert_eq!(Gate::ends(&mut engine), [3, 6, 1, 4, 2, 5]);
}

#[test]
fn the_device_is_not_asked_again_without_a_wake_up() {
    let mut engine = Gate::engine();
    for token in 0..10 {
        engine.submit_in(token, BULK_IN, 1);
        engine.submit_out(100 + token, BULK_OUT, b"x");
    }
    // The first write is tried before it is queued.
    assert_eq!(engine.device.asked, 2);
    Gate::wake(&mut engine);
    assert_eq!(engine.device.asked, 4);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the sizes, the depth and the cancelled reads: the stream stays a stream, every
    /// transfer ends once, and each endpoint in its own order.
    #[test]
    fn nothing_is_lost_or_swapped(
        steps in prop::collection::vec((0u8..4, 1usize..3000), 1..200),
    ) {
        let mut engine = engine();
        let (mut sent, mut received) = (Vec::new(), Vec::new());
        let mut ended = Vec::new();
        for (token, (step, size)) in steps.iter().copied().enumerate() {
            let token = token as u32;
            match step {
                0 => {
                    let data: Vec<u8> = (0..size).map(|at| (at as u32 * 3 + token) as u8).collect();
                    engine.submit_out(token, BULK_OUT, &data);
                    sent.extend(data);
                }
                1 | 2 => engine.submit_in(token, BULK_IN, size),
                _ => {
                    let victim = size as u32 % (token + 1);
                    if engine.cancel(victim).is_some() {
                        ended.push(victim);
                    }
                }
            }
            for (token, outcome, actual, data) in ends(&mut engine) {
                prop_assert_eq!(outcome, Outcome::Done);
                prop_assert!(!ended.contains(&token));
                prop_assert!(data.is_empty() || data.len() == actual);
                received.extend(data);
                ended.push(token);
            }
        }
        prop_assert_eq!(&received[..], &sent[..received.len()]);
    }
}
