// SPDX-License-Identifier: GPL-2.0

//! Reserved are those that have no name (USB 2.0, table 9-2).
//@ error: E0080
//@ says: reserved recipients are 4 to 31; others have names

use kernel::usb::Recipient;

#[cfg(misuse)]
const TO: Recipient = Recipient::reserved::<3>();
#[cfg(not(misuse))]
const TO: Recipient = Recipient::Other;
