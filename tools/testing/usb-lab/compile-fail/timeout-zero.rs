// SPDX-License-Identifier: GPL-2.0

//! Zero does not mean for ever.
//@ error: E0080
//@ says: a timeout is 1 ms to 60,000 ms; there is no

use kernel::usb::Timeout;

#[cfg(misuse)]
const LIMIT: Timeout = Timeout::from_millis::<0>();
#[cfg(not(misuse))]
const LIMIT: Timeout = Timeout::from_millis::<1>();
