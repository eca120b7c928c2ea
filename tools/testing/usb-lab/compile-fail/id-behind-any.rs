// SPDX-License-Identifier: GPL-2.0

//! Nobody would get to an entry behind one that matches everything.
//@ error: E0080
//@ says: `DeviceId::any()` matches everything, so it is the last entry

use kernel::usb::DeviceId;

#[cfg(misuse)]
kernel::usb_device_table!(
    TABLE,
    (),
    [(DeviceId::any(), ()), (DeviceId::from_id(0x1209, 1), ())]
);
#[cfg(not(misuse))]
kernel::usb_device_table!(
    TABLE,
    (),
    [(DeviceId::from_id(0x1209, 1), ()), (DeviceId::any(), ())]
);
