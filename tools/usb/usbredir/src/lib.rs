// SPDX-License-Identifier: GPL-2.0

//! The device side of usbredir, as QEMU's `usb-redir` device speaks it.
//!
//! [`wire`] has the framing and the capabilities, [`message`] what QEMU sends, [`reply`] what it
//! gets; [`Session`] is a whole device behind one connection. Everything here works on bytes in
//! memory; opening the socket is up to the program.
//!
//! QEMU checks what it receives and aborts the virtual machine on a wrong message, so lengths
//! follow the negotiated capabilities to the byte.
//!
//! Not supported, and not announced: bulk streams, buffered bulk input.

#![forbid(unsafe_code)]

mod fault;
pub mod message;
pub mod reply;
mod session;
pub mod wire;

pub use fault::{UnsuitableFault, check};
pub use message::{Message, Parsed};
pub use session::{Error, Session};
pub use wire::{Caps, ParseError, Status};
