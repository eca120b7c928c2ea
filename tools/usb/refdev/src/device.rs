// SPDX-License-Identifier: GPL-2.0

//! What a frontend knows of a device.

use crate::description::{Alternate, Description, Endpoint};
use crate::endpoint::{Address, EndpointSet};
use crate::setup::Setup;
use crate::speed::Speed;

/// The device refuses: a STALL handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stall;

/// Answer to a control transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    /// The status stage succeeds. IN: these bytes are the data stage; OUT: empty.
    Done(Vec<u8>),
    /// Nothing yet: ask again after a wake-up of endpoint 0.
    Pending,
    /// Refused.
    Stall,
}

impl From<Result<(), Stall>> for Control {
    fn from(result: Result<(), Stall>) -> Self {
        result.map_or(Self::Stall, |()| Self::Done(Vec::new()))
    }
}

impl From<Option<Vec<u8>>> for Control {
    fn from(data: Option<Vec<u8>>) -> Self {
        data.map_or(Self::Stall, Self::Done)
    }
}

/// Answer to OUT data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Out {
    /// So many bytes were taken. If fewer than offered, the rest is to be offered again
    /// after a wake-up of the endpoint.
    Accepted(usize),
    /// Refused.
    Stall,
}

/// Answer to an IN request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum In {
    /// The transfer is complete with what was appended to the buffer, be it short or empty.
    Done,
    /// Nothing yet: ask again after a wake-up of the endpoint.
    Pending,
    /// Refused.
    Stall,
}

/// A USB device behind its bus interface, at one speed.
///
/// It performs no I/O and never blocks. What cannot go on yet is answered with *pending*
/// (which real hardware would express by NAK), and [`Device::wakeups`] names the endpoints
/// on which asking again makes sense.
pub trait Device {
    /// Descriptors, typed.
    fn description(&self) -> &Description;

    /// The speed it runs at.
    fn speed(&self) -> Speed;

    /// Value of the current configuration, 0 while there is none.
    fn configuration(&self) -> u8;

    /// Selects a configuration; 0 deconfigures.
    fn set_configuration(&mut self, value: u8) -> Result<(), Stall>;

    /// Current alternate setting of an interface.
    fn alternate(&self, interface: u8) -> Result<u8, Stall>;

    /// Selects an alternate setting.
    fn set_alternate(&mut self, interface: u8, alternate: u8) -> Result<(), Stall>;

    /// The settings that are selected now, with the number of their interface; none without a
    /// configuration.
    fn settings(&self) -> impl Iterator<Item = (u8, &Alternate)>
    where
        Self: Sized,
    {
        let configuration = self.description().by_value(self.configuration());
        let interfaces = configuration.map_or(&[][..], |current| &current.interfaces);
        (0u8..)
            .zip(interfaces)
            .filter_map(|(number, all)| Some((number, all.get(self.selected(number))?)))
    }

    /// The alternate setting of an interface, 0 if it has none.
    fn selected(&self, interface: u8) -> usize {
        self.alternate(interface).unwrap_or(0).into()
    }

    /// An endpoint of the settings that are selected now.
    fn endpoint(&self, address: Address) -> Option<Endpoint>
    where
        Self: Sized,
    {
        let mut all = self.settings().flat_map(|(_, setting)| &setting.endpoints);
        all.find(|endpoint| endpoint.address == address).copied()
    }

    /// A control transfer on endpoint 0: standard, class and vendor requests alike.
    /// `data` is the data stage of an OUT request.
    fn control(&mut self, setup: Setup, data: &[u8]) -> Control;

    /// Data for an OUT endpoint. Where the endpoint is isochronous this is one packet, and what is
    /// not accepted is lost.
    fn transfer_out(&mut self, address: Address, data: &[u8]) -> Out;

    /// A request for up to `wanted` bytes from an IN endpoint. Data is appended to `buffer`, only
    /// together with [`In::Done`]. Where the endpoint is isochronous this is one packet, which is
    /// empty if nothing is there yet.
    fn transfer_in(&mut self, address: Address, wanted: usize, buffer: &mut Vec<u8>) -> In;

    /// The host reset the port.
    fn reset(&mut self);

    /// Endpoints that may have something new to say since the last call.
    fn wakeups(&mut self) -> EndpointSet;
}
