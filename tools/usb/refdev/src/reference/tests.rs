// SPDX-License-Identifier: GPL-2.0

//! The personality as a host meets it: behind chapter 9.

use proptest::prelude::*;

use super::request::code;
use super::*;
use crate::{Device, Machine, Speed};

mod alternate;

const OUT: u8 = 0x40;
const IN: u8 = 0xc0;

fn device() -> Machine<Reference> {
    let mut device = Machine::new(Reference::new("0001").unwrap(), Speed::High);
    device.set_configuration(1).unwrap();
    device
}

fn setup(request_type: u8, request: u8, value: u16, length: u16) -> Setup {
    Setup {
        request_type,
        request,
        value,
        index: 0,
        length,
    }
}

fn out(device: &mut Machine<Reference>, request: u8, value: u16, data: &[u8]) -> Control {
    device.control(setup(OUT, request, value, data.len() as u16), data)
}

fn get(device: &mut Machine<Reference>, request: u8, length: u16) -> Control {
    device.control(setup(IN, request, 0, length), &[])
}

fn read(device: &mut Machine<Reference>, address: Address, wanted: usize) -> Option<Vec<u8>> {
    let mut buffer = Vec::new();
    match device.transfer_in(address, wanted, &mut buffer) {
        In::Done => Some(buffer),
        In::Pending => None,
        In::Stall => panic!("stalled"),
    }
}

fn status(device: &mut Machine<Reference>) -> Status {
    let Control::Done(raw) = get(device, code::GET_STATUS, 48) else {
        panic!("no status")
    };
    Status::from_bytes(&raw.try_into().unwrap())
}

const OK: Control = Control::Done(Vec::new());

#[test]
fn what_goes_out_comes_back_in_pieces() {
    let mut device = device();
    assert_eq!(read(&mut device, BULK_IN, 10), None);
    assert_eq!(device.transfer_out(BULK_OUT, b"abcdef"), Out::Accepted(6));
    assert_eq!(read(&mut device, BULK_IN, 4).unwrap(), b"abcd");
    assert_eq!(device.transfer_out(BULK_OUT, b"gh"), Out::Accepted(2));
    assert_eq!(read(&mut device, BULK_IN, 100).unwrap(), b"efgh");
    assert_eq!(read(&mut device, BULK_IN, 1), None);
}

#[test]
fn empty_transfers_move_nothing_and_do_not_wait() {
    let mut device = device();
    assert_eq!(device.transfer_out(BULK_OUT, &[]), Out::Accepted(0));
    assert_eq!(read(&mut device, BULK_IN, 0).unwrap(), b"");
    assert_eq!(read(&mut device, INTERRUPT_IN, 0).unwrap(), b"");
    device.transfer_out(BULK_OUT, b"x");
    assert_eq!(read(&mut device, BULK_IN, 0).unwrap(), b"");
    assert_eq!(read(&mut device, BULK_IN, 1).unwrap(), b"x");
}

#[test]
fn a_full_fifo_takes_no_more() {
    let mut device = device();
    let block = vec![1; FIFO_SIZE - 1];
    assert_eq!(
        device.transfer_out(BULK_OUT, &block),
        Out::Accepted(FIFO_SIZE - 1)
    );
    assert_eq!(device.transfer_out(BULK_OUT, b"ab"), Out::Accepted(1));
    device.wakeups();
    assert_eq!(device.transfer_out(BULK_OUT, b"b"), Out::Accepted(0));
    assert!(device.wakeups().is_empty(), "no progress, no wake-up");
    assert_eq!(status(&mut device).fifo_used as usize, FIFO_SIZE);
    read(&mut device, BULK_IN, FIFO_SIZE - 1).unwrap();
    assert_eq!(device.transfer_out(BULK_OUT, b"b"), Out::Accepted(1));
    assert_eq!(read(&mut device, BULK_IN, 9).unwrap(), b"ab");
}

#[test]
fn progress_on_one_bulk_endpoint_wakes_the_other() {
    let mut device = device();
    device.wakeups();
    device.transfer_out(BULK_OUT, b"x");
    let woken = device.wakeups();
    assert!(woken.contains(BULK_IN) && !woken.contains(BULK_OUT));
    read(&mut device, BULK_IN, 1);
    assert!(device.wakeups().contains(BULK_OUT));
    assert_eq!(read(&mut device, BULK_IN, 1), None);
    assert!(device.wakeups().is_empty(), "no progress, no wake-up");
}

#[test]
fn counters_and_checksums_follow_both_directions() {
    let mut device = device();
    device.transfer_out(BULK_OUT, b"1234");
    device.transfer_out(BULK_OUT, b"56789");
    read(&mut device, BULK_IN, 3);
    let found = status(&mut device);
    assert_eq!(
        (found.out_bytes, found.in_bytes, found.fifo_used),
        (9, 3, 6)
    );
    // The check value of CRC-32C.
    assert_eq!(found.out_crc32c, 0xe306_9283);
    assert_eq!(found.in_crc32c, crc32c::crc32c(b"123"));
    assert_eq!(found.fifo_size, 1 << 20);
}

#[test]
fn the_source_follows_the_seed_and_the_sink_swallows() {
    let mut device = device();
    assert_eq!(out(&mut device, code::SET_MODE, 1, &[]), OK);
    assert_eq!(
        out(
            &mut device,
            code::SET_SEED,
            0,
            &0xdead_beefu32.to_le_bytes()
        ),
        OK
    );
    let mut wanted = vec![0; 1000];
    Pattern::new(0xdead_beef).fill(&mut wanted);
    let found = [
        read(&mut device, BULK_IN, 13).unwrap(),
        read(&mut device, BULK_IN, 987).unwrap(),
    ];
    assert_eq!(found.concat(), wanted);
    let much = vec![0; FIFO_SIZE * 2];
    assert_eq!(
        device.transfer_out(BULK_OUT, &much),
        Out::Accepted(much.len())
    );
    let status = status(&mut device);
    assert_eq!(
        (status.mode, status.seed, status.fifo_used),
        (1, 0xdead_beef, 0)
    );
    assert_eq!(
        (status.out_bytes, status.in_bytes),
        (much.len() as u64, 1000)
    );
    assert_eq!(status.in_crc32c, crc32c::crc32c(&wanted));
}

#[test]
fn setting_mode_or_seed_restarts_the_source() {
    let mut device = device();
    out(&mut device, code::SET_MODE, 1, &[]);
    out(&mut device, code::SET_SEED, 5, &[]);
    let first = read(&mut device, BULK_IN, 21).unwrap();
    assert_ne!(read(&mut device, BULK_IN, 21).unwrap(), first);
    out(&mut device, code::SET_MODE, 1, &[]);
    assert_eq!(read(&mut device, BULK_IN, 21).unwrap(), first);
    out(&mut device, code::SET_SEED, 5, &[]);
    assert_eq!(read(&mut device, BULK_IN, 21).unwrap(), first);
    device.set_alternate(0, 0).unwrap();
    assert_eq!(read(&mut device, BULK_IN, 21).unwrap(), first);
}

#[test]
fn only_what_was_appended_counts() {
    let mut device = device();
    device.transfer_out(BULK_OUT, b"123456789");
    let mut buffer = b"in front".to_vec();
    assert_eq!(device.transfer_in(BULK_IN, 9, &mut buffer), In::Done);
    assert_eq!(buffer, b"in front123456789");
    let status = status(&mut device);
    assert_eq!((status.in_bytes, status.in_crc32c), (9, 0xe306_9283));
}

#[test]
fn a_seed_comes_in_the_setup_packet_or_in_four_bytes() {
    let mut device = device();
    assert_eq!(out(&mut device, code::SET_SEED, 0x1234, &[]), OK);
    assert_eq!(status(&mut device).seed, 0x1234);
    assert_eq!(out(&mut device, code::SET_SEED, 0x1234, &[1, 2, 3, 4]), OK);
    assert_eq!(status(&mut device).seed, 0x0403_0201);
    for length in [1, 2, 3, 5] {
        assert_eq!(
            out(&mut device, code::SET_SEED, 0, &vec![0; length]),
            Control::Stall
        );
    }
}

#[test]
fn setting_the_mode_empties_the_data_path() {
    let mut device = device();
    device.transfer_out(BULK_OUT, b"old");
    assert_eq!(out(&mut device, code::SET_MODE, 0, &[]), OK);
    assert_eq!(read(&mut device, BULK_IN, 10), None);
    let status = status(&mut device);
    assert_eq!((status.out_bytes, status.out_crc32c), (0, 0));
    assert_eq!(out(&mut device, code::SET_MODE, 2, &[]), Control::Stall);
    assert_eq!(out(&mut device, code::SET_MODE, 0, b"x"), Control::Stall);
}

#[test]
fn events_are_numbered_and_bounded() {
    let mut device = device();
    assert_eq!(read(&mut device, INTERRUPT_IN, 64), None);
    for code in 0..EVENT_QUEUE as u16 {
        assert_eq!(out(&mut device, code::TRIGGER_EVENT, code, &[]), OK);
    }
    assert_eq!(
        out(&mut device, code::TRIGGER_EVENT, 99, &[]),
        Control::Stall
    );
    assert!(device.wakeups().contains(INTERRUPT_IN));
    for code in 0..EVENT_QUEUE as u16 {
        let event = Event {
            sequence: code.into(),
            code,
        };
        assert_eq!(
            read(&mut device, INTERRUPT_IN, 64).unwrap(),
            event.to_bytes()
        );
    }
    assert_eq!(read(&mut device, INTERRUPT_IN, 64), None);
    assert_eq!(status(&mut device).events_sent as usize, EVENT_QUEUE);
    // The refused trigger took no number.
    out(&mut device, code::TRIGGER_EVENT, 0xabcd, &[]);
    assert_eq!(
        read(&mut device, INTERRUPT_IN, 6).unwrap(),
        [64, 0, 0, 0, 0xcd, 0xab]
    );
}

#[test]
fn scratch_memory_keeps_what_was_written_last() {
    let mut device = device();
    assert_eq!(get(&mut device, code::SCRATCH_READ, 10), OK);
    let full = vec![5; SCRATCH_SIZE];
    assert_eq!(out(&mut device, code::SCRATCH_WRITE, 0, &full), OK);
    assert_eq!(
        get(&mut device, code::SCRATCH_READ, u16::MAX),
        Control::Done(full.clone())
    );
    let too_much = vec![6; SCRATCH_SIZE + 1];
    assert_eq!(
        out(&mut device, code::SCRATCH_WRITE, 0, &too_much),
        Control::Stall
    );
    assert_eq!(
        get(&mut device, code::SCRATCH_READ, 3),
        Control::Done(vec![5; 3])
    );
    assert_eq!(out(&mut device, code::SCRATCH_WRITE, 0, b"ab"), OK);
    assert_eq!(
        get(&mut device, code::SCRATCH_READ, 10),
        Control::Done(b"ab".to_vec())
    );
    assert_eq!(out(&mut device, code::SCRATCH_WRITE, 0, b""), OK);
    assert_eq!(get(&mut device, code::SCRATCH_READ, 10), OK);
}

#[test]
fn a_halted_endpoint_stalls_until_cleared() {
    let mut device = device();
    for address in [BULK_OUT, BULK_IN, INTERRUPT_IN] {
        device.wakeups();
        assert_eq!(out(&mut device, code::HALT, address.raw().into(), &[]), OK);
        assert!(
            device.wakeups().contains(address),
            "those that wait must hear of it"
        );
        let stalls = |device: &mut Machine<Reference>| match address.direction() {
            crate::Direction::Out => device.transfer_out(address, b"x") == Out::Stall,
            crate::Direction::In => device.transfer_in(address, 1, &mut Vec::new()) == In::Stall,
        };
        assert!(stalls(&mut device), "{address}");
        let clear = Setup {
            index: address.raw().into(),
            ..setup(0x02, 1, 0, 0)
        };
        assert_eq!(device.control(clear, &[]), OK);
        assert!(!stalls(&mut device), "{address}");
    }
}

#[test]
fn only_our_endpoints_can_be_halted() {
    let mut device = device();
    for raw in [0x00, 0x80, 0x02, 0x83, 0x11, 0x101] {
        assert_eq!(
            out(&mut device, code::HALT, raw, &[]),
            Control::Stall,
            "{raw:#x}"
        );
    }
    assert_eq!(out(&mut device, code::HALT, 0x81, b"x"), Control::Stall);
}

#[test]
fn never_answer_is_pending_for_good() {
    let mut device = device();
    device.wakeups();
    for _ in 0..3 {
        assert_eq!(get(&mut device, code::NEVER_ANSWER, 8), Control::Pending);
        assert!(device.wakeups().is_empty());
    }
}

#[test]
fn status_is_cut_to_what_was_asked_for() {
    let mut device = device();
    let Control::Done(whole) = get(&mut device, code::GET_STATUS, 100) else {
        panic!("refused")
    };
    assert_eq!(whole.len(), Status::SIZE);
    assert_eq!(
        get(&mut device, code::GET_STATUS, 12),
        Control::Done(whole[..12].to_vec())
    );
    assert_eq!(get(&mut device, code::GET_STATUS, 0), OK);
}

#[test]
fn requests_to_others_or_the_wrong_way_stall() {
    let mut device = device();
    let interface = |index| Setup {
        index,
        ..setup(0xc1, code::GET_STATUS, 0, 48)
    };
    assert!(matches!(
        device.control(interface(0), &[]),
        Control::Done(_)
    ));
    assert_eq!(device.control(interface(1), &[]), Control::Stall);
    for request_type in [0xc2, 0xc3, 0xa0, 0xe0] {
        let request = setup(request_type, code::GET_STATUS, 0, 48);
        assert_eq!(
            device.control(request, &[]),
            Control::Stall,
            "{request_type:#x}"
        );
    }
    for request in 0..=u8::MAX {
        let known_in =
            [code::GET_STATUS, code::SCRATCH_READ, code::NEVER_ANSWER].contains(&request);
        let answer = get(&mut device, request, 8);
        assert_eq!(answer == Control::Stall, !known_in, "IN {request:#x}");
        let known_out = [
            code::SET_MODE,
            code::TRIGGER_EVENT,
            code::SCRATCH_WRITE,
            code::SET_SEED,
            code::HALT,
        ];
        let answer = out(&mut device, request, 1, &[]);
        assert_eq!(
            answer == Control::Stall,
            !known_out.contains(&request),
            "OUT {request:#x}"
        );
    }
}

#[test]
fn a_new_configuration_empties_and_a_reset_forgets() {
    let mut device = device();
    out(&mut device, code::SET_MODE, 1, &[]);
    out(&mut device, code::SET_SEED, 7, &[]);
    out(&mut device, code::SCRATCH_WRITE, 0, b"kept");
    out(&mut device, code::TRIGGER_EVENT, 1, &[]);
    read(&mut device, BULK_IN, 100);
    device.set_configuration(1).unwrap();
    let wanted = Status {
        mode: 1,
        fifo_size: 1 << 20,
        seed: 7,
        ..Status::default()
    };
    assert_eq!(status(&mut device), wanted);
    assert_eq!(read(&mut device, INTERRUPT_IN, 8), None);
    assert_eq!(
        get(&mut device, code::SCRATCH_READ, 9),
        Control::Done(b"kept".to_vec())
    );
    out(&mut device, code::TRIGGER_EVENT, 1, &[]);
    device.set_alternate(0, 0).unwrap();
    assert_eq!(read(&mut device, INTERRUPT_IN, 8), None);
    device.reset();
    device.set_configuration(1).unwrap();
    assert_eq!(
        status(&mut device),
        Status {
            fifo_size: 1 << 20,
            ..Status::default()
        }
    );
    assert_eq!(get(&mut device, code::SCRATCH_READ, 9), OK);
}

#[test]
fn a_serial_number_that_does_not_fit_is_refused() {
    assert!(Reference::new(&"9".repeat(127)).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn loopback_is_a_stream(
        pieces in prop::collection::vec((0usize..5000, 1usize..5000), 1..60),
    ) {
        let mut device = device();
        let mut sent = Vec::new();
        let mut received = Vec::new();
        for (index, (outgoing, incoming)) in pieces.into_iter().enumerate() {
            let piece: Vec<u8> = (0..outgoing).map(|at| (at * 7 + index) as u8).collect();
            prop_assert_eq!(device.transfer_out(BULK_OUT, &piece), Out::Accepted(outgoing));
            sent.extend(piece);
            if let Some(piece) = read(&mut device, BULK_IN, incoming) {
                prop_assert!(!piece.is_empty() && piece.len() <= incoming);
                received.extend(piece);
            }
        }
        while let Some(piece) = read(&mut device, BULK_IN, 4096) {
            received.extend(piece);
        }
        prop_assert_eq!(&received, &sent);
        let status = status(&mut device);
        prop_assert_eq!(status.out_crc32c, crc32c::crc32c(&sent));
        prop_assert_eq!(status.in_crc32c, status.out_crc32c);
        prop_assert_eq!(status.in_bytes, status.out_bytes);
    }
}
