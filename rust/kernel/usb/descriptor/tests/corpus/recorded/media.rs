// SPDX-License-Identifier: GPL-2.0

//! Pictures, sound and music.

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
    // Recorded for umockdev.
    Sample {
        name: "still camera, Canon 04a9:31c0",
        speed: Speed::High,
        device: &[
            0x12, 1, 0, 2, 0, 0, 0, 0x40, // device
            0xa9, 4, 0xc0, 0x31, 2, 0, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x27, 0, 1, 1, 0, 0xc0, 1, // configuration
            9, 4, 0, 0, 3, 6, 1, 1, 0, // interface 0, altsetting 0
            7, 5, 0x81, 2, 0, 2, 0, // bulk IN
            7, 5, 2, 2, 0, 2, 0, // bulk OUT
            7, 5, 0x83, 3, 8, 0, 9, // interrupt IN
        ]],
        expected: &[
            Conf(1, 1, 2, 0),
            Alt(0, 0, 0x06, 0),
            End(0x81, BULK, 512, 1, 0),
            End(0x02, BULK, 512, 1, 0),
            End(0x83, INTERRUPT, 8, 1, 0),
        ],
    },
    // Recorded for umockdev.
    Sample {
        name: "telephone with MTP, Sony 0fce:0166",
        speed: Speed::High,
        device: &[
            0x12, 1, 0, 2, 0, 0, 0, 0x40, // device
            0xce, 0x0f, 0x66, 1, 0x26, 2, // vendor, product, release
            2, 3, 4, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x27, 0, 1, 1, 0, 0xc0, 0xfa, // configuration
            9, 4, 0, 0, 3, 0xff, 0xff, 0, 5, // interface 0, altsetting 0
            7, 5, 0x81, 2, 0, 2, 0, // bulk IN
            7, 5, 2, 2, 0, 2, 0, // bulk OUT
            7, 5, 0x82, 3, 0x1c, 0, 6, // interrupt IN
        ]],
        expected: &[
            Conf(1, 1, 500, 0),
            Alt(0, 0, 0xff, 0),
            End(0x81, BULK, 512, 1, 0),
            End(0x02, BULK, 512, 1, 0),
            End(0x82, INTERRUPT, 28, 1, 0),
        ],
    },
    // Reported by USB Prober.
    Sample {
        name: "turntable with MIDI and HID, Pioneer 08e4:0157",
        speed: Speed::Full,
        device: &[
            0x12, 1, 0, 2, 0, 0, 0, 0x40, // device
            0xe4, 8, 0x57, 1, 0x12, 1, // vendor, product, release
            1, 2, 0, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0xc6, 0, 5, 1, 0, 0xc0, 0, // configuration
            9, 4, 0, 0, 0, 1, 1, 0, 3, // interface 0, altsetting 0
            9, 0x24, 1, 0, 1, 0x1e, 0, 1, 1, // audio
            0x0c, 0x24, 2, 1, 1, 1, 0, 2, 3, 0, 0, 0, // audio
            9, 0x24, 3, 2, 1, 3, 0, 1, 0, // audio
            9, 4, 1, 0, 0, 1, 2, 0, 0, // interface 1, altsetting 0
            9, 4, 1, 1, 1, 1, 2, 0, 0, // interface 1, altsetting 1
            7, 0x24, 1, 1, 0, 1, 0, // audio
            0x0e, 0x24, 2, 1, 2, 2, 0x10, 2, 0x44, 0xac, 0, 0x80, 0xbb, 0, // audio
            9, 5, 1, 1, 0xc8, 0, 1, 0, 0, // isochronous OUT
            7, 0x25, 1, 1, 0, 0, 0, // audio
            9, 4, 2, 0, 0, 1, 1, 0, 4, // interface 2, altsetting 0
            9, 0x24, 1, 0, 1, 9, 0, 1, 3, // audio
            9, 4, 3, 0, 1, 1, 3, 0, 5, // interface 3, altsetting 0
            7, 0x24, 1, 0, 1, 0x24, 0, // MIDI
            9, 0x24, 3, 1, 1, 1, 2, 1, 0, // MIDI
            6, 0x24, 2, 2, 2, 0, // MIDI
            9, 5, 0x83, 2, 0x40, 0, 0, 0, 0, // bulk IN
            5, 0x25, 1, 1, 1, // MIDI
            9, 4, 4, 0, 2, 3, 0, 0, 6, // interface 4, altsetting 0
            9, 0x21, 0x10, 1, 0, 1, 0x22, 0x34, 0, // HID
            7, 5, 6, 3, 0x24, 0, 1, // interrupt OUT
            7, 5, 0x87, 3, 0x14, 0, 1, // interrupt IN
        ]],
        expected: &[
            Conf(1, 5, 0, 0),
            Alt(0, 0, 0x01, 3),
            Alt(1, 0, 0x01, 0),
            Alt(1, 1, 0x01, 2),
            End(0x01, ISOCHRONOUS, 200, 1, 1),
            Alt(2, 0, 0x01, 1),
            Alt(3, 0, 0x01, 3),
            End(0x83, BULK, 64, 1, 1),
            Alt(4, 0, 0x03, 1),
            End(0x06, INTERRUPT, 36, 1, 0),
            End(0x87, INTERRUPT, 20, 1, 0),
        ],
    },
    // Recorded for esp-usb.
    Sample {
        name: "MIDI of a board, Espressif 303a:4008",
        speed: Speed::Full,
        device: &[
            0x12, 1, 0, 2, 0, 0, 0, 0x40, // device
            0x3a, 0x30, 8, 0x40, 0, 1, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x65, 0, 2, 1, 0, 0x80, 0x32, // configuration
            9, 4, 0, 0, 0, 1, 1, 0, 4, // interface 0, altsetting 0
            9, 0x24, 1, 0, 1, 9, 0, 1, 1, // audio
            9, 4, 1, 0, 2, 1, 3, 0, 0, // interface 1, altsetting 0
            7, 0x24, 1, 0, 1, 0x41, 0, // MIDI
            6, 0x24, 2, 1, 1, 0, // MIDI
            6, 0x24, 2, 2, 2, 0, // MIDI
            9, 0x24, 3, 1, 3, 1, 2, 1, 0, // MIDI
            9, 0x24, 3, 2, 4, 1, 1, 1, 0, // MIDI
            9, 5, 1, 2, 0x40, 0, 0, 0, 0, // bulk OUT
            5, 0x25, 1, 1, 1, // MIDI
            9, 5, 0x81, 2, 0x40, 0, 0, 0, 0, // bulk IN
            5, 0x25, 1, 1, 3, // MIDI
        ]],
        expected: &[
            Conf(1, 2, 100, 0),
            Alt(0, 0, 0x01, 1),
            Alt(1, 0, 0x01, 5),
            End(0x01, BULK, 64, 1, 1),
            End(0x81, BULK, 64, 1, 1),
        ],
    },
    // Reported by UsbTreeView.
    Sample {
        name: "video and sound, 349c:3307",
        speed: Speed::Full,
        device: &[
            0x12, 1, 0, 2, 0xef, 2, 1, 0x40, // device
            0x9c, 0x34, 7, 0x33, 1, 3, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0xe4, 1, 5, 1, 0, 0x80, 0x80, // configuration
            8, 0x0b, 0, 2, 0x0e, 3, 0, 2, // function
            9, 4, 0, 0, 1, 0x0e, 1, 0, 2, // interface 0, altsetting 0
            0x0d, 0x24, 1, 0, 1, 0x33, 0, 0, 0x36, 0x6e, 1, 1, 1, // video
            0x12, 0x24, 2, 1, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, // video
            0x0b, 0x24, 5, 2, 1, 0, 0, 2, 0x7f, 0x17, 0, // video
            9, 0x24, 3, 3, 1, 1, 0, 2, 0, // video
            7, 5, 0x84, 3, 0x0a, 0, 5, // interrupt IN
            5, 0x25, 3, 0x40, 0, // video
            9, 4, 1, 0, 1, 0x0e, 2, 0, 0, // interface 1, altsetting 0
            7, 5, 0x81, 2, 0x40, 0, 0, // bulk IN
            0x0e, 0x24, 1, 1, 0xbd, 0, 0x81, 0, 3, 2, 1, 0, 1, 0, // video
            0x0b, 0x24, 6, 1, 4, 1, 1, 0, 0, 0, 0, // video
            0x22, 0x24, 7, 1, 1, 0, 5, 0xd0, 2, 0, 0x80, 0x97, 6, 0, 0, 0x2f, 0x0d, 0,
            0x20, //
            0x1c, 0, 0x2a, 0x2c, 0x0a, 0, 2, 0x2a, 0x2c, 0x0a, 0, 0x40, 0x42, 0x0f,
            0, // video
            0x22, 0x24, 7, 2, 1, 0x20, 3, 0xe0, 1, 0, 0x80, 0xa9, 3, 0, 0, 0x53, 7, 0,
            0xb8, //
            0x0b, 0, 0x20, 0xa1, 7, 0, 2, 0x20, 0xa1, 7, 0, 0x2a, 0x2c, 0x0a, 0, // video
            0x22, 0x24, 7, 3, 1, 0x80, 2, 0xe0, 1, 0, 0x80, 0xa9, 3, 0, 0, 0x53, 7, 0, 0x60,
            9, //
            0, 0x80, 0x1a, 6, 0, 2, 0x80, 0x1a, 6, 0, 0x2a, 0x2c, 0x0a, 0, // video
            0x22, 0x24, 7, 4, 1, 0xe0, 1, 0x40, 1, 0, 0xc0, 0xd4, 1, 0, 0x80, 0xa9, 3, 0,
            0xb0, //
            4, 0, 0x80, 0x1a, 6, 0, 2, 0x80, 0x1a, 6, 0, 0x2a, 0x2c, 0x0a, 0, // video
            0x16, 0x24, 3, 0, 4, 0, 5, 0xd0, 2, 0x20, 3, 0xe0, 1, 0x80, 2, 0xe0, 1, 0xe0,
            1, //
            0x40, 1, 0, // video
            6, 0x24, 0x0d, 1, 1, 4, // video
            8, 0x0b, 2, 3, 1, 0, 0, 4, // function
            9, 4, 2, 0, 0, 1, 1, 0, 4, // interface 2, altsetting 0
            0x0a, 0x24, 1, 0, 1, 0x45, 0, 2, 3, 4, // audio
            0x0c, 0x24, 2, 4, 1, 2, 0, 1, 1, 0, 0, 0, // audio
            8, 0x24, 6, 5, 4, 1, 3, 0, // audio
            9, 0x24, 3, 6, 1, 1, 0, 5, 0, // audio
            0x0c, 0x24, 2, 7, 1, 1, 0, 1, 1, 0, 0, 0, // audio
            9, 0x24, 6, 8, 7, 1, 1, 2, 0, // audio
            9, 0x24, 3, 9, 1, 3, 7, 8, 0, // audio
            9, 4, 3, 0, 0, 1, 2, 0, 0, // interface 3, altsetting 0
            9, 4, 3, 1, 1, 1, 2, 0, 0, // interface 3, altsetting 1
            7, 0x24, 1, 6, 1, 1, 0, // audio
            0x0b, 0x24, 2, 1, 1, 2, 0x10, 1, 0x80, 0x3e, 0, // audio
            9, 5, 0x82, 0x0d, 0x64, 0, 1, 0, 0, // isochronous IN
            7, 0x25, 1, 1, 0, 0, 0, // audio
            9, 4, 4, 0, 0, 1, 2, 0, 0, // interface 4, altsetting 0
            9, 4, 4, 1, 1, 1, 2, 0, 0, // interface 4, altsetting 1
            7, 0x24, 1, 7, 1, 1, 0, // audio
            0x0b, 0x24, 2, 1, 1, 2, 0x10, 1, 0x80, 0x3e, 0, // audio
            9, 5, 3, 9, 0x64, 0, 1, 0, 0, // isochronous OUT
            7, 0x25, 1, 1, 1, 1, 0, // audio
        ]],
        expected: &[
            Conf(1, 5, 256, 0),
            Assoc(0, 2, 0x0e),
            Assoc(2, 3, 0x01),
            Alt(0, 0, 0x0e, 4),
            End(0x84, INTERRUPT, 10, 1, 1),
            Alt(1, 0, 0x0e, 0),
            End(0x81, BULK, 64, 1, 8),
            Alt(2, 0, 0x01, 7),
            Alt(3, 0, 0x01, 0),
            Alt(3, 1, 0x01, 2),
            End(0x82, ISOCHRONOUS, 100, 1, 1),
            Alt(4, 0, 0x01, 0),
            Alt(4, 1, 0x01, 2),
            End(0x03, ISOCHRONOUS, 100, 1, 1),
        ],
    },
    // Reported by lsusb.
    Sample {
        name: "television tuner, Realtek 0bda:2838",
        speed: Speed::High,
        device: &[
            0x12, 1, 0, 2, 0, 0, 0, 0x40, // device
            0xda, 0x0b, 0x38, 0x28, 0, 1, // vendor, product, release
            1, 2, 0, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x22, 0, 2, 1, 4, 0x80, 0xfa, // configuration
            9, 4, 0, 0, 1, 0xff, 0xff, 0xff, 5, // interface 0, altsetting 0
            7, 5, 0x81, 2, 0, 2, 0, // bulk IN
            9, 4, 1, 0, 0, 0xff, 0xff, 0xff, 5, // interface 1, altsetting 0
        ]],
        expected: &[
            Conf(1, 2, 500, 0),
            Alt(0, 0, 0xff, 0),
            End(0x81, BULK, 512, 1, 0),
            Alt(1, 0, 0xff, 0),
        ],
    },
    // Reported by lsusb.
    Sample {
        name: "display adapter, DisplayLink 17e9:0290",
        speed: Speed::High,
        device: &[
            0x12, 1, 0, 2, 0, 0, 0, 0x40, // device
            0xe9, 0x17, 0x90, 2, 1, 0, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x49, 0, 1, 1, 0, 0xc0, 0xfa, // configuration
            9, 4, 0, 0, 3, 0xff, 0, 0, 0, // interface 0, altsetting 0
            0x22, 0x5f, 1, 0, 0x20, 5, 0, 1, 3, 4, 2, 4, 0xff, 0x59, 0x62, 2, 0, 2, 4, 0,
            0xbd, //
            0x1f, 0, 1, 4, 1, 2, 0, 4, 4, 1, 0, 3, 0xd0, // of the vendor
            7, 5, 1, 2, 0, 2, 0, // bulk OUT
            7, 5, 0x82, 3, 8, 0, 4, // interrupt IN
            7, 5, 0x0a, 2, 0, 2, 0, // bulk OUT
        ]],
        expected: &[
            Conf(1, 1, 500, 0),
            Alt(0, 0, 0xff, 1),
            End(0x01, BULK, 512, 1, 0),
            End(0x82, INTERRUPT, 8, 1, 0),
            End(0x0a, BULK, 512, 1, 0),
        ],
    },
];
