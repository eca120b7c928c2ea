// SPDX-License-Identifier: GPL-2.0

//! String descriptors: those of devices that exist, as UsbTreeView and usbmon showed them, and
//! some written to have characters that none of them has.

/// A string descriptor, and what it says.
pub(in super::super) type Text = (&'static [u8], &'static str);

/// Without a flaw.
pub(in super::super) const WHOLE: &[Text] = &[
    (
        &[
            0x1a, 3, b'M', 0, b'a', 0, b's', 0, b's', 0, b' ', 0, b'S', 0, b't', 0, b'o', 0, b'r',
            0, b'a', 0, b'g', 0, b'e', 0,
        ],
        "Mass Storage",
    ),
    (
        &[
            0x3e, 3, b'L', 0, b'i', 0, b'n', 0, b'u', 0, b'x', 0, b' ', 0, b'3', 0, b'.', 0, b'1',
            0, b'0', 0, b'.', 0, b'4', 0, b'9', 0, b' ', 0, b'w', 0, b'i', 0, b't', 0, b'h', 0,
            b' ', 0, b'd', 0, b'w', 0, b'c', 0, b'_', 0, b'o', 0, b't', 0, b'g', 0, b'_', 0, b'p',
            0, b'c', 0, b'd', 0,
        ],
        "Linux 3.10.49 with dwc_otg_pcd",
    ),
    (
        &[
            0x38, 3, b'C', 0, b'o', 0, b'm', 0, b'p', 0, b'o', 0, b's', 0, b'i', 0, b't', 0, b'e',
            0, b' ', 0, b'G', 0, b'a', 0, b'd', 0, b'g', 0, b'e', 0, b't', 0, b' ', 0, b'(', 0,
            b'H', 0, b'I', 0, b'D', 0, b' ', 0, b'+', 0, b' ', 0, b'M', 0, b'S', 0, b')', 0,
        ],
        "Composite Gadget (HID + MS)",
    ),
    (
        &[
            0x1c, 3, b'H', 0, b'I', 0, b'D', 0, b' ', 0, b'I', 0, b'n', 0, b't', 0, b'e', 0, b'r',
            0, b'f', 0, b'a', 0, b'c', 0, b'e', 0,
        ],
        "HID Interface",
    ),
    (
        &[
            0x16, 3, b'C', 0, b'o', 0, b'n', 0, b't', 0, b'r', 0, b'o', 0, b'l', 0, b'l', 0, b'e',
            0, b'r', 0,
        ],
        "Controller",
    ),
    (
        &[
            0x22, 3, b'D', 0, b'r', 0, b'i', 0, b'v', 0, b'i', 0, b'n', 0, b'g', 0, b' ', 0, b'F',
            0, b'o', 0, b'r', 0, b'c', 0, b'e', 0, b' ', 0, b'G', 0, b'T', 0,
        ],
        "Driving Force GT",
    ),
    (
        &[
            0x1c, 3, b'L', 0, b't', 0, b'i', 0, b'a', 0, b'n', 0, b' ', 0, b'C', 0, b'o', 0, b' ',
            0, b'L', 0, b't', 0, b'd', 0, b' ', 0,
        ],
        "Ltian Co Ltd ",
    ),
    (
        &[
            0x0e, 3, b'H', 0, b'W', 0, b'-', 0, b'2', 0, b'8', 0, b'F', 0,
        ],
        "HW-28F",
    ),
    // Written: nothing, and characters of one to four bytes.
    (&[2, 3], ""),
    (
        &[
            0x0c, 3, b'a', 0, 0xe9, 0, 0xac, 0x20, 0x3d, 0xd8, 0x00, 0xde,
        ],
        "a\u{e9}\u{20ac}\u{1f600}",
    ),
];
