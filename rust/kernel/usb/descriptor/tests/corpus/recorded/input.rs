// SPDX-License-Identifier: GPL-2.0

//! Devices to type, point, play and identify oneself with.

use super::super::{
    Part::{
        Alt,
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
    // Recorded for umockdev.
    Sample {
        name: "keyboard, Holtek 04d9:1603",
        speed: Speed::Low,
        device: &[
            0x12, 1, 0x10, 1, 0, 0, 0, 8, // device
            0xd9, 4, 3, 0x16, 0x10, 3, // vendor, product, release
            1, 2, 0, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x3b, 0, 2, 1, 0, 0xa0, 0x32, // configuration
            9, 4, 0, 0, 1, 3, 1, 1, 0, // interface 0, altsetting 0
            9, 0x21, 0x10, 1, 0, 1, 0x22, 0x3e, 0, // HID
            7, 5, 0x81, 3, 8, 0, 0x0a, // interrupt IN
            9, 4, 1, 0, 1, 3, 0, 0, 0, // interface 1, altsetting 0
            9, 0x21, 0x10, 1, 0, 1, 0x22, 0x65, 0, // HID
            7, 5, 0x82, 3, 8, 0, 0x0a, // interrupt IN
        ]],
        expected: &[
            Conf(1, 2, 100, 0),
            Alt(0, 0, 0x03, 1),
            End(0x81, INTERRUPT, 8, 1, 0),
            Alt(1, 0, 0x03, 1),
            End(0x82, INTERRUPT, 8, 1, 0),
        ],
    },
    // Recorded for umockdev.
    Sample {
        name: "security key, Yubico 1050:0120",
        speed: Speed::Full,
        device: &[
            0x12, 1, 0, 2, 0, 0, 0, 0x40, // device
            0x50, 0x10, 0x20, 1, 0x12, 5, // vendor, product, release
            1, 2, 0, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x29, 0, 1, 1, 0, 0x80, 0x0f, // configuration
            9, 4, 0, 0, 2, 3, 0, 0, 0, // interface 0, altsetting 0
            9, 0x21, 0x10, 1, 0, 1, 0x22, 0x22, 0, // HID
            7, 5, 4, 3, 0x40, 0, 2, // interrupt OUT
            7, 5, 0x84, 3, 0x40, 0, 2, // interrupt IN
        ]],
        expected: &[
            Conf(1, 1, 30, 0),
            Alt(0, 0, 0x03, 1),
            End(0x04, INTERRUPT, 64, 1, 0),
            End(0x84, INTERRUPT, 64, 1, 0),
        ],
    },
    // Recorded for esp-usb.
    Sample {
        name: "receiver of mouse and keyboard, Rapoo 24ae:2013",
        speed: Speed::Full,
        device: &[
            0x12, 1, 0, 2, 0, 0, 0, 0x40, // device
            0xae, 0x24, 0x13, 0x20, 0x10, 1, // vendor, product, release
            1, 2, 0, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x54, 0, 3, 1, 0, 0xa0, 0x32, // configuration
            9, 4, 0, 0, 1, 3, 1, 2, 0, // interface 0, altsetting 0
            9, 0x21, 0x10, 1, 0, 1, 0x22, 0x40, 0, // HID
            7, 5, 0x81, 3, 0x40, 0, 0x0a, // interrupt IN
            9, 4, 1, 0, 1, 3, 1, 1, 0, // interface 1, altsetting 0
            9, 0x21, 0x10, 1, 0, 1, 0x22, 0x5e, 0, // HID
            7, 5, 0x82, 3, 0x40, 0, 0x0a, // interrupt IN
            9, 4, 2, 0, 1, 3, 1, 1, 0, // interface 2, altsetting 0
            9, 0x21, 0x10, 1, 0, 1, 0x22, 0x40, 0, // HID
            7, 5, 0x83, 3, 0x40, 0, 0x0a, // interrupt IN
        ]],
        expected: &[
            Conf(1, 3, 100, 0),
            Alt(0, 0, 0x03, 1),
            End(0x81, INTERRUPT, 64, 1, 0),
            Alt(1, 0, 0x03, 1),
            End(0x82, INTERRUPT, 64, 1, 0),
            Alt(2, 0, 0x03, 1),
            End(0x83, INTERRUPT, 64, 1, 0),
        ],
    },
    // Reported by UsbTreeView.
    Sample {
        name: "steering wheel, Logitech 046d:c294",
        speed: Speed::Full,
        device: &[
            0x12, 1, 0, 2, 0, 0, 0, 0x10, // device
            0x6d, 4, 0x94, 0xc2, 0x27, 0x13, // vendor, product, release
            0, 2, 0, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x29, 0, 1, 1, 0, 0x80, 0x28, // configuration
            9, 4, 0, 0, 2, 3, 0, 0, 0, // interface 0, altsetting 0
            9, 0x21, 0, 1, 0x21, 1, 0x22, 0x89, 0, // HID
            7, 5, 0x81, 3, 8, 0, 0x0a, // interrupt IN
            7, 5, 1, 3, 8, 0, 0x0a, // interrupt OUT
        ]],
        expected: &[
            Conf(1, 1, 80, 0),
            Alt(0, 0, 0x03, 1),
            End(0x81, INTERRUPT, 8, 1, 0),
            End(0x01, INTERRUPT, 8, 1, 0),
        ],
    },
    // Reported by UsbTreeView.
    Sample {
        name: "game pad, 045e:028e",
        speed: Speed::Full,
        device: &[
            0x12, 1, 0, 2, 0xff, 0xff, 0xff, 0x40, // device
            0x5e, 4, 0x8e, 2, 0x10, 1, // vendor, product, release
            1, 2, 0, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x30, 0, 1, 1, 0, 0xa0, 0xfa, // configuration
            9, 4, 0, 0, 2, 0xff, 0x5d, 1, 0, // interface 0, altsetting 0
            0x10, 0x21, 0x10, 1, 1, 0x24, 0x81, 0x14, 3, 0, 3, 0x13, 1, 8, 3,
            0, // of the vendor
            7, 5, 0x81, 3, 0x20, 0, 4, // interrupt IN
            7, 5, 1, 3, 0x20, 0, 8, // interrupt OUT
        ]],
        expected: &[
            Conf(1, 1, 500, 0),
            Alt(0, 0, 0xff, 1),
            End(0x81, INTERRUPT, 32, 1, 0),
            End(0x01, INTERRUPT, 32, 1, 0),
        ],
    },
    // Reported by UsbTreeView.
    Sample {
        name: "game pad with a headset, Sony 054c:09cc",
        speed: Speed::Full,
        device: &[
            0x12, 1, 0, 2, 0, 0, 0, 0x40, // device
            0x4c, 5, 0xcc, 9, 0, 1, // vendor, product, release
            1, 2, 0, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0xe1, 0, 4, 1, 0, 0xc0, 0xfa, // configuration
            9, 4, 0, 0, 0, 1, 1, 0, 0, // interface 0, altsetting 0
            0x0a, 0x24, 1, 0, 1, 0x47, 0, 2, 1, 2, // audio
            0x0c, 0x24, 2, 1, 1, 1, 6, 2, 3, 0, 0, 0, // audio
            0x0a, 0x24, 6, 2, 1, 1, 3, 0, 0, 0, // audio
            9, 0x24, 3, 3, 2, 4, 4, 2, 0, // audio
            0x0c, 0x24, 2, 4, 2, 4, 3, 1, 0, 0, 0, 0, // audio
            9, 0x24, 6, 5, 4, 1, 3, 0, 0, // audio
            9, 0x24, 3, 6, 1, 1, 1, 5, 0, // audio
            9, 4, 1, 0, 0, 1, 2, 0, 0, // interface 1, altsetting 0
            9, 4, 1, 1, 1, 1, 2, 0, 0, // interface 1, altsetting 1
            7, 0x24, 1, 1, 1, 1, 0, // audio
            0x0b, 0x24, 2, 1, 2, 2, 0x10, 1, 0, 0x7d, 0, // audio
            9, 5, 1, 9, 0x84, 0, 1, 0, 0, // isochronous OUT
            7, 0x25, 1, 0, 0, 0, 0, // audio
            9, 4, 2, 0, 0, 1, 2, 0, 0, // interface 2, altsetting 0
            9, 4, 2, 1, 1, 1, 2, 0, 0, // interface 2, altsetting 1
            7, 0x24, 1, 6, 1, 1, 0, // audio
            0x0b, 0x24, 2, 1, 1, 2, 0x10, 1, 0x80, 0x3e, 0, // audio
            9, 5, 0x82, 5, 0x22, 0, 1, 0, 0, // isochronous IN
            7, 0x25, 1, 0, 0, 0, 0, // audio
            9, 4, 3, 0, 2, 3, 0, 0, 0, // interface 3, altsetting 0
            9, 0x21, 0x11, 1, 0, 1, 0x22, 0xfb, 1, // HID
            7, 5, 0x84, 3, 0x40, 0, 5, // interrupt IN
            7, 5, 3, 3, 0x40, 0, 5, // interrupt OUT
        ]],
        expected: &[
            Conf(1, 4, 500, 0),
            Alt(0, 0, 0x01, 7),
            Alt(1, 0, 0x01, 0),
            Alt(1, 1, 0x01, 2),
            End(0x01, ISOCHRONOUS, 132, 1, 1),
            Alt(2, 0, 0x01, 0),
            Alt(2, 1, 0x01, 2),
            End(0x82, ISOCHRONOUS, 34, 1, 1),
            Alt(3, 0, 0x03, 1),
            End(0x84, INTERRUPT, 64, 1, 0),
            End(0x03, INTERRUPT, 64, 1, 0),
        ],
    },
    // Reported by lsusb.
    Sample {
        name: "pen tablet, Wacom 056a:0015",
        speed: Speed::Low,
        device: &[
            0x12, 1, 0x10, 1, 0, 0, 0, 8, // device
            0x6a, 5, 0x15, 0, 3, 4, // vendor, product, release
            1, 6, 0, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x22, 0, 1, 1, 0, 0x80, 0x14, // configuration
            9, 4, 0, 0, 1, 3, 1, 2, 0, // interface 0, altsetting 0
            9, 0x21, 0, 1, 0, 1, 0x22, 0x62, 0, // HID
            7, 5, 0x81, 3, 8, 0, 0x0a, // interrupt IN
        ]],
        expected: &[
            Conf(1, 1, 40, 0),
            Alt(0, 0, 0x03, 1),
            End(0x81, INTERRUPT, 8, 1, 0),
        ],
    },
    // Recorded for libfprint.
    Sample {
        name: "fingerprint reader, UPEK 147e:2016",
        speed: Speed::Full,
        device: &[
            0x12, 1, 0x10, 1, 0, 0, 0, 8, // device
            0x7e, 0x14, 0x16, 0x20, 2, 0, // vendor, product, release
            1, 2, 0, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x27, 0, 1, 1, 0, 0xa0, 0x32, // configuration
            9, 4, 0, 0, 3, 0xff, 0, 0, 0, // interface 0, altsetting 0
            7, 5, 0x81, 2, 0x40, 0, 0, // bulk IN
            7, 5, 2, 2, 0x40, 0, 0, // bulk OUT
            7, 5, 0x83, 3, 4, 0, 0x14, // interrupt IN
        ]],
        expected: &[
            Conf(1, 1, 100, 0),
            Alt(0, 0, 0xff, 0),
            End(0x81, BULK, 64, 1, 0),
            End(0x02, BULK, 64, 1, 0),
            End(0x83, INTERRUPT, 4, 1, 0),
        ],
    },
];
