// SPDX-License-Identifier: GPL-2.0

//! The USB core ends synchronous transfers after a minute.
//@ error: E0080
//@ says: a timeout is 1 ms to 60,000 ms; there is no

use kernel::usb::Timeout;

#[cfg(misuse)]
const LIMIT: Timeout = Timeout::from_millis::<60_001>();
#[cfg(not(misuse))]
const LIMIT: Timeout = Timeout::from_millis::<60_000>();
