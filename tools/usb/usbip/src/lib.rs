// SPDX-License-Identifier: GPL-2.0

//! The device side of USB/IP, as the kernel's `vhci_hcd` speaks it on an attached socket.
//!
//! [`Command`] is what the host sends, [`reply`] what it gets; [`Session`] is a whole device
//! behind one connection. Everything here works on bytes in memory; opening and attaching the
//! socket is up to the program.
//!
//! The import phase of USB/IP (its `OP_REQ_*` messages) is left out: with `vhci_hcd` the socket is
//! handed over after it.

#![forbid(unsafe_code)]

mod begun;
mod command;
pub mod reply;
mod session;
pub mod status;

pub use command::{Command, Header, IsoPackets, ParseError, Parsed, Submit};
pub use session::{Seen, Session};

/// Size of the header of every message.
pub const HEADER_SIZE: usize = 48;
