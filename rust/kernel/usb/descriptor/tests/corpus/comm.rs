// SPDX-License-Identifier: GPL-2.0

//! Devices that communicate: modems, networks, serial lines, radios.

use super::{
    Part::{
        Alt,
        Assoc,
        Comp,
        Conf,
        End, //
    },
    Sample,
    BULK,
    INTERRUPT,
    ISOCHRONOUS, //
};
use crate::usb::Speed;

pub(super) const ALL: &[Sample] = &[
    Sample {
        name: "modem of two lines",
        speed: Speed::High,
        device: &[
            18, 1, 0x00, 0x02, 0xef, 2, 1, 0x40, // device
            0x09, 0x12, 0x01, 0x03, 0x00, 0x01, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x8d, 0x00, 4, 1, 0, 0xe0, 0xfa, // configuration
            8, 0x0b, 0, 2, 2, 2, 1, 0, // function
            9, 4, 0, 0, 1, 2, 2, 1, 0, // interface 0, altsetting 0
            5, 0x24, 0, 0x20, 0x01, // CDC header
            5, 0x24, 1, 0, 1, // call management
            4, 0x24, 2, 2, // abstract control
            5, 0x24, 6, 0, 1, // union
            7, 5, 0x81, 3, 0x10, 0x00, 9, // interrupt IN
            9, 4, 1, 0, 2, 0x0a, 0, 0, 0, // interface 1, altsetting 0
            7, 5, 0x82, 2, 0x00, 0x02, 0, // bulk IN
            7, 5, 2, 2, 0x00, 0x02, 0, // bulk OUT
            8, 0x0b, 2, 2, 2, 2, 1, 0, // function
            9, 4, 2, 0, 1, 2, 2, 1, 0, // interface 2, altsetting 0
            5, 0x24, 0, 0x20, 0x01, // CDC header
            5, 0x24, 1, 0, 3, // call management
            4, 0x24, 2, 2, // abstract control
            5, 0x24, 6, 2, 3, // union
            7, 5, 0x83, 3, 0x10, 0x00, 9, // interrupt IN
            9, 4, 3, 0, 2, 0x0a, 0, 0, 0, // interface 3, altsetting 0
            7, 5, 0x84, 2, 0x00, 0x02, 0, // bulk IN
            7, 5, 4, 2, 0x00, 0x02, 0, // bulk OUT
        ]],
        expected: &[
            Conf(1, 4, 500, 0),
            Assoc(0, 2, 0x02),
            Assoc(2, 2, 0x02),
            Alt(0, 0, 0x02, 4),
            End(0x81, INTERRUPT, 16, 1, 0),
            Alt(1, 0, 0x0a, 0),
            End(0x82, BULK, 512, 1, 0),
            End(0x02, BULK, 512, 1, 0),
            Alt(2, 0, 0x02, 4),
            End(0x83, INTERRUPT, 16, 1, 0),
            Alt(3, 0, 0x0a, 0),
            End(0x84, BULK, 512, 1, 0),
            End(0x04, BULK, 512, 1, 0),
        ],
    },
    Sample {
        name: "Ethernet adapter with ECM",
        speed: Speed::High,
        device: &[
            18, 1, 0x00, 0x02, 2, 0, 0, 0x40, // device
            0x09, 0x12, 0x02, 0x03, 0x00, 0x01, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x50, 0x00, 2, 1, 0, 0xa0, 0x7d, // configuration
            9, 4, 0, 0, 1, 2, 6, 0, 0, // interface 0, altsetting 0
            5, 0x24, 0, 0x20, 0x01, // CDC header
            5, 0x24, 6, 0, 1, // union
            13, 0x24, 0x0f, 4, 0x00, 0x00, 0x00, 0x00, 0xea, 0x05, 0x00, 0x00, // Ethernet
            0,    // ...
            7, 5, 0x83, 3, 0x10, 0x00, 8, // interrupt IN
            9, 4, 1, 0, 0, 0x0a, 0, 0, 0, // no data
            9, 4, 1, 1, 2, 0x0a, 0, 0, 0, // data
            7, 5, 0x81, 2, 0x00, 0x02, 0, // bulk IN
            7, 5, 2, 2, 0x00, 0x02, 0, // bulk OUT
        ]],
        expected: &[
            Conf(1, 2, 250, 0),
            Alt(0, 0, 0x02, 3),
            End(0x83, INTERRUPT, 16, 1, 0),
            Alt(1, 0, 0x0a, 0),
            Alt(1, 1, 0x0a, 0),
            End(0x81, BULK, 512, 1, 0),
            End(0x02, BULK, 512, 1, 0),
        ],
    },
    Sample {
        name: "network adapter with NCM",
        speed: Speed::Super,
        device: &[
            18, 1, 0x20, 0x03, 0xef, 2, 1, 9, // device
            0x09, 0x12, 0x03, 0x03, 0x00, 0x01, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[
            5, 0x0f, 0x16, 0x00, 2, // store
            7, 0x10, 2, 0x06, 0x00, 0x00, 0x00, // USB 2.0 extension
            10, 0x10, 3, 0, 0x0e, 0x00, 1, 0x0a, 0xff, 0x07, // SuperSpeed
        ],
        configurations: &[&[
            9, 2, 0x70, 0x00, 2, 1, 0, 0xa0, 0x20, // configuration
            8, 0x0b, 0, 2, 2, 0x0d, 0, 0, // function
            9, 4, 0, 0, 1, 2, 0x0d, 0, 0, // interface 0, altsetting 0
            5, 0x24, 0, 0x20, 0x01, // CDC header
            5, 0x24, 6, 0, 1, // union
            13, 0x24, 0x0f, 5, 0x00, 0x00, 0x00, 0x00, 0xea, 0x05, 0x00, 0x00, // Ethernet
            0,    // ...
            6, 0x24, 0x1a, 0x00, 0x01, 0x2b, // NCM
            7, 5, 0x81, 3, 0x10, 0x00, 0x0b, // interrupt IN
            6, 0x30, 0, 0, 0x10, 0x00, // SuperSpeed companion
            9, 4, 1, 0, 0, 0x0a, 0, 1, 0, // interface 1, altsetting 0
            9, 4, 1, 1, 2, 0x0a, 0, 1, 0, // interface 1, altsetting 1
            7, 5, 0x82, 2, 0x00, 0x04, 0, // bulk IN
            6, 0x30, 3, 0, 0x00, 0x00, // SuperSpeed companion
            7, 5, 3, 2, 0x00, 0x04, 0, // bulk OUT
            6, 0x30, 3, 0, 0x00, 0x00, // SuperSpeed companion
        ]],
        expected: &[
            Conf(1, 2, 256, 0),
            Assoc(0, 2, 0x02),
            Alt(0, 0, 0x02, 4),
            End(0x81, INTERRUPT, 16, 1, 0),
            Comp(1, 0, 16),
            Alt(1, 0, 0x0a, 0),
            Alt(1, 1, 0x0a, 0),
            End(0x82, BULK, 1024, 1, 0),
            Comp(4, 0, 0),
            End(0x03, BULK, 1024, 1, 0),
            Comp(4, 0, 0),
        ],
    },
    Sample {
        name: "mobile broadband modem",
        speed: Speed::High,
        device: &[
            18, 1, 0x00, 0x02, 0xef, 2, 1, 0x40, // device
            0x09, 0x12, 0x04, 0x03, 0x00, 0x01, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x5f, 0x00, 2, 1, 0, 0xa0, 0xfa, // configuration
            8, 0x0b, 0, 2, 2, 0x0e, 0, 0, // function
            9, 4, 0, 0, 1, 2, 0x0e, 0, 0, // interface 0, altsetting 0
            5, 0x24, 0, 0x20, 0x01, // CDC header
            5, 0x24, 6, 0, 1, // union
            12, 0x24, 0x1b, 0x00, 0x01, 0x00, 0x10, 0x20, 0x80, 0x00, 0x08, 0x20, // MBIM
            8, 0x24, 0x1c, 0x00, 0x01, 0x40, 0xdc, 0x05, // MBIM extended
            7, 5, 0x81, 3, 0x40, 0x00, 5, // interrupt IN
            9, 4, 1, 0, 0, 0x0a, 0, 2, 0, // interface 1, altsetting 0
            9, 4, 1, 1, 2, 0x0a, 0, 2, 0, // interface 1, altsetting 1
            7, 5, 0x82, 2, 0x00, 0x02, 0, // bulk IN
            7, 5, 1, 2, 0x00, 0x02, 0, // bulk OUT
        ]],
        expected: &[
            Conf(1, 2, 500, 0),
            Assoc(0, 2, 0x02),
            Alt(0, 0, 0x02, 4),
            End(0x81, INTERRUPT, 64, 1, 0),
            Alt(1, 0, 0x0a, 0),
            Alt(1, 1, 0x0a, 0),
            End(0x82, BULK, 512, 1, 0),
            End(0x01, BULK, 512, 1, 0),
        ],
    },
    Sample {
        name: "Ethernet adapter of two configurations",
        speed: Speed::Super,
        device: &[
            18, 1, 0x00, 0x03, 0, 0, 0, 9, // device
            0x09, 0x12, 0x05, 0x03, 0x00, 0x01, // vendor, product, release
            1, 2, 6, 2, // strings, configurations
        ],
        bos: &[
            5, 0x0f, 0x16, 0x00, 2, // store
            7, 0x10, 2, 0x06, 0x00, 0x00, 0x00, // USB 2.0 extension
            10, 0x10, 3, 0, 0x0e, 0x00, 1, 0x0a, 0xff, 0x07, // SuperSpeed
        ],
        configurations: &[
            &[
                9, 2, 0x39, 0x00, 1, 1, 0, 0xa0, 0x24, // configuration
                9, 4, 0, 0, 3, 0xff, 0xff, 0, 0, // vendor's own
                7, 5, 0x81, 2, 0x00, 0x04, 0, // bulk IN
                6, 0x30, 3, 0, 0x00, 0x00, // SuperSpeed companion
                7, 5, 2, 2, 0x00, 0x04, 0, // bulk OUT
                6, 0x30, 3, 0, 0x00, 0x00, // SuperSpeed companion
                7, 5, 0x83, 3, 0x02, 0x00, 8, // interrupt IN
                6, 0x30, 0, 0, 0x02, 0x00, // SuperSpeed companion
            ],
            &[
                9, 2, 0x6b, 0x00, 3, 2, 0, 0xa0, 0x24, // configuration
                9, 4, 0, 0, 1, 2, 6, 0, 0, // interface 0, altsetting 0
                5, 0x24, 0, 0x20, 0x01, // CDC header
                5, 0x24, 6, 0, 1, // union
                13, 0x24, 0x0f, 4, 0x00, 0x00, 0x00, 0x00, 0xea, 0x05, 0x00, 0x00, // Ethernet
                0,    // ...
                7, 5, 0x83, 3, 0x10, 0x00, 8, // interrupt IN
                6, 0x30, 0, 0, 0x10, 0x00, // SuperSpeed companion
                9, 4, 1, 0, 0, 0x0a, 0, 0, 0, // no data
                9, 4, 1, 1, 2, 0x0a, 0, 0, 0, // data
                7, 5, 0x81, 2, 0x00, 0x04, 0, // bulk IN
                6, 0x30, 3, 0, 0x00, 0x00, // SuperSpeed companion
                7, 5, 2, 2, 0x00, 0x04, 0, // bulk OUT
                6, 0x30, 3, 0, 0x00, 0x00, // SuperSpeed companion
                9, 4, 2, 0, 0, 0xff, 0xff, 0, 0, // diagnosis
            ],
        ],
        expected: &[
            Conf(1, 1, 288, 0),
            Alt(0, 0, 0xff, 0),
            End(0x81, BULK, 1024, 1, 0),
            Comp(4, 0, 0),
            End(0x02, BULK, 1024, 1, 0),
            Comp(4, 0, 0),
            End(0x83, INTERRUPT, 2, 1, 0),
            Comp(1, 0, 2),
            Conf(2, 3, 288, 0),
            Alt(0, 0, 0x02, 3),
            End(0x83, INTERRUPT, 16, 1, 0),
            Comp(1, 0, 16),
            Alt(1, 0, 0x0a, 0),
            Alt(1, 1, 0x0a, 0),
            End(0x81, BULK, 1024, 1, 0),
            Comp(4, 0, 0),
            End(0x02, BULK, 1024, 1, 0),
            Comp(4, 0, 0),
            Alt(2, 0, 0xff, 0),
        ],
    },
    Sample {
        name: "serial converter of two lines",
        speed: Speed::High,
        device: &[
            18, 1, 0x00, 0x02, 0, 0, 0, 0x40, // device
            0x09, 0x12, 0x06, 0x03, 0x00, 0x01, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x37, 0x00, 2, 1, 0, 0x80, 0x2d, // configuration
            9, 4, 0, 0, 2, 0xff, 0xff, 0xff, 2, // interface 0, altsetting 0
            7, 5, 0x81, 2, 0x00, 0x02, 0, // bulk IN
            7, 5, 2, 2, 0x00, 0x02, 0, // bulk OUT
            9, 4, 1, 0, 2, 0xff, 0xff, 0xff, 2, // interface 1, altsetting 0
            7, 5, 0x83, 2, 0x00, 0x02, 0, // bulk IN
            7, 5, 4, 2, 0x00, 0x02, 0, // bulk OUT
        ]],
        expected: &[
            Conf(1, 2, 90, 0),
            Alt(0, 0, 0xff, 0),
            End(0x81, BULK, 512, 1, 0),
            End(0x02, BULK, 512, 1, 0),
            Alt(1, 0, 0xff, 0),
            End(0x83, BULK, 512, 1, 0),
            End(0x04, BULK, 512, 1, 0),
        ],
    },
    Sample {
        name: "serial converter of one line",
        speed: Speed::Full,
        device: &[
            18, 1, 0x10, 0x01, 0, 0, 0, 0x40, // device
            0x09, 0x12, 0x07, 0x03, 0x00, 0x01, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x20, 0x00, 1, 1, 0, 0x80, 0x32, // configuration
            9, 4, 0, 0, 2, 0xff, 0, 0, 2, // interface 0, altsetting 0
            7, 5, 0x81, 2, 0x40, 0x00, 0, // bulk IN
            7, 5, 1, 2, 0x40, 0x00, 0, // bulk OUT
        ]],
        expected: &[
            Conf(1, 1, 100, 0),
            Alt(0, 0, 0xff, 0),
            End(0x81, BULK, 64, 1, 0),
            End(0x01, BULK, 64, 1, 0),
        ],
    },
    Sample {
        name: "wireless network adapter",
        speed: Speed::High,
        device: &[
            18, 1, 0x00, 0x02, 0xff, 0xff, 0xff, 0x40, // device
            0x09, 0x12, 0x08, 0x03, 0x00, 0x01, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x3c, 0x00, 1, 1, 0, 0x80, 0xfa, // configuration
            9, 4, 0, 0, 6, 0xff, 0xff, 0xff, 0, // interface 0, altsetting 0
            7, 5, 0x84, 2, 0x00, 0x02, 0, // bulk IN
            7, 5, 5, 2, 0x00, 0x02, 0, // bulk OUT
            7, 5, 6, 2, 0x00, 0x02, 0, // bulk OUT
            7, 5, 7, 2, 0x00, 0x02, 0, // bulk OUT
            7, 5, 8, 2, 0x00, 0x02, 0, // bulk OUT
            7, 5, 0x83, 3, 0x40, 0x00, 3, // interrupt IN
        ]],
        expected: &[
            Conf(1, 1, 500, 0),
            Alt(0, 0, 0xff, 0),
            End(0x84, BULK, 512, 1, 0),
            End(0x05, BULK, 512, 1, 0),
            End(0x06, BULK, 512, 1, 0),
            End(0x07, BULK, 512, 1, 0),
            End(0x08, BULK, 512, 1, 0),
            End(0x83, INTERRUPT, 64, 1, 0),
        ],
    },
    Sample {
        name: "Bluetooth adapter",
        speed: Speed::Full,
        device: &[
            18, 1, 0x00, 0x02, 0xe0, 1, 1, 0x40, // device
            0x09, 0x12, 0x09, 0x03, 0x00, 0x01, // vendor, product, release
            1, 2, 0, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0xc1, 0x00, 3, 1, 0, 0xe0, 0x32, // configuration
            9, 4, 0, 0, 3, 0xe0, 1, 1, 0, // commands, events, data
            7, 5, 0x81, 3, 0x10, 0x00, 1, // interrupt IN
            7, 5, 0x82, 2, 0x40, 0x00, 0, // bulk IN
            7, 5, 2, 2, 0x40, 0x00, 0, // bulk OUT
            9, 4, 1, 0, 2, 0xe0, 1, 1, 0, // voice
            7, 5, 0x83, 1, 0x00, 0x00, 1, // isochronous IN
            7, 5, 3, 1, 0x00, 0x00, 1, // isochronous OUT
            9, 4, 1, 1, 2, 0xe0, 1, 1, 0, // voice
            7, 5, 0x83, 1, 0x09, 0x00, 1, // isochronous IN
            7, 5, 3, 1, 0x09, 0x00, 1, // isochronous OUT
            9, 4, 1, 2, 2, 0xe0, 1, 1, 0, // voice
            7, 5, 0x83, 1, 0x11, 0x00, 1, // isochronous IN
            7, 5, 3, 1, 0x11, 0x00, 1, // isochronous OUT
            9, 4, 1, 3, 2, 0xe0, 1, 1, 0, // voice
            7, 5, 0x83, 1, 0x19, 0x00, 1, // isochronous IN
            7, 5, 3, 1, 0x19, 0x00, 1, // isochronous OUT
            9, 4, 1, 4, 2, 0xe0, 1, 1, 0, // voice
            7, 5, 0x83, 1, 0x21, 0x00, 1, // isochronous IN
            7, 5, 3, 1, 0x21, 0x00, 1, // isochronous OUT
            9, 4, 1, 5, 2, 0xe0, 1, 1, 0, // voice
            7, 5, 0x83, 1, 0x31, 0x00, 1, // isochronous IN
            7, 5, 3, 1, 0x31, 0x00, 1, // isochronous OUT
            9, 4, 2, 0, 0, 0xfe, 1, 1, 0, // DFU
            7, 0x21, 7, 0x88, 0x13, 0xff, 0x03, // DFU 1.0 functional
        ]],
        expected: &[
            Conf(1, 3, 100, 0),
            Alt(0, 0, 0xe0, 0),
            End(0x81, INTERRUPT, 16, 1, 0),
            End(0x82, BULK, 64, 1, 0),
            End(0x02, BULK, 64, 1, 0),
            Alt(1, 0, 0xe0, 0),
            End(0x83, ISOCHRONOUS, 0, 1, 0),
            End(0x03, ISOCHRONOUS, 0, 1, 0),
            Alt(1, 1, 0xe0, 0),
            End(0x83, ISOCHRONOUS, 9, 1, 0),
            End(0x03, ISOCHRONOUS, 9, 1, 0),
            Alt(1, 2, 0xe0, 0),
            End(0x83, ISOCHRONOUS, 17, 1, 0),
            End(0x03, ISOCHRONOUS, 17, 1, 0),
            Alt(1, 3, 0xe0, 0),
            End(0x83, ISOCHRONOUS, 25, 1, 0),
            End(0x03, ISOCHRONOUS, 25, 1, 0),
            Alt(1, 4, 0xe0, 0),
            End(0x83, ISOCHRONOUS, 33, 1, 0),
            End(0x03, ISOCHRONOUS, 33, 1, 0),
            Alt(1, 5, 0xe0, 0),
            End(0x83, ISOCHRONOUS, 49, 1, 0),
            End(0x03, ISOCHRONOUS, 49, 1, 0),
            Alt(2, 0, 0xfe, 1),
        ],
    },
];
