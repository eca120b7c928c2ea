// SPDX-License-Identifier: GPL-2.0

//! Host controllers report what nobody has heard of.
//@ error: E0004
//@ says: non-exhaustive patterns: `_` not covered
//@ says: marked as non-exhaustive, so a wildcard `_` is necessary

use kernel::usb::TransferError;

fn is_final(error: TransferError) -> bool {
    match error {
        TransferError::NoDevice | TransferError::Killed => true,
        TransferError::Stall | TransferError::Overflow | TransferError::Short => false,
        TransferError::Protocol | TransferError::Other(_) => false,
        #[cfg(not(misuse))]
        _ => false,
    }
}
