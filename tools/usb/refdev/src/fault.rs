// SPDX-License-Identifier: GPL-2.0

//! Faults: answers that differ, on purpose, from what the device did.
//!
//! A [`Fault`] says about which transfers to lie, when, and how. The device performs each transfer
//! as always; only what the host is told of it changes. Frontends ask [`Faults::pick`] as each
//! transfer begins and have the [`Lie`] distort the answer.
//!
//! # As text
//!
//! A fault is written as words separated by commas, `KEY=VALUE` or just `KEY`. Numbers are decimal
//! or, behind `0x`, hexadecimal, and may be negative where they stand for 32 bits: -1 is 0xffffffff.
//!
//! | which transfers | |
//! | --- | --- |
//! | `ep=ADDRESS` | to this endpoint (bEndpointAddress); 0 is the control endpoint |
//! | `type=N` `request=N` `value=N` `index=N` | control, with this field in the setup packet |
//! | `nth=N` | only the Nth of them, from 1 |
//! | `from=N` | the Nth and those behind it |
//! | `every=N` | of these, the first and every Nth behind it |
//! | `count=N` | so many at most |
//!
//! | what is answered | |
//! | --- | --- |
//! | `status=N` | this status: for vhci a negative error number, for usbredir a status code |
//! | `actual=AMOUNT` | so many bytes moved |
//! | `reply=HEX` | this IN data, cut to what was asked for |
//! | `patch=OFFSET:HEX` | IN data with these bytes in it; may be given again |
//! | `fill=N` | the byte that makes IN data longer, where it has to be; 0xa5 if not given |
//! | `data=AMOUNT` | so many bytes of IN data behind the header, whatever it announces |
//! | `never` | nothing, until the host takes the transfer back |
//! | `twice` | the same thing twice |
//! | `stray` | first an answer to a transfer that the host never began |
//! | `unlink-never` | nothing, where the host wants to take the transfer back (vhci only) |
//! | `unlink-status=N` | this status, where the host takes it back (vhci only) |
//!
//! | isochronous, vhci only | |
//! | --- | --- |
//! | `packets=AMOUNT` | so many packets in the transfer |
//! | `errors=AMOUNT` | so many packets failed |
//! | `packet=N` | the next four concern only this packet, from 0 |
//! | `packet-offset=AMOUNT` `packet-length=AMOUNT` | where a packet begins, and its size |
//! | `packet-actual=AMOUNT` | bytes that moved in a packet |
//! | `packet-status=N` | status of a packet |
//!
//! An AMOUNT is a number; or `asked`, what the host asked for; or `true`, what would be the truth.
//! The two may have `+N` or `-N` behind them, and `+N` alone is short for `asked+N`.
//!
//! | lies drawn at random, vhci only; others for another seed | |
//! | --- | --- |
//! | `mix=SEED` | all of the above that leaves the connection as it is, and now and then the truth |
//! | `iso-mix=SEED` | the same about isochronous transfers |
//! | `wreck=SEED` | what makes vhci end the connection |
//!
//! Unless `data` says otherwise, as many bytes of data go out as the host will take after what the
//! header says, so that the connection stays in step.
//!
//! ```
//! use refdev::fault::Fault;
//!
//! let fault: Fault = "ep=0x81,actual=+1,every=3".parse()?;
//! # Ok::<(), refdev::fault::ParseFaultError>(())
//! ```

mod lie;
pub mod mix;
mod parse;

use crate::endpoint::{Address, Direction};
use crate::setup::Setup;

pub use lie::{Amount, Fate, IsoLie, IsoPacket, Lie, Unlink};
pub use mix::Mix;
pub use parse::ParseFaultError;

/// Which transfers; what is not given is not looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// To this endpoint.
    pub endpoint: Option<Address>,
    /// `bmRequestType`.
    pub request_type: Option<u8>,
    /// `bRequest`.
    pub request: Option<u8>,
    /// `wValue`.
    pub value: Option<u16>,
    /// `wIndex`.
    pub index: Option<u16>,
}

impl Filter {
    /// Whether a transfer passes. The setup packet is that of a control transfer.
    pub fn matches(&self, address: Address, setup: Option<Setup>) -> bool {
        let same_endpoint = self
            .endpoint
            .is_none_or(|wanted| key(wanted) == key(address));
        same_endpoint && (!self.wants_setup() || setup.is_some_and(|setup| self.fits(setup)))
    }

    fn wants_setup(&self) -> bool {
        let bytes = self.request_type.or(self.request).is_some();
        bytes || self.value.or(self.index).is_some()
    }

    fn fits(&self, setup: Setup) -> bool {
        self.request_type.is_none_or(|it| it == setup.request_type)
            && self.request.is_none_or(|it| it == setup.request)
            && self.value.is_none_or(|it| it == setup.value)
            && self.index.is_none_or(|it| it == setup.index)
    }
}

/// Both directions of endpoint 0 are one.
fn key(address: Address) -> Address {
    if address.number() == 0 {
        Address::CONTROL
    } else {
        address
    }
}

/// At which of those transfers, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The first one.
    pub first: u64,
    /// Distance to the next one; 0 counts as 1.
    pub every: u64,
    /// How many in all.
    pub count: u64,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            first: 1,
            every: 1,
            count: u64::MAX,
        }
    }
}

impl Schedule {
    /// Whether it is the turn of a transfer.
    pub fn is_due(&self, number: u64) -> bool {
        let Some(behind) = number.checked_sub(self.first) else {
            return false;
        };
        let every = self.every.max(1);
        behind % every == 0 && behind / every < self.count
    }
}

/// One kind of lie, and when to tell it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fault {
    /// About which transfers.
    pub filter: Filter,
    /// When.
    pub schedule: Schedule,
    /// What.
    pub lie: Lie,
    /// Something else each time, instead.
    pub mix: Option<Mix>,
}

impl Fault {
    /// The lie about a transfer whose turn it is.
    fn tell(&mut self, direction: Direction) -> Lie {
        match &mut self.mix {
            Some(mix) => mix.draw(direction),
            None => self.lie.clone(),
        }
    }
}

/// All faults of a connection.
#[derive(Clone, Debug, Default)]
pub struct Faults(Vec<Counted>);

#[derive(Clone, Debug)]
struct Counted {
    fault: Fault,
    seen: u64,
}

impl Counted {
    /// Counts a transfer that passes; whether it is its turn.
    fn meet(&mut self, address: Address, setup: Option<Setup>) -> bool {
        if !self.fault.filter.matches(address, setup) {
            return false;
        }
        self.seen += 1;
        self.fault.schedule.is_due(self.seen)
    }
}

impl Faults {
    /// Faults in the order of their precedence.
    pub fn new(faults: impl IntoIterator<Item = Fault>) -> Self {
        let counted = |fault| Counted { fault, seen: 0 };
        Self(faults.into_iter().map(counted).collect())
    }

    /// How to lie about a transfer that begins. Every fault counts it, the first one whose turn it
    /// is gets it.
    pub fn pick(&mut self, address: Address, setup: Option<Setup>) -> Option<Lie> {
        let mut chosen = None;
        for counted in &mut self.0 {
            if counted.meet(address, setup) && chosen.is_none() {
                let direction = setup.map_or(address.direction(), Setup::direction);
                chosen = Some(counted.fault.tell(direction));
            }
        }
        chosen
    }
}

#[cfg(test)]
mod tests;
