// SPDX-License-Identifier: GPL-2.0

//! Devices to type, point and play with: HID and its relatives.

use super::{
    Part::{
        Alt,
        Conf,
        End, //
    },
    Sample,
    BULK,
    INTERRUPT, //
};
use crate::usb::Speed;

pub(super) const ALL: &[Sample] = &[
    Sample {
        name: "boot keyboard",
        speed: Speed::Low,
        device: &[
            18, 1, 0x10, 0x01, 0, 0, 0, 8, // device
            0x09, 0x12, 0x01, 0x01, 0x00, 0x01, // vendor, product, release
            1, 2, 0, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x22, 0x00, 1, 1, 0, 0xa0, 0x32, // configuration
            9, 4, 0, 0, 1, 3, 1, 1, 0, // interface 0, altsetting 0
            9, 0x21, 0x10, 0x01, 0x21, 1, 0x22, 0x3f, 0x00, // HID, 63 bytes of reports
            7, 5, 0x81, 3, 0x08, 0x00, 0x0a, // interrupt IN
        ]],
        expected: &[
            Conf(1, 1, 100, 0),
            Alt(0, 0, 0x03, 1),
            End(0x81, INTERRUPT, 8, 1, 0),
        ],
    },
    Sample {
        name: "mouse",
        speed: Speed::Low,
        device: &[
            18, 1, 0x00, 0x02, 0, 0, 0, 8, // device
            0x09, 0x12, 0x02, 0x01, 0x00, 0x01, // vendor, product, release
            1, 2, 0, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x22, 0x00, 1, 1, 0, 0xa0, 0x32, // configuration
            9, 4, 0, 0, 1, 3, 1, 2, 0, // interface 0, altsetting 0
            9, 0x21, 0x11, 0x01, 0, 1, 0x22, 0x34, 0x00, // HID, 52 bytes of reports
            7, 5, 0x81, 3, 0x04, 0x00, 0x0a, // interrupt IN
        ]],
        expected: &[
            Conf(1, 1, 100, 0),
            Alt(0, 0, 0x03, 1),
            End(0x81, INTERRUPT, 4, 1, 0),
        ],
    },
    Sample {
        name: "keyboard with media keys and lights",
        speed: Speed::Full,
        device: &[
            18, 1, 0x00, 0x02, 0, 0, 0, 0x40, // device
            0x09, 0x12, 0x03, 0x01, 0x00, 0x01, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x5e, 0x00, 3, 1, 0, 0xa0, 0xfa, // configuration
            9, 4, 0, 0, 1, 3, 1, 1, 0, // interface 0, altsetting 0
            9, 0x21, 0x11, 0x01, 0, 1, 0x22, 0x41, 0x00, // HID
            7, 5, 0x81, 3, 0x08, 0x00, 1, // interrupt IN
            9, 4, 1, 0, 1, 3, 0, 0, 0, // interface 1, altsetting 0
            9, 0x21, 0x11, 0x01, 0, 1, 0x22, 0x77, 0x00, // HID
            7, 5, 0x82, 3, 0x10, 0x00, 1, // interrupt IN
            9, 4, 2, 0, 2, 3, 0, 0, 0, // interface 2, altsetting 0
            12, 0x21, 0x11, 0x01, 0, 2, 0x22, 0x22, 0x00, 0x23, 0x18,
            0x00, // HID with a physical descriptor
            7, 5, 0x83, 3, 0x40, 0x00, 1, // interrupt IN
            7, 5, 4, 3, 0x40, 0x00, 1, // interrupt OUT
        ]],
        expected: &[
            Conf(1, 3, 500, 0),
            Alt(0, 0, 0x03, 1),
            End(0x81, INTERRUPT, 8, 1, 0),
            Alt(1, 0, 0x03, 1),
            End(0x82, INTERRUPT, 16, 1, 0),
            Alt(2, 0, 0x03, 1),
            End(0x83, INTERRUPT, 64, 1, 0),
            End(0x04, INTERRUPT, 64, 1, 0),
        ],
    },
    Sample {
        name: "game controller of a vendor",
        speed: Speed::Full,
        device: &[
            18, 1, 0x00, 0x02, 0xff, 0xff, 0xff, 8, // device
            0x09, 0x12, 0x04, 0x01, 0x00, 0x01, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x67, 0x00, 2, 1, 0, 0xa0, 0xfa, // configuration
            9, 4, 0, 0, 2, 0xff, 0x5d, 1, 0, // interface 0, altsetting 0
            16, 0x21, 0x10, 1, 1, 0x24, 0x81, 0x14, 3, 0, 3,
            0x13, // vendor, of the type of HID
            2, 0, 3, 0, // ...
            7, 5, 0x81, 3, 0x20, 0x00, 4, // interrupt IN
            7, 5, 1, 3, 0x20, 0x00, 8, // interrupt OUT
            9, 4, 1, 0, 4, 0xff, 0x5d, 3, 0, // interface 1, altsetting 0
            18, 0x1b, 0x21, 0, 1, 1, 1, 0x82, 0x40, 1, 2, 0x20, // vendor
            0x16, 0x83, 0, 0, 0, 0, // ...
            7, 5, 0x82, 3, 0x20, 0x00, 2, // interrupt IN
            7, 5, 2, 3, 0x20, 0x00, 4, // interrupt OUT
            7, 5, 0x83, 3, 0x20, 0x00, 0x40, // interrupt IN
            7, 5, 3, 3, 0x20, 0x00, 0x10, // interrupt OUT
        ]],
        expected: &[
            Conf(1, 2, 500, 0),
            Alt(0, 0, 0xff, 1),
            End(0x81, INTERRUPT, 32, 1, 0),
            End(0x01, INTERRUPT, 32, 1, 0),
            Alt(1, 0, 0xff, 1),
            End(0x82, INTERRUPT, 32, 1, 0),
            End(0x02, INTERRUPT, 32, 1, 0),
            End(0x83, INTERRUPT, 32, 1, 0),
            End(0x03, INTERRUPT, 32, 1, 0),
        ],
    },
    Sample {
        name: "fingerprint reader",
        speed: Speed::Full,
        device: &[
            18, 1, 0x00, 0x02, 0xff, 0x10, 0xff, 0x40, // device
            0x09, 0x12, 0x05, 0x01, 0x00, 0x01, // vendor, product, release
            0, 1, 2, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x2e, 0x00, 1, 1, 0, 0xa0, 0x32, // configuration
            9, 4, 0, 0, 4, 0xff, 0, 0, 0, // interface 0, altsetting 0
            7, 5, 1, 2, 0x40, 0x00, 0, // bulk OUT
            7, 5, 0x81, 2, 0x40, 0x00, 0, // bulk IN
            7, 5, 0x82, 2, 0x40, 0x00, 0, // bulk IN
            7, 5, 0x83, 3, 0x08, 0x00, 4, // interrupt IN
        ]],
        expected: &[
            Conf(1, 1, 100, 0),
            Alt(0, 0, 0xff, 0),
            End(0x01, BULK, 64, 1, 0),
            End(0x81, BULK, 64, 1, 0),
            End(0x82, BULK, 64, 1, 0),
            End(0x83, INTERRUPT, 8, 1, 0),
        ],
    },
    Sample {
        name: "smart card reader",
        speed: Speed::Full,
        device: &[
            18, 1, 0x00, 0x02, 0, 0, 0, 0x40, // device
            0x09, 0x12, 0x06, 0x01, 0x00, 0x01, // vendor, product, release
            1, 2, 0, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x5d, 0x00, 1, 1, 0, 0xa0, 0x32, // configuration
            9, 4, 0, 0, 3, 0x0b, 0, 0, 0, // interface 0, altsetting 0
            54, 0x21, 0x10, 0x01, 0, 7, 0x03, 0x00, 0x00, 0x00, 0xc0, 0x12, // CCID
            0x00, 0x00, 0xc0, 0x12, 0x00, 0x00, 0, 0x67, 0x32, 0x00, 0x00, 0xce, // ...
            0x99, 0x0c, 0x00, 0, 0xfe, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, // ...
            0x00, 0x00, 0x00, 0x00, 0xbe, 0x04, 0x04, 0x00, 0x0f, 0x01, 0x00, 0x00, // ...
            0xff, 0xff, 0x00, 0x00, 0, 1, // ...
            7, 5, 0x81, 2, 0x40, 0x00, 0, // bulk IN
            7, 5, 2, 2, 0x40, 0x00, 0, // bulk OUT
            7, 5, 0x83, 3, 0x08, 0x00, 0x10, // interrupt IN
        ]],
        expected: &[
            Conf(1, 1, 100, 0),
            Alt(0, 0, 0x0b, 1),
            End(0x81, BULK, 64, 1, 0),
            End(0x02, BULK, 64, 1, 0),
            End(0x83, INTERRUPT, 8, 1, 0),
        ],
    },
    Sample {
        name: "MIDI keyboard",
        speed: Speed::Full,
        device: &[
            18, 1, 0x10, 0x01, 0, 0, 0, 8, // device
            0x09, 0x12, 0x07, 0x01, 0x00, 0x01, // vendor, product, release
            1, 2, 0, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x65, 0x00, 2, 1, 0, 0x80, 0x32, // configuration
            9, 4, 0, 0, 0, 1, 1, 0, 0, // interface 0, altsetting 0
            9, 0x24, 1, 0x00, 0x01, 0x09, 0x00, 1, 1, // audio control header
            9, 4, 1, 0, 2, 1, 3, 0, 0, // interface 1, altsetting 0
            7, 0x24, 1, 0x00, 0x01, 0x41, 0x00, // MIDI streaming header
            6, 0x24, 2, 1, 1, 0, // embedded IN jack
            6, 0x24, 2, 2, 2, 0, // external IN jack
            9, 0x24, 3, 1, 3, 1, 2, 1, 0, // embedded OUT jack
            9, 0x24, 3, 2, 4, 1, 1, 1, 0, // external OUT jack
            9, 5, 1, 2, 0x40, 0x00, 0, 0, 0, // bulk OUT
            5, 0x25, 1, 1, 1, // jacks of the endpoint
            9, 5, 0x81, 2, 0x40, 0x00, 0, 0, 0, // bulk IN
            5, 0x25, 1, 1, 3, // jacks of the endpoint
        ]],
        expected: &[
            Conf(1, 2, 100, 0),
            Alt(0, 0, 0x01, 1),
            Alt(1, 0, 0x01, 5),
            End(0x01, BULK, 64, 1, 1),
            End(0x81, BULK, 64, 1, 1),
        ],
    },
];
