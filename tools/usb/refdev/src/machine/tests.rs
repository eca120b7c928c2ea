// SPDX-License-Identifier: GPL-2.0

//! Chapter 9 over a personality with two configurations and alternate settings.

use super::*;
use crate::description::{Alternate, Class, Transfer, UsbString};
use crate::reference::Reference;

const OK: Control = Control::Done(Vec::new());

fn address(raw: u8) -> Address {
    Address::new(raw).unwrap()
}

/// Writes down what it is told and answers everything.
struct Probe {
    description: Description,
    told: Vec<String>,
}

impl Probe {
    fn new() -> Self {
        let bulk = |raw| Alternate::new(Class::VENDOR).endpoint(address(raw), Transfer::Bulk);
        let empty = Alternate::new(Class::VENDOR);
        let description = Description::new(0x1111, 0x2222)
            .strings(["m", "p", "s"].map(|text| UsbString::new(text).unwrap()))
            .configuration(Configuration::new(3).interface(vec![empty, bulk(0x81), bulk(0x01)]))
            .configuration(
                Configuration::new(2)
                    .interface(vec![bulk(0x81)])
                    .interface(vec![bulk(0x02)]),
            );
        Self {
            description,
            told: Vec::new(),
        }
    }
}

impl Function for Probe {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self) {
        self.told.push("reset".into());
    }

    fn configured(&mut self, value: u8) {
        self.told.push(format!("configured {value}"));
    }

    fn alternate_set(&mut self, interface: u8, alternate: u8) {
        self.told.push(format!("alternate {interface} {alternate}"));
    }

    fn control(&mut self, setup: Setup, _data: &[u8], _halted: &mut EndpointSet) -> Control {
        Control::Done(vec![setup.request; 10])
    }

    fn transfer_out(&mut self, _address: Address, data: &[u8]) -> Out {
        Out::Accepted(data.len())
    }

    fn transfer_in(&mut self, _address: Address, _wanted: usize, _buffer: &mut Vec<u8>) -> In {
        In::Done
    }

    fn wakeups(&mut self) -> EndpointSet {
        EndpointSet::EMPTY
    }
}

fn probe(speed: Speed) -> Machine<Probe> {
    Machine::new(Probe::new(), speed)
}

fn request(request_type: u8, request: u8, value: u16, index: u16, length: u16) -> Setup {
    Setup {
        request_type,
        request,
        value,
        index,
        length,
    }
}

fn get<F: Function>(device: &mut Machine<F>, kind: u8, value: u16, index: u16) -> Option<Vec<u8>> {
    match device.control(request(kind, value as u8, 0, index, 255), &[]) {
        Control::Done(data) => Some(data),
        Control::Stall => None,
        Control::Pending => panic!("a standard request never waits"),
    }
}

fn descriptor<F: Function>(device: &mut Machine<F>, kind: u8, index: u8) -> Option<Vec<u8>> {
    let value = u16::from(kind) << 8 | u16::from(index);
    match device.control(
        request(0x80, request::GET_DESCRIPTOR, value, 0x0409, 1024),
        &[],
    ) {
        Control::Done(data) => Some(data),
        _ => None,
    }
}

#[test]
fn a_configuration_is_selected_by_value() {
    let mut device = probe(Speed::High);
    assert_eq!(get(&mut device, 0x80, 8, 0), Some(vec![0]));
    for (value, accepted) in [(2, true), (1, false), (3, true), (0x102, false), (0, true)] {
        let answer = device.control(request(0x00, 9, value, 0, 0), &[]);
        assert_eq!(answer == OK, accepted, "{value}");
    }
    assert_eq!(
        device.function().told,
        ["configured 2", "configured 3", "configured 0"]
    );
    device.set_configuration(2).unwrap();
    assert_eq!(get(&mut device, 0x80, 8, 0), Some(vec![2]));
    assert_eq!(device.configuration(), 2);
}

#[test]
fn an_alternate_setting_exists_or_stalls() {
    let mut device = probe(Speed::High);
    assert_eq!(get(&mut device, 0x81, 10, 0), None, "not configured");
    assert_eq!(device.set_alternate(0, 0), Err(Stall));
    device.set_configuration(3).unwrap();
    assert_eq!(get(&mut device, 0x81, 10, 0), Some(vec![0]));
    let set = |alternate, interface| request(0x01, 11, alternate, interface, 0);
    assert_eq!(device.control(set(2, 0), &[]), OK);
    assert_eq!(get(&mut device, 0x81, 10, 0), Some(vec![2]));
    assert_eq!(device.control(set(3, 0), &[]), Control::Stall);
    assert_eq!(device.control(set(0x100, 0), &[]), Control::Stall);
    assert_eq!(device.control(set(0, 1), &[]), Control::Stall);
    assert_eq!(get(&mut device, 0x81, 10, 1), None);
    assert_eq!(device.alternate(0), Ok(2));
    device.set_configuration(3).unwrap();
    assert_eq!(
        device.alternate(0),
        Ok(0),
        "a configuration begins with the first settings"
    );
}

#[test]
fn only_endpoints_of_the_selected_settings_answer() {
    let mut device = probe(Speed::High);
    let answers = |device: &mut Machine<Probe>| {
        let reads = |device: &mut Machine<Probe>, raw| {
            device.transfer_in(address(raw), 1, &mut Vec::new()) == In::Done
        };
        let writes = |device: &mut Machine<Probe>, raw| {
            device.transfer_out(address(raw), b"x") == Out::Accepted(1)
        };
        (
            reads(device, 0x81),
            writes(device, 0x01),
            writes(device, 0x02),
        )
    };
    assert_eq!(answers(&mut device), (false, false, false));
    device.set_configuration(3).unwrap();
    assert_eq!(answers(&mut device), (false, false, false));
    device.set_alternate(0, 1).unwrap();
    assert_eq!(answers(&mut device), (true, false, false));
    device.set_alternate(0, 2).unwrap();
    assert_eq!(answers(&mut device), (false, true, false));
    device.set_configuration(2).unwrap();
    assert_eq!(answers(&mut device), (true, false, true));
    // The right address, the wrong way.
    assert_eq!(device.transfer_out(address(0x81), b"x"), Out::Stall);
    assert_eq!(
        device.transfer_in(address(0x02), 1, &mut Vec::new()),
        In::Stall
    );
}

#[test]
fn a_halt_is_set_seen_and_cleared() {
    let mut device = probe(Speed::High);
    device.set_configuration(2).unwrap();
    let feature = |code, endpoint| request(0x02, code, 0, endpoint, 0);
    assert_eq!(get(&mut device, 0x82, 0, 0x81), Some(vec![0, 0]));
    assert_eq!(device.control(feature(3, 0x81), &[]), OK);
    assert!(device.wakeups().contains(address(0x81)));
    assert_eq!(get(&mut device, 0x82, 0, 0x81), Some(vec![1, 0]));
    assert_eq!(
        device.transfer_in(address(0x81), 1, &mut Vec::new()),
        In::Stall
    );
    assert_eq!(
        device.transfer_out(address(0x02), b"x"),
        Out::Accepted(1),
        "only that one"
    );
    assert_eq!(device.control(feature(1, 0x81), &[]), OK);
    assert_eq!(get(&mut device, 0x82, 0, 0x81), Some(vec![0, 0]));
    assert_eq!(
        device.control(feature(3, 0x03), &[]),
        Control::Stall,
        "no such endpoint"
    );
    assert_eq!(
        device.control(feature(3, 0x71), &[]),
        Control::Stall,
        "no address at all"
    );
    assert_eq!(
        device.control(request(0x02, 3, 1, 0x81, 0), &[]),
        Control::Stall,
        "no such feature"
    );
}

#[test]
fn endpoint_zero_is_never_halted() {
    let mut device = probe(Speed::High);
    assert_eq!(device.control(request(0x02, 3, 0, 0, 0), &[]), OK);
    assert_eq!(get(&mut device, 0x82, 0, 0), Some(vec![0, 0]));
}

#[test]
fn a_halt_ends_with_the_setting_and_with_the_configuration() {
    let mut device = probe(Speed::High);
    let halt = |device: &mut Machine<Probe>| {
        assert_eq!(device.control(request(0x02, 3, 0, 0x81, 0), &[]), OK);
        assert_eq!(device.control(request(0x02, 3, 0, 0x02, 0), &[]), OK);
    };
    let halted = |device: &mut Machine<Probe>| {
        [0x81, 0x02].map(|endpoint| get(device, 0x82, 0, endpoint) == Some(vec![1, 0]))
    };
    device.set_configuration(2).unwrap();
    halt(&mut device);
    device.set_alternate(0, 0).unwrap();
    assert_eq!(
        halted(&mut device),
        [false, true],
        "the other interface keeps its halt"
    );
    halt(&mut device);
    device.set_configuration(2).unwrap();
    assert_eq!(halted(&mut device), [false, false]);
}

#[test]
fn status_knows_its_recipients() {
    let mut device = probe(Speed::High);
    assert_eq!(get(&mut device, 0x80, 0, 0), Some(vec![0, 0]));
    assert_eq!(get(&mut device, 0x81, 0, 0), None, "no interface yet");
    device.set_configuration(2).unwrap();
    assert_eq!(get(&mut device, 0x81, 0, 1), Some(vec![0, 0]));
    assert_eq!(get(&mut device, 0x81, 0, 2), None);
    assert_eq!(get(&mut device, 0x82, 0, 0x05), None);
    assert_eq!(get(&mut device, 0x83, 0, 0), None);
}

#[test]
fn super_speed_has_features_of_its_own() {
    let link = |code, selector| request(0x00, code, selector, 0, 0);
    for speed in Speed::ALL {
        let mut device = probe(speed);
        device.set_configuration(2).unwrap();
        let wanted = if speed == Speed::Super {
            OK
        } else {
            Control::Stall
        };
        assert_eq!(device.control(link(3, feature::U1_ENABLE), &[]), wanted);
        assert_eq!(device.control(link(3, feature::U2_ENABLE), &[]), wanted);
        let states = if speed == Speed::Super { 0x0c } else { 0 };
        assert_eq!(get(&mut device, 0x80, 0, 0), Some(vec![states, 0]));
        assert_eq!(device.control(link(1, feature::U1_ENABLE), &[]), wanted);
        assert_eq!(get(&mut device, 0x80, 0, 0), Some(vec![states & 0x08, 0]));
        assert_eq!(
            device.control(request(0x00, request::SET_SEL, 0, 0, 6), &[0; 6]),
            wanted
        );
        assert_eq!(
            device.control(request(0x00, request::SET_ISOCH_DELAY, 40, 0, 0), &[]),
            wanted
        );
        assert_eq!(
            device.control(request(0x01, 3, feature::FUNCTION_SUSPEND, 1, 0), &[]),
            wanted
        );
        device.set_configuration(2).unwrap();
        assert_eq!(
            get(&mut device, 0x80, 0, 0),
            Some(vec![0, 0]),
            "a fresh start"
        );
        let nowhere = request(0x01, 3, feature::FUNCTION_SUSPEND, 2, 0);
        assert_eq!(device.control(nowhere, &[]), Control::Stall);
    }
}

#[test]
fn descriptors_depend_on_the_speed() {
    for speed in Speed::ALL {
        let mut device = probe(speed);
        let usb2 = speed != Speed::Super;
        assert!(descriptor(&mut device, kind::DEVICE, 0).is_some());
        assert!(descriptor(&mut device, kind::CONFIGURATION, 1).is_some());
        assert!(descriptor(&mut device, kind::CONFIGURATION, 2).is_none());
        assert_eq!(
            descriptor(&mut device, kind::DEVICE_QUALIFIER, 0).is_some(),
            usb2
        );
        assert_eq!(
            descriptor(&mut device, kind::OTHER_SPEED_CONFIGURATION, 0).is_some(),
            usb2
        );
        assert_eq!(descriptor(&mut device, kind::BOS, 0).is_some(), !usb2);
        assert!(descriptor(&mut device, kind::STRING, 3).is_some());
        assert!(descriptor(&mut device, kind::STRING, 4).is_none());
        assert!(descriptor(&mut device, kind::ENDPOINT, 0).is_none());
        assert!(descriptor(&mut device, 0, 0).is_none());
    }
}

#[test]
fn answers_are_cut_to_what_was_asked_for() {
    let mut device = probe(Speed::High);
    for length in [0, 1, 8, 17, 18, 19, 64] {
        let answer = device.control(request(0x80, 6, 0x0100, 0, length), &[]);
        let Control::Done(data) = answer else {
            panic!("refused")
        };
        assert_eq!(data.len(), usize::from(length).min(18));
    }
    let vendor = request(0xc0, 0x33, 0, 0, 4);
    assert_eq!(device.control(vendor, &[]), Control::Done(vec![0x33; 4]));
}

#[test]
fn class_and_vendor_requests_reach_the_function_and_reserved_ones_do_not() {
    let mut device = probe(Speed::High);
    assert!(matches!(
        device.control(request(0xa1, 5, 0, 0, 9), &[]),
        Control::Done(_)
    ));
    assert!(matches!(
        device.control(request(0x41, 5, 0, 0, 9), &[]),
        Control::Done(_)
    ));
    assert_eq!(
        device.control(request(0xe0, 5, 0, 0, 9), &[]),
        Control::Stall
    );
}

#[test]
fn unknown_standard_requests_stall() {
    let mut device = Machine::new(Reference::new("1").unwrap(), Speed::Super);
    device.set_configuration(1).unwrap();
    // SET_ADDRESS is the host controller's business; SET_DESCRIPTOR and SYNCH_FRAME are optional.
    for (kind, code) in [
        (0x00, 5),
        (0x00, 7),
        (0x82, 12),
        (0x80, 99),
        (0x00, 99),
        (0x83, 6),
    ] {
        let answer = device.control(request(kind, code, 0, 0, 0), &[]);
        assert_eq!(answer, Control::Stall, "{kind:#x} {code}");
    }
    // The right request for the wrong recipient, or the wrong way.
    for (kind, code) in [
        (0x81, 6),
        (0x81, 8),
        (0x01, 9),
        (0x80, 10),
        (0x00, 11),
        (0x80, 9),
    ] {
        let answer = device.control(request(kind, code, 0, 0, 0), &[]);
        assert_eq!(answer, Control::Stall, "{kind:#x} {code}");
    }
}

#[test]
fn a_reset_deconfigures_and_wakes_everybody() {
    let mut device = probe(Speed::High);
    device.set_configuration(2).unwrap();
    device.wakeups();
    device.reset();
    assert_eq!(device.configuration(), 0);
    assert_eq!(device.wakeups(), EndpointSet::ALL);
    assert_eq!(device.function().told, ["configured 2", "reset"]);
    assert_eq!(
        device.transfer_in(address(0x81), 1, &mut Vec::new()),
        In::Stall
    );
}
