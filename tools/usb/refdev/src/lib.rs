// SPDX-License-Identifier: GPL-2.0

//! The usbpipe reference device: a USB device as a pure state machine.
//!
//! Nothing here performs I/O, reads a clock or starts a thread. The layers, from the wire inwards:
//!
//! | module | what it does |
//! | --- | --- |
//! | [`link`] | bytes in, bytes out: what a protocol crate offers to the program that owns the socket |
//! | [`engine`] | queues of transfers in flight, in order per endpoint, with cancel |
//! | [`device`] | the trait [`Device`]: all that a frontend knows of a device |
//! | [`machine`] | [`Machine`]: chapter 9 of the specification, over a [`Function`] |
//! | [`fault`] | answers that differ, on purpose, from what the device did |
//! | [`function`] | the trait [`Function`]: a personality, what makes a device this device |
//! | [`personality`] | which personalities there are |
//! | [`mod@reference`] | 1209:0001 and 1209:0002: loopback, source and sink, events |
//! | [`strings`] | 1209:0003: odd strings |
//! | [`gadget_zero`] | 0525:a4a0: what the kernel's usbtest driver expects |
//! | [`sevseg`] | 0fc5:1227: a display of digits, for the usbsevseg driver |
//! | [`lcd`] | 10d2:0001: a display for text, for the usblcd driver |
//!
//! [`description`] is the typed form of the descriptors, [`descriptor`] turns it into bytes.
//!
//! ```
//! use refdev::{reference::Reference, Control, Device, Machine, Setup, Speed};
//!
//! let mut device = Machine::new(Reference::new("0001")?, Speed::High);
//! let get_device = Setup { request_type: 0x80, request: 6, value: 0x0100, index: 0, length: 8 };
//! let Control::Done(start) = device.control(get_device, &[]) else { panic!("refused") };
//! assert_eq!(start, [18, 1, 0x00, 0x02, 0xff, 0, 0, 64]);
//! # Ok::<(), refdev::description::StringTooLong>(())
//! ```

#![forbid(unsafe_code)]

pub mod description;
pub mod descriptor;
pub mod device;
pub mod endpoint;
pub mod engine;
pub mod fault;
pub mod function;
pub mod gadget_zero;
pub mod lcd;
pub mod link;
pub mod machine;
pub mod personality;
pub mod reference;
pub mod setup;
pub mod sevseg;
pub mod speed;
pub mod strings;

pub use description::Description;
pub use device::{Control, Device, In, Out, Stall};
pub use endpoint::{Address, Direction, EndpointSet};
pub use engine::{Answer, Completion, Engine, Isochronous, Outcome};
pub use fault::{Fault, Faults};
pub use function::Function;
pub use machine::Machine;
pub use personality::Personality;
pub use setup::Setup;
pub use speed::Speed;
