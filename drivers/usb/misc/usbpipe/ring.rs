// SPDX-License-Identifier: GPL-2.0

//! Rings: `USBPIPE_IOC_RING_SETUP`, `USBPIPE_IOC_RING_ENTER`, `USBPIPE_IOC_RING_FREE`, `mmap()`.
//!
//! A ring is a row of slots in memory that a program maps. The program submits slots by counting up
//! a word of that memory, the driver completes them by counting up another one; see "Rings." in
//! [`include/uapi/linux/usb/usbpipe.h`]. In the steady state that takes no system call: the handler
//! of a transfer that has ended looks at what has been submitted meanwhile, and has its URB move the
//! next slot. There are `depth` URBs, and as long as there is something to do all are in flight.
//!
//! | file | what it is about |
//! | --- | --- |
//! | `layout.rs` | where things lie in the memory, from the numbers of a `RING_SETUP` |
//! | `shared.rs` | the memory: words, pages, the mapping |
//! | `progress.rs` | the counters, and the order in which slots are completed |
//! | `mode.rs` | whether transfers are started, or why not |
//! | `wake.rs` | who waits for what |
//! | `kind.rs` | what differs between bulk, interrupt and isochronous transfers |
//! | `port.rs`, `idle.rs` | its URBs, and their handler |
//! | `engine.rs` | the ring: submission, the end of transfers |
//! | `state.rs`, `tally.rs` | what changes meanwhile |
//! | `recovery.rs` | how a ring stops, goes on, and ends |
//! | `setup.rs` | making one |
//! | `table.rs` | the rings of a node |
//! | `files.rs` | the rings of an open file, and their ioctls |
//!
//! # What is trusted
//!
//! Nothing in the memory. A program may write anything to any of it at any time, so each word is
//! loaded once for each decision, the counters that matter are the driver's own, and what it stores
//! there is never read back. `submitted` can be at most `slots` ahead of `completed`, or the ring
//! stops with `EINVAL`; the length of a slot can be at most its size, and that of a packet at most
//! the size of a packet, or the ring stops with `EMSGSIZE`. A ring that has stopped so has lost
//! nothing: when the words are put right, it can be restarted.
//!
//! # When a transfer fails
//!
//! A slot whose bulk or interrupt transfer fails is completed with its status, and the ring stops:
//! no slot is started, those in flight are cancelled. A cancelled one that moved data is completed
//! with `ECANCELED`, all others stay submitted. When all of that is done, the flags say that the
//! ring has stopped, and no earlier. What stayed is started again by `RING_ENTER` with
//! `USBPIPE_RING_ENTER_RESTART`; before that, the program may take slots back by storing a smaller
//! `submitted`, but none below `completed`.
//!
//! Isochronous transfers don't stop the ring: each packet has its status.
//!
//! While the device is suspended or being reset the ring pauses. That is the same, but for flags
//! and errors, and that it goes on by itself.
//!
//! # Locks
//!
//! The state of a ring is under a spinlock that disables interrupts, as handlers take it. URBs are
//! submitted with it held, one at a time, so that they are in the order of their slots; they are
//! cancelled without it, since a handler may run within that. Mutexes come before it: that of a
//! file's list, then that of the table, or that which keeps two restarts apart.
//!
//! [`include/uapi/linux/usb/usbpipe.h`]: srctree/include/uapi/linux/usb/usbpipe.h

mod engine;
mod files;
mod idle;
mod kind;
mod layout;
mod mode;
mod port;
mod progress;
mod recovery;
mod setup;
mod shared;
mod state;
mod table;
mod tally;
mod wake;

pub(crate) use self::{
    files::Rings,
    table::Table, //
};
