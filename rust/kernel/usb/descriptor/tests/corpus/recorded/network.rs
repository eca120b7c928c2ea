// SPDX-License-Identifier: GPL-2.0

//! Networks, by cable and by radio.

use super::super::{
    Part::{
        Alt,
        Assoc,
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
    // Recorded for esp-usb.
    Sample {
        name: "Ethernet adapter, ASIX 0b95:772a",
        speed: Speed::High,
        device: &[
            0x12, 1, 0, 2, 0xff, 0xff, 0, 0x40, // device
            0x95, 0x0b, 0x2a, 0x77, 1, 0, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x35, 0, 1, 1, 4, 0xa0, 0x7d, // configuration
            9, 4, 0, 0, 5, 0xff, 0xff, 0, 7, // interface 0, altsetting 0
            7, 5, 0x81, 3, 8, 0, 0x0b, // interrupt IN
            7, 5, 0x82, 2, 0, 2, 0, // bulk IN
            7, 5, 3, 2, 0, 2, 0, // bulk OUT
            7, 5, 0x84, 2, 0, 2, 0, // bulk IN
            7, 5, 5, 2, 0, 2, 0, // bulk OUT
        ]],
        expected: &[
            Conf(1, 1, 250, 0),
            Alt(0, 0, 0xff, 0),
            End(0x81, INTERRUPT, 8, 1, 0),
            End(0x82, BULK, 512, 1, 0),
            End(0x03, BULK, 512, 1, 0),
            End(0x84, BULK, 512, 1, 0),
            End(0x05, BULK, 512, 1, 0),
        ],
    },
    // Recorded for esp-usb.
    Sample {
        name: "Ethernet adapter of two kinds, Realtek 0bda:8153",
        speed: Speed::High,
        device: &[
            0x12, 1, 0x10, 2, 0, 0, 0, 0x40, // device
            0xda, 0x0b, 0x53, 0x81, 0, 0x30, // vendor, product, release
            1, 2, 6, 2, // strings, configurations
        ],
        bos: &[],
        configurations: &[
            &[
                9, 2, 0x27, 0, 1, 1, 0, 0xa0, 0x64, // configuration
                9, 4, 0, 0, 3, 0xff, 0xff, 0, 0, // interface 0, altsetting 0
                7, 5, 0x81, 2, 0, 2, 0, // bulk IN
                7, 5, 2, 2, 0, 2, 0, // bulk OUT
                7, 5, 0x83, 3, 2, 0, 8, // interrupt IN
            ],
            &[
                9, 2, 0x50, 0, 2, 2, 0, 0xa0, 0x64, // configuration
                9, 4, 0, 0, 1, 2, 6, 0, 5, // interface 0, altsetting 0
                5, 0x24, 0, 0x10, 1, // CDC header
                5, 0x24, 6, 0, 1, // union
                0x0d, 0x24, 0x0f, 3, 0, 0, 0, 0, 0xea, 5, 0, 0, 0, // Ethernet
                7, 5, 0x83, 3, 0x10, 0, 8, // interrupt IN
                9, 4, 1, 0, 0, 0x0a, 0, 0, 0, // interface 1, altsetting 0
                9, 4, 1, 1, 2, 0x0a, 0, 0, 4, // interface 1, altsetting 1
                7, 5, 0x81, 2, 0, 2, 0, // bulk IN
                7, 5, 2, 2, 0, 2, 0, // bulk OUT
            ],
        ],
        expected: &[
            Conf(1, 1, 200, 0),
            Alt(0, 0, 0xff, 0),
            End(0x81, BULK, 512, 1, 0),
            End(0x02, BULK, 512, 1, 0),
            End(0x83, INTERRUPT, 2, 1, 0),
            Conf(2, 2, 200, 0),
            Alt(0, 0, 0x02, 3),
            End(0x83, INTERRUPT, 16, 1, 0),
            Alt(1, 0, 0x0a, 0),
            Alt(1, 1, 0x0a, 0),
            End(0x81, BULK, 512, 1, 0),
            End(0x02, BULK, 512, 1, 0),
        ],
    },
    // Recorded for esp-usb.
    Sample {
        name: "modem with an Ethernet adapter, SIMCom 1e0e:9205",
        speed: Speed::High,
        device: &[
            0x12, 1, 0, 2, 0xef, 2, 1, 0x40, // device
            0x0e, 0x1e, 5, 0x92, 0, 0, // vendor, product, release
            4, 3, 5, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0xbb, 0, 6, 1, 2, 0xe0, 0xfa, // configuration
            9, 4, 0, 0, 2, 0xff, 0xff, 0xff, 0, // interface 0, altsetting 0
            7, 5, 0x81, 2, 0, 2, 0, // bulk IN
            7, 5, 1, 2, 0, 2, 0, // bulk OUT
            9, 4, 1, 0, 2, 0xff, 0xff, 0xff, 0, // interface 1, altsetting 0
            7, 5, 0x82, 2, 0, 2, 0, // bulk IN
            7, 5, 2, 2, 0, 2, 0, // bulk OUT
            9, 4, 2, 0, 2, 0xff, 0xff, 0xff, 0, // interface 2, altsetting 0
            7, 5, 0x83, 2, 0, 2, 0, // bulk IN
            7, 5, 3, 2, 0, 2, 0, // bulk OUT
            9, 4, 3, 0, 3, 0xff, 0xff, 0xff, 0, // interface 3, altsetting 0
            7, 5, 0x84, 3, 0x40, 0, 5, // interrupt IN
            7, 5, 0x85, 2, 0, 2, 0, // bulk IN
            7, 5, 4, 2, 0, 2, 0, // bulk OUT
            8, 0x0b, 4, 2, 2, 0, 0, 0, // function
            9, 4, 4, 0, 1, 2, 6, 0, 0, // interface 4, altsetting 0
            5, 0x24, 0, 0x10, 1, // CDC header
            0x0d, 0x24, 0x0f, 1, 0, 0, 0, 0, 0, 0x40, 1, 0, 0, // Ethernet
            5, 0x24, 6, 4, 5, // union
            7, 5, 0x86, 3, 0x40, 0, 5, // interrupt IN
            9, 4, 5, 0, 0, 0x0a, 0, 0, 0, // interface 5, altsetting 0
            9, 4, 5, 1, 2, 0x0a, 0, 0, 0, // interface 5, altsetting 1
            7, 5, 0x87, 2, 0, 2, 0, // bulk IN
            7, 5, 5, 2, 0, 2, 0, // bulk OUT
        ]],
        expected: &[
            Conf(1, 6, 500, 0),
            Assoc(4, 2, 0x02),
            Alt(0, 0, 0xff, 0),
            End(0x81, BULK, 512, 1, 0),
            End(0x01, BULK, 512, 1, 0),
            Alt(1, 0, 0xff, 0),
            End(0x82, BULK, 512, 1, 0),
            End(0x02, BULK, 512, 1, 0),
            Alt(2, 0, 0xff, 0),
            End(0x83, BULK, 512, 1, 0),
            End(0x03, BULK, 512, 1, 0),
            Alt(3, 0, 0xff, 0),
            End(0x84, INTERRUPT, 64, 1, 0),
            End(0x85, BULK, 512, 1, 0),
            End(0x04, BULK, 512, 1, 0),
            Alt(4, 0, 0x02, 3),
            End(0x86, INTERRUPT, 64, 1, 0),
            Alt(5, 0, 0x0a, 0),
            Alt(5, 1, 0x0a, 0),
            End(0x87, BULK, 512, 1, 0),
            End(0x05, BULK, 512, 1, 0),
        ],
    },
    // Recorded for esp-usb.
    Sample {
        name: "modem with RNDIS, SIMCom 1e0e:9011",
        speed: Speed::High,
        device: &[
            0x12, 1, 0, 2, 0xef, 2, 1, 0x40, // device
            0x0e, 0x1e, 0x11, 0x90, 0, 1, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0xf5, 0, 6, 1, 0, 0xc0, 0xfa, // configuration
            8, 0x0b, 0, 2, 0xe0, 1, 3, 5, // function
            9, 4, 0, 0, 1, 0xe0, 1, 3, 5, // interface 0, altsetting 0
            5, 0x24, 0, 0x10, 1, // CDC header
            5, 0x24, 1, 0, 1, // call management
            4, 0x24, 2, 0, // abstract control
            5, 0x24, 6, 0, 1, // union
            7, 5, 0x87, 3, 0x40, 0, 0x10, // interrupt IN
            9, 4, 1, 0, 2, 0x0a, 0, 0, 5, // interface 1, altsetting 0
            7, 5, 0x83, 2, 0, 2, 0, // bulk IN
            7, 5, 0x0c, 2, 0, 2, 0, // bulk OUT
            9, 4, 2, 0, 2, 0xff, 0, 0, 8, // interface 2, altsetting 0
            7, 5, 0x82, 2, 0, 2, 0, // bulk IN
            7, 5, 0x0b, 2, 0, 2, 0, // bulk OUT
            9, 4, 4, 0, 3, 0xff, 0, 0, 0x0b, // interface 4, altsetting 0
            5, 0x24, 0, 0x10, 1, // CDC header
            5, 0x24, 1, 0, 0, // call management
            4, 0x24, 2, 2, // abstract control
            5, 0x24, 6, 0, 0, // union
            7, 5, 0x89, 3, 0x40, 0, 0x10, // interrupt IN
            7, 5, 0x86, 2, 0, 2, 0, // bulk IN
            7, 5, 0x0f, 2, 0, 2, 0, // bulk OUT
            9, 4, 5, 0, 3, 0xff, 0, 0, 0x0b, // interface 5, altsetting 0
            5, 0x24, 0, 0x10, 1, // CDC header
            5, 0x24, 1, 0, 0, // call management
            4, 0x24, 2, 2, // abstract control
            5, 0x24, 6, 0, 0, // union
            7, 5, 0x88, 3, 0x40, 0, 0x10, // interrupt IN
            7, 5, 0x81, 2, 0, 2, 0, // bulk IN
            7, 5, 0x0a, 2, 0, 2, 0, // bulk OUT
            9, 4, 3, 0, 3, 0xff, 0, 0, 8, // interface 3, altsetting 0
            5, 0x24, 0, 0x10, 1, // CDC header
            5, 0x24, 1, 0, 4, // call management
            4, 0x24, 2, 2, // abstract control
            5, 0x24, 6, 3, 4, // union
            7, 5, 0x84, 3, 0x10, 0, 0x10, // interrupt IN
            7, 5, 0x85, 2, 0, 2, 0, // bulk IN
            7, 5, 0x0e, 2, 0, 2, 0, // bulk OUT
        ]],
        expected: &[
            Conf(1, 6, 500, 0),
            Assoc(0, 2, 0xe0),
            Alt(0, 0, 0xe0, 4),
            End(0x87, INTERRUPT, 64, 1, 0),
            Alt(1, 0, 0x0a, 0),
            End(0x83, BULK, 512, 1, 0),
            End(0x0c, BULK, 512, 1, 0),
            Alt(2, 0, 0xff, 0),
            End(0x82, BULK, 512, 1, 0),
            End(0x0b, BULK, 512, 1, 0),
            Alt(4, 0, 0xff, 4),
            End(0x89, INTERRUPT, 64, 1, 0),
            End(0x86, BULK, 512, 1, 0),
            End(0x0f, BULK, 512, 1, 0),
            Alt(5, 0, 0xff, 4),
            End(0x88, INTERRUPT, 64, 1, 0),
            End(0x81, BULK, 512, 1, 0),
            End(0x0a, BULK, 512, 1, 0),
            Alt(3, 0, 0xff, 4),
            End(0x84, INTERRUPT, 16, 1, 0),
            End(0x85, BULK, 512, 1, 0),
            End(0x0e, BULK, 512, 1, 0),
        ],
    },
    // Reported by lsusb.
    Sample {
        name: "mobile broadband, Sierra 1199:90d3",
        speed: Speed::High,
        device: &[
            0x12, 1, 0x10, 2, 0, 0, 0, 0x40, // device
            0x99, 0x11, 0xd3, 0x90, 6, 0, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0xa7, 0, 4, 1, 4, 0xa0, 0xfa, // configuration
            8, 0x0b, 0, 2, 2, 0x0e, 0, 0, // function
            9, 4, 0, 0, 1, 2, 0x0e, 0, 0, // interface 0, altsetting 0
            5, 0x24, 0, 0x10, 1, // CDC header
            5, 0x24, 6, 0, 1, // union
            0x0c, 0x24, 0x1b, 0, 1, 0, 0x10, 0x20, 0x80, 0, 8, 0x20, // MBIM
            8, 0x24, 0x1c, 0, 1, 0x40, 0xdc, 5, // MBIM extended
            7, 5, 0x81, 3, 0x40, 0, 9, // interrupt IN
            9, 4, 1, 0, 0, 0x0a, 0, 2, 0, // interface 1, altsetting 0
            9, 4, 1, 1, 2, 0x0a, 0, 2, 0, // interface 1, altsetting 1
            7, 5, 0x8e, 2, 0, 2, 0, // bulk IN
            7, 5, 0x0f, 2, 0, 2, 0, // bulk OUT
            9, 4, 3, 0, 3, 0xff, 0, 0, 0, // interface 3, altsetting 0
            5, 0x24, 0, 0x10, 1, // CDC header
            5, 0x24, 1, 0, 0, // call management
            4, 0x24, 2, 2, // abstract control
            5, 0x24, 6, 0, 0, // union
            7, 5, 0x83, 3, 0x0a, 0, 9, // interrupt IN
            7, 5, 0x82, 2, 0, 2, 0, // bulk IN
            7, 5, 1, 2, 0, 2, 0, // bulk OUT
            9, 4, 4, 0, 2, 0xff, 0xff, 0x30, 0, // interface 4, altsetting 0
            7, 5, 0x84, 2, 0, 2, 0, // bulk IN
            7, 5, 2, 2, 0, 2, 0, // bulk OUT
        ]],
        expected: &[
            Conf(1, 4, 500, 0),
            Assoc(0, 2, 0x02),
            Alt(0, 0, 0x02, 4),
            End(0x81, INTERRUPT, 64, 1, 0),
            Alt(1, 0, 0x0a, 0),
            Alt(1, 1, 0x0a, 0),
            End(0x8e, BULK, 512, 1, 0),
            End(0x0f, BULK, 512, 1, 0),
            Alt(3, 0, 0xff, 4),
            End(0x83, INTERRUPT, 10, 1, 0),
            End(0x82, BULK, 512, 1, 0),
            End(0x01, BULK, 512, 1, 0),
            Alt(4, 0, 0xff, 0),
            End(0x84, BULK, 512, 1, 0),
            End(0x02, BULK, 512, 1, 0),
        ],
    },
    // Recorded for esp-usb.
    Sample {
        name: "network adapter of a board, Espressif 303a:4000",
        speed: Speed::Full,
        device: &[
            0x12, 1, 0, 2, 0, 0, 0, 0x40, // device
            0x3a, 0x30, 0, 0x40, 0, 1, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x5e, 0, 2, 1, 0, 0xa0, 0x32, // configuration
            8, 0x0b, 0, 2, 2, 0x0d, 0, 0, // function
            9, 4, 0, 0, 1, 2, 0x0d, 0, 4, // interface 0, altsetting 0
            5, 0x24, 0, 0x10, 1, // CDC header
            5, 0x24, 6, 0, 1, // union
            0x0d, 0x24, 0x0f, 5, 0, 0, 0, 0, 0xea, 5, 0, 0, 0, // Ethernet
            6, 0x24, 0x1a, 0, 1, 0, // NCM
            7, 5, 0x81, 3, 0x40, 0, 0x32, // interrupt IN
            9, 4, 1, 0, 0, 0x0a, 0, 1, 0, // interface 1, altsetting 0
            9, 4, 1, 1, 2, 0x0a, 0, 1, 0, // interface 1, altsetting 1
            7, 5, 0x82, 2, 0x40, 0, 0, // bulk IN
            7, 5, 2, 2, 0x40, 0, 0, // bulk OUT
        ]],
        expected: &[
            Conf(1, 2, 100, 0),
            Assoc(0, 2, 0x02),
            Alt(0, 0, 0x02, 4),
            End(0x81, INTERRUPT, 64, 1, 0),
            Alt(1, 0, 0x0a, 0),
            Alt(1, 1, 0x0a, 0),
            End(0x82, BULK, 64, 1, 0),
            End(0x02, BULK, 64, 1, 0),
        ],
    },
    // Recorded for esp-usb.
    Sample {
        name: "Bluetooth, Cambridge Silicon Radio 0a12:0001",
        speed: Speed::Full,
        device: &[
            0x12, 1, 0, 2, 0xe0, 1, 1, 0x40, // device
            0x12, 0x0a, 1, 0, 0x91, 0x88, // vendor, product, release
            0, 2, 0, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0xb1, 0, 2, 1, 0, 0xe0, 0x32, // configuration
            9, 4, 0, 0, 3, 0xe0, 1, 1, 0, // interface 0, altsetting 0
            7, 5, 0x81, 3, 0x10, 0, 1, // interrupt IN
            7, 5, 2, 2, 0x40, 0, 1, // bulk OUT
            7, 5, 0x82, 2, 0x40, 0, 1, // bulk IN
            9, 4, 1, 0, 2, 0xe0, 1, 1, 0, // interface 1, altsetting 0
            7, 5, 3, 1, 0, 0, 1, // isochronous OUT
            7, 5, 0x83, 1, 0, 0, 1, // isochronous IN
            9, 4, 1, 1, 2, 0xe0, 1, 1, 0, // interface 1, altsetting 1
            7, 5, 3, 1, 9, 0, 1, // isochronous OUT
            7, 5, 0x83, 1, 9, 0, 1, // isochronous IN
            9, 4, 1, 2, 2, 0xe0, 1, 1, 0, // interface 1, altsetting 2
            7, 5, 3, 1, 0x11, 0, 1, // isochronous OUT
            7, 5, 0x83, 1, 0x11, 0, 1, // isochronous IN
            9, 4, 1, 3, 2, 0xe0, 1, 1, 0, // interface 1, altsetting 3
            7, 5, 3, 1, 0x19, 0, 1, // isochronous OUT
            7, 5, 0x83, 1, 0x19, 0, 1, // isochronous IN
            9, 4, 1, 4, 2, 0xe0, 1, 1, 0, // interface 1, altsetting 4
            7, 5, 3, 1, 0x21, 0, 1, // isochronous OUT
            7, 5, 0x83, 1, 0x21, 0, 1, // isochronous IN
            9, 4, 1, 5, 2, 0xe0, 1, 1, 0, // interface 1, altsetting 5
            7, 5, 3, 1, 0x31, 0, 1, // isochronous OUT
            7, 5, 0x83, 1, 0x31, 0, 1, // isochronous IN
        ]],
        expected: &[
            Conf(1, 2, 100, 0),
            Alt(0, 0, 0xe0, 0),
            End(0x81, INTERRUPT, 16, 1, 0),
            End(0x02, BULK, 64, 1, 0),
            End(0x82, BULK, 64, 1, 0),
            Alt(1, 0, 0xe0, 0),
            End(0x03, ISOCHRONOUS, 0, 1, 0),
            End(0x83, ISOCHRONOUS, 0, 1, 0),
            Alt(1, 1, 0xe0, 0),
            End(0x03, ISOCHRONOUS, 9, 1, 0),
            End(0x83, ISOCHRONOUS, 9, 1, 0),
            Alt(1, 2, 0xe0, 0),
            End(0x03, ISOCHRONOUS, 17, 1, 0),
            End(0x83, ISOCHRONOUS, 17, 1, 0),
            Alt(1, 3, 0xe0, 0),
            End(0x03, ISOCHRONOUS, 25, 1, 0),
            End(0x83, ISOCHRONOUS, 25, 1, 0),
            Alt(1, 4, 0xe0, 0),
            End(0x03, ISOCHRONOUS, 33, 1, 0),
            End(0x83, ISOCHRONOUS, 33, 1, 0),
            Alt(1, 5, 0xe0, 0),
            End(0x03, ISOCHRONOUS, 49, 1, 0),
            End(0x83, ISOCHRONOUS, 49, 1, 0),
        ],
    },
    // Reported by lsusb.
    Sample {
        name: "WiFi, Atheros 0cf3:9271",
        speed: Speed::High,
        device: &[
            0x12, 1, 0, 2, 0xff, 0xff, 0xff, 0x40, // device
            0xf3, 0x0c, 0x71, 0x92, 8, 1, // vendor, product, release
            0x10, 0x20, 0x30, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x3c, 0, 1, 1, 0, 0x80, 0xfa, // configuration
            9, 4, 0, 0, 6, 0xff, 0, 0, 0, // interface 0, altsetting 0
            7, 5, 1, 2, 0, 2, 0, // bulk OUT
            7, 5, 0x82, 2, 0, 2, 0, // bulk IN
            7, 5, 0x83, 3, 0x40, 0, 1, // interrupt IN
            7, 5, 4, 3, 0x40, 0, 1, // interrupt OUT
            7, 5, 5, 2, 0, 2, 0, // bulk OUT
            7, 5, 6, 2, 0, 2, 0, // bulk OUT
        ]],
        expected: &[
            Conf(1, 1, 500, 0),
            Alt(0, 0, 0xff, 0),
            End(0x01, BULK, 512, 1, 0),
            End(0x82, BULK, 512, 1, 0),
            End(0x83, INTERRUPT, 64, 1, 0),
            End(0x04, INTERRUPT, 64, 1, 0),
            End(0x05, BULK, 512, 1, 0),
            End(0x06, BULK, 512, 1, 0),
        ],
    },
];
