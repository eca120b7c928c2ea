// SPDX-License-Identifier: GPL-2.0

//! What makes one device different from another: its personality.

use crate::description::Description;
use crate::device::{Control, In, Out};
use crate::endpoint::{Address, EndpointSet};
use crate::setup::Setup;

/// The part of a device behind chapter 9.
///
/// [`Machine`](crate::Machine) answers the standard requests, keeps configuration, alternate
/// settings and halts, and lets only valid endpoints through; the rest comes here.
pub trait Function {
    /// Descriptors, typed. They must not change while the device is attached.
    fn description(&self) -> &Description;

    /// The host reset the port: back to the state at power-on.
    fn reset(&mut self);

    /// Another configuration was selected (0: none).
    fn configured(&mut self, value: u8);

    /// An alternate setting was selected, be it the same one again.
    fn alternate_set(&mut self, interface: u8, alternate: u8);

    /// A class or vendor request. `halted` may be changed: endpoints in it stall.
    fn control(&mut self, setup: Setup, data: &[u8], halted: &mut EndpointSet) -> Control;

    /// Data for an OUT endpoint of the current setting that is not halted.
    fn transfer_out(&mut self, address: Address, data: &[u8]) -> Out;

    /// A request to an IN endpoint of the current setting that is not halted.
    fn transfer_in(&mut self, address: Address, wanted: usize, buffer: &mut Vec<u8>) -> In;

    /// Endpoints that may have something new to say since the last call.
    fn wakeups(&mut self) -> EndpointSet;
}

impl<F: Function + ?Sized> Function for Box<F> {
    fn description(&self) -> &Description {
        (**self).description()
    }

    fn reset(&mut self) {
        (**self).reset();
    }

    fn configured(&mut self, value: u8) {
        (**self).configured(value);
    }

    fn alternate_set(&mut self, interface: u8, alternate: u8) {
        (**self).alternate_set(interface, alternate);
    }

    fn control(&mut self, setup: Setup, data: &[u8], halted: &mut EndpointSet) -> Control {
        (**self).control(setup, data, halted)
    }

    fn transfer_out(&mut self, address: Address, data: &[u8]) -> Out {
        (**self).transfer_out(address, data)
    }

    fn transfer_in(&mut self, address: Address, wanted: usize, buffer: &mut Vec<u8>) -> In {
        (**self).transfer_in(address, wanted, buffer)
    }

    fn wakeups(&mut self) -> EndpointSet {
        (**self).wakeups()
    }
}
