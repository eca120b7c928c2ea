// SPDX-License-Identifier: GPL-2.0

//! Who has the node open, and whether one file has it for itself.

use kernel::{
    new_spinlock,
    prelude::*,
    sync::SpinLock, //
};

struct State {
    files: usize,
    exclusive: bool,
}

#[pin_data]
pub(crate) struct Access {
    #[pin]
    state: SpinLock<State>,
}

impl Access {
    pub(crate) fn new() -> impl PinInit<Self> {
        let state = State {
            files: 0,
            exclusive: false,
        };
        pin_init!(Self {
            state <- new_spinlock!(state, "usbpipe::Access::state"),
        })
    }

    /// # Errors
    ///
    /// `EBUSY`: a file has the node for itself.
    pub(crate) fn open(&self) -> Result {
        let mut state = self.state.lock();
        if state.exclusive {
            return Err(EBUSY);
        }
        state.files += 1;
        Ok(())
    }

    pub(crate) fn close(&self) {
        let mut state = self.state.lock();
        state.files -= 1;
        // If there was one that had it for itself, it was this one.
        state.exclusive = false;
    }

    /// Keeps others from opening the node, or lets them again.
    ///
    /// # Errors
    ///
    /// `EBUSY`: others have it open.
    pub(crate) fn set_exclusive(&self, on: bool) -> Result {
        let mut state = self.state.lock();
        if on && state.files > 1 {
            return Err(EBUSY);
        }
        state.exclusive = on;
        Ok(())
    }
}
