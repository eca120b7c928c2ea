// SPDX-License-Identifier: GPL-2.0

//! Chapter 9: the requests and states that every device has in common.

use crate::description::{Configuration, Description};
use crate::descriptor::kind;
use crate::device::{Control, Device, In, Out, Stall};
use crate::endpoint::{Address, Direction, EndpointSet};
use crate::function::Function;
use crate::setup::{Kind, Recipient, Setup};
use crate::speed::Speed;

/// Codes of the standard requests (`bRequest`).
pub mod request {
    /// GET_STATUS.
    pub const GET_STATUS: u8 = 0;
    /// CLEAR_FEATURE.
    pub const CLEAR_FEATURE: u8 = 1;
    /// SET_FEATURE.
    pub const SET_FEATURE: u8 = 3;
    /// GET_DESCRIPTOR.
    pub const GET_DESCRIPTOR: u8 = 6;
    /// GET_CONFIGURATION.
    pub const GET_CONFIGURATION: u8 = 8;
    /// SET_CONFIGURATION.
    pub const SET_CONFIGURATION: u8 = 9;
    /// GET_INTERFACE.
    pub const GET_INTERFACE: u8 = 10;
    /// SET_INTERFACE.
    pub const SET_INTERFACE: u8 = 11;
    /// SET_SEL, SuperSpeed only.
    pub const SET_SEL: u8 = 48;
    /// SET_ISOCH_DELAY, SuperSpeed only.
    pub const SET_ISOCH_DELAY: u8 = 49;
}

/// Feature selectors.
pub mod feature {
    /// ENDPOINT_HALT, of an endpoint.
    pub const ENDPOINT_HALT: u16 = 0;
    /// FUNCTION_SUSPEND, of an interface at SuperSpeed.
    pub const FUNCTION_SUSPEND: u16 = 0;
    /// U1_ENABLE, of a device at SuperSpeed.
    pub const U1_ENABLE: u16 = 48;
    /// U2_ENABLE, of a device at SuperSpeed.
    pub const U2_ENABLE: u16 = 49;
}

/// A [`Function`] made into a whole [`Device`].
pub struct Machine<F> {
    function: F,
    speed: Speed,
    configuration: u8,
    alternates: Vec<u8>,
    halted: EndpointSet,
    /// Enabled low-power link states, as the bits of GET_STATUS.
    link_states: u8,
    woken: EndpointSet,
}

impl<F: Function> Machine<F> {
    /// The device as it is after power-on.
    pub fn new(function: F, speed: Speed) -> Self {
        Self {
            function,
            speed,
            configuration: 0,
            alternates: Vec::new(),
            halted: EndpointSet::EMPTY,
            link_states: 0,
            woken: EndpointSet::EMPTY,
        }
    }

    /// The personality.
    pub fn function(&self) -> &F {
        &self.function
    }

    fn current(&self) -> Option<&Configuration> {
        self.description().by_value(self.configuration)
    }

    /// Whether the endpoint exists in the settings that are selected now.
    fn has_endpoint(&self, address: Address) -> bool {
        self.endpoint(address).is_some()
    }

    fn standard(&mut self, setup: Setup) -> Control {
        match setup.direction() {
            Direction::In => self.standard_in(setup),
            Direction::Out => self.standard_out(setup).into(),
        }
    }

    fn standard_in(&self, setup: Setup) -> Control {
        let interface = setup.index as u8;
        match (setup.request, setup.recipient()) {
            (request::GET_DESCRIPTOR, Recipient::Device) => self.descriptor(setup).into(),
            (request::GET_CONFIGURATION, Recipient::Device) => {
                Control::Done(vec![self.configuration])
            }
            (request::GET_INTERFACE, Recipient::Interface) => self
                .alternate(interface)
                .ok()
                .map(|alternate| vec![alternate])
                .into(),
            (request::GET_STATUS, _) => self.status(setup).map(|status| vec![status, 0]).into(),
            _ => Control::Stall,
        }
    }

    fn standard_out(&mut self, setup: Setup) -> Result<(), Stall> {
        match (setup.request, setup.recipient()) {
            (request::SET_CONFIGURATION, Recipient::Device) => {
                self.set_configuration(u8::try_from(setup.value).map_err(|_| Stall)?)
            }
            (request::SET_INTERFACE, Recipient::Interface) => {
                let alternate = u8::try_from(setup.value).map_err(|_| Stall)?;
                self.set_alternate(setup.index as u8, alternate)
            }
            (request::SET_FEATURE, _) => self.feature(setup, true),
            (request::CLEAR_FEATURE, _) => self.feature(setup, false),
            (request::SET_SEL | request::SET_ISOCH_DELAY, Recipient::Device) => self.only_super(),
            _ => Err(Stall),
        }
    }

    fn only_super(&self) -> Result<(), Stall> {
        if self.speed == Speed::Super {
            Ok(())
        } else {
            Err(Stall)
        }
    }

    fn descriptor(&self, setup: Setup) -> Option<Vec<u8>> {
        let [index, kind] = setup.value.to_le_bytes();
        let (description, speed) = (self.description(), self.speed);
        match kind {
            kind::DEVICE => Some(description.device_descriptor(speed)),
            kind::CONFIGURATION => description.configuration_descriptor(index, speed),
            kind::STRING => description.string_descriptor(index, setup.index),
            kind::DEVICE_QUALIFIER => description.device_qualifier(speed),
            kind::OTHER_SPEED_CONFIGURATION => description.other_speed_descriptor(index, speed),
            kind::BOS => description.bos_descriptor(speed),
            _ => None,
        }
    }

    fn status(&self, setup: Setup) -> Option<u8> {
        match setup.recipient() {
            Recipient::Device => Some(self.link_states),
            Recipient::Interface => self.alternate(setup.index as u8).ok().map(|_| 0),
            Recipient::Endpoint => {
                let address = self.addressed(setup)?;
                Some(self.halted.contains(address).into())
            }
            Recipient::Other => None,
        }
    }

    /// The endpoint that a request addresses, if there is one.
    fn addressed(&self, setup: Setup) -> Option<Address> {
        let address = Address::new(setup.index as u8)?;
        (address.number() == 0 || self.has_endpoint(address)).then_some(address)
    }

    fn feature(&mut self, setup: Setup, set: bool) -> Result<(), Stall> {
        match (setup.recipient(), setup.value) {
            (Recipient::Endpoint, feature::ENDPOINT_HALT) => {
                let address = self.addressed(setup).ok_or(Stall)?;
                self.halt(address, set);
                Ok(())
            }
            (Recipient::Interface, feature::FUNCTION_SUSPEND) => {
                self.only_super()?;
                self.alternate(setup.index as u8).map(|_| ())
            }
            (Recipient::Device, feature::U1_ENABLE) => self.link_state(1 << 2, set),
            (Recipient::Device, feature::U2_ENABLE) => self.link_state(1 << 3, set),
            _ => Err(Stall),
        }
    }

    fn link_state(&mut self, bit: u8, set: bool) -> Result<(), Stall> {
        self.only_super()?;
        self.link_states = if set {
            self.link_states | bit
        } else {
            self.link_states & !bit
        };
        Ok(())
    }

    fn halt(&mut self, address: Address, halted: bool) {
        // Endpoint 0 recovers with the next setup packet, so it is never found halted.
        if halted && address.number() != 0 {
            self.halted.insert(address);
        } else {
            self.halted.remove(address);
        }
        self.woken.insert(address);
    }

    /// Whether a transfer reaches the function.
    fn passes(&self, address: Address, direction: Direction) -> bool {
        address.direction() == direction
            && !self.halted.contains(address)
            && self.has_endpoint(address)
    }

    /// Takes a configuration with its default settings; everything that waits is looked at again.
    fn select(&mut self, value: u8) {
        self.configuration = value;
        let interfaces = self.current().map_or(0, |current| current.interfaces.len());
        self.alternates = vec![0; interfaces];
        self.halted = EndpointSet::EMPTY;
        self.link_states = 0;
        self.woken = EndpointSet::ALL;
    }
}

impl<F: Function> Device for Machine<F> {
    fn description(&self) -> &Description {
        self.function.description()
    }

    fn speed(&self) -> Speed {
        self.speed
    }

    fn configuration(&self) -> u8 {
        self.configuration
    }

    fn set_configuration(&mut self, value: u8) -> Result<(), Stall> {
        if value != 0 && self.description().by_value(value).is_none() {
            return Err(Stall);
        }
        self.select(value);
        self.function.configured(value);
        Ok(())
    }

    fn alternate(&self, interface: u8) -> Result<u8, Stall> {
        self.alternates
            .get(usize::from(interface))
            .copied()
            .ok_or(Stall)
    }

    fn set_alternate(&mut self, interface: u8, alternate: u8) -> Result<(), Stall> {
        let configuration = self.current().ok_or(Stall)?;
        let setting = configuration.alternate(interface, alternate).ok_or(Stall)?;
        let mut halted = self.halted;
        setting
            .endpoints
            .iter()
            .for_each(|endpoint| halted.remove(endpoint.address));
        self.halted = halted;
        self.alternates[usize::from(interface)] = alternate;
        self.woken = EndpointSet::ALL;
        self.function.alternate_set(interface, alternate);
        Ok(())
    }

    fn control(&mut self, setup: Setup, data: &[u8]) -> Control {
        let before = self.halted;
        let answer = match setup.kind() {
            Kind::Standard => self.standard(setup),
            Kind::Class | Kind::Vendor => self.function.control(setup, data, &mut self.halted),
            Kind::Reserved => Control::Stall,
        };
        if self.halted != before {
            self.woken = EndpointSet::ALL;
        }
        match answer {
            Control::Done(mut data) => {
                data.truncate(setup.length.into());
                Control::Done(data)
            }
            other => other,
        }
    }

    fn transfer_out(&mut self, address: Address, data: &[u8]) -> Out {
        if self.passes(address, Direction::Out) {
            self.function.transfer_out(address, data)
        } else {
            Out::Stall
        }
    }

    fn transfer_in(&mut self, address: Address, wanted: usize, buffer: &mut Vec<u8>) -> In {
        if self.passes(address, Direction::In) {
            self.function.transfer_in(address, wanted, buffer)
        } else {
            In::Stall
        }
    }

    fn reset(&mut self) {
        self.select(0);
        self.function.reset();
    }

    fn wakeups(&mut self) -> EndpointSet {
        let mut woken = std::mem::take(&mut self.woken);
        woken.extend(self.function.wakeups());
        woken
    }
}

#[cfg(test)]
mod tests;
