// SPDX-License-Identifier: GPL-2.0

//! What a program asks for: the argument of the ioctl, in both of its layouts.
//!
//! There is no header for it; `tools/usb/testusb.c` and the C driver have a copy each.

use kernel::{
    ioctl,
    prelude::*,
    time::Delta, //
};

/// The most transfers that a case keeps in flight at once.
pub(crate) const MAX_DEPTH: u32 = 128;

/// Whose `struct usbtest_param` it is. They differ in what comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// The time is two 32-bit numbers, from byte 20 on.
    Narrow,
    /// The time is two 64-bit numbers, from byte 24 on: the `struct timeval` of a 64-bit program.
    Wide,
}

/// Where the numbers are that a program passes, each of 4 bytes.
const INPUTS: usize = 5;

impl Layout {
    const fn size(self) -> usize {
        match self {
            Self::Narrow => 28,
            Self::Wide => 40,
        }
    }

    const fn command(self) -> u32 {
        // CAST: An ASCII letter.
        const TYPE: u32 = 'U' as u32;
        const NUMBER: u32 = 100;
        match self {
            Self::Narrow => ioctl::_IOWR::<[u8; Self::Narrow.size()]>(TYPE, NUMBER),
            Self::Wide => ioctl::_IOWR::<[u8; Self::Wide.size()]>(TYPE, NUMBER),
        }
    }

    /// The layout of a command's argument; [`None`] for other commands.
    pub(crate) fn of(command: u32) -> Option<Self> {
        [Self::Narrow, Self::Wide]
            .into_iter()
            .find(|layout| layout.command() == command)
    }

    /// Reads what a program asks for.
    pub(crate) fn parse(self, bytes: &[u8]) -> Result<Request> {
        let bytes = bytes.get(..self.size()).ok_or(EINVAL)?;
        let mut numbers = [0; INPUTS];
        for (number, four) in numbers.iter_mut().zip(bytes.chunks_exact(4)) {
            *number = u32::from_ne_bytes(four.try_into().map_err(|_| EINVAL)?);
        }
        let [case, iterations, length, vary, depth] = numbers;
        Ok(Request {
            case,
            iterations,
            length,
            vary,
            depth,
        })
    }

    /// Writes how long it took.
    pub(crate) fn report(self, bytes: &mut [u8], time: Delta) -> Result {
        // In 32 bits, since not every kernel can divide more.
        let millis = u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
        let nanos = time.rem_nanos(1_000_000_000).as_nanos();
        // CAST: Less than 10^9.
        let numbers = [millis / 1000, nanos as u32 / 1000];
        let (start, width) = match self {
            Self::Narrow => (20, 4),
            Self::Wide => (24, 8),
        };
        let place = bytes.get_mut(start..self.size()).ok_or(EINVAL)?;
        for (number, place) in numbers.iter().zip(place.chunks_exact_mut(width)) {
            match self {
                Self::Narrow => place.copy_from_slice(&number.to_ne_bytes()),
                Self::Wide => place.copy_from_slice(&u64::from(*number).to_ne_bytes()),
            }
        }
        Ok(())
    }
}

/// What a program asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// Which case.
    pub(crate) case: u32,
    /// How often.
    pub(crate) iterations: u32,
    /// Bytes of a transfer.
    pub(crate) length: u32,
    /// By how much lengths grow from one transfer to the next, in bytes.
    pub(crate) vary: u32,
    /// Transfers in flight, or pieces of a list.
    pub(crate) depth: u32,
}

impl Request {
    /// Refuses what no case does.
    ///
    /// # Errors
    ///
    /// `EINVAL`: nothing is to be done, or too much at once.
    pub(crate) fn check(&self) -> Result {
        match self.iterations == 0 || self.depth > MAX_DEPTH {
            true => Err(EINVAL),
            false => Ok(()),
        }
    }

    /// Bytes of a transfer, as a size.
    pub(crate) fn size(&self) -> usize {
        // CAST: No kernel has fewer than 32 bits.
        self.length as usize
    }

    /// Transfers in flight, as a count.
    pub(crate) fn width(&self) -> usize {
        // CAST: As above.
        self.depth as usize
    }

    /// How many transfers `depth` times `iterations` are; [`None`] for more than a `u32` counts.
    pub(crate) fn transfers(&self) -> Option<u32> {
        self.iterations.checked_mul(self.depth)
    }

    /// The length that follows on `length` where lengths vary: it grows, and begins anew at the
    /// end; it is never 0.
    pub(crate) fn length_after(&self, length: usize) -> Result<usize> {
        let (max, vary) = (self.length.into(), u64::from(self.vary));
        // CAST: From `usize`, which has at most 64 bits.
        let sum = (length as u64).checked_add(vary).ok_or(EINVAL)?;
        let next = match sum.checked_rem(max).ok_or(EINVAL)? {
            0 => vary.min(max),
            next => next,
        };
        Ok(usize::try_from(next)?)
    }
}

#[kunit_tests(rust_usbtest_request)]
mod tests {
    use super::*;

    /// As `testusb` has them on x86-64.
    const WIDE: u32 = 0xc028_5564;
    const NARROW: u32 = 0xc01c_5564;

    fn bytes() -> [u8; 40] {
        let mut bytes = [0xee; 40];
        for (number, place) in (1u32..).zip(bytes[..20].chunks_exact_mut(4)) {
            place.copy_from_slice(&number.to_ne_bytes());
        }
        bytes
    }

    #[test]
    fn commands_are_those_of_testusb() {
        assert_eq!(Layout::of(WIDE), Some(Layout::Wide));
        assert_eq!(Layout::of(NARROW), Some(Layout::Narrow));
        for other in [0, WIDE + 1, NARROW - 1, WIDE ^ 1 << 16, WIDE ^ 1 << 31] {
            assert_eq!(Layout::of(other), None);
        }
    }

    #[test]
    fn inputs_are_in_their_order() -> Result {
        let expected = Request {
            case: 1,
            iterations: 2,
            length: 3,
            vary: 4,
            depth: 5,
        };
        assert_eq!(Layout::Wide.parse(&bytes())?, expected);
        assert_eq!(Layout::Narrow.parse(&bytes()[..28])?, expected);
        assert_eq!(Layout::Wide.parse(&bytes()[..39]), Err(EINVAL));
        assert_eq!(Layout::Narrow.parse(&bytes()[..27]), Err(EINVAL));
        Ok(())
    }

    #[test]
    fn time_is_written_behind_the_inputs() -> Result {
        let time = Delta::from_micros(3_000_007);
        let mut wide = bytes();
        Layout::Wide.report(&mut wide, time)?;
        assert_eq!(wide[..24], bytes()[..24]);
        assert_eq!(wide[24..32], 3i64.to_ne_bytes());
        assert_eq!(wide[32..], 7i64.to_ne_bytes());
        let mut narrow = bytes();
        Layout::Narrow.report(&mut narrow, time)?;
        assert_eq!(narrow[20..24], 3i32.to_ne_bytes());
        assert_eq!(narrow[24..28], 7i32.to_ne_bytes());
        assert_eq!(narrow[28..], bytes()[28..]);
        assert_eq!(Layout::Wide.report(&mut wide[..39], time), Err(EINVAL));
        Ok(())
    }

    #[test]
    fn limits_are_checked() -> Result {
        let good = Layout::Wide.parse(&bytes())?;
        for (iterations, depth, result) in [
            (1, 0, Ok(())),
            (u32::MAX, 128, Ok(())),
            (0, 1, Err(EINVAL)),
            (1, 129, Err(EINVAL)),
        ] {
            let request = Request {
                iterations,
                depth,
                ..good
            };
            assert_eq!(request.check(), result);
        }
        Ok(())
    }

    #[test]
    fn lengths_grow_and_begin_anew() -> Result {
        let good = Layout::Wide.parse(&bytes())?;
        for (length, max, vary, next) in [
            (1024, 1024, 512, Ok(512)),
            (512, 1024, 512, Ok(512)),
            (1024, 1024, 1024, Ok(1024)),
            (1024, 1024, 2048, Ok(1024)),
            (1024, 1024, 421, Ok(421)),
            (842, 1024, 421, Ok(239)),
            (1, 1, 1, Ok(1)),
            (u32::MAX as usize, u32::MAX, u32::MAX, Ok(u32::MAX as usize)),
            (0, 0, 1, Err(EINVAL)),
        ] {
            let request = Request {
                length: max,
                vary,
                ..good
            };
            assert_eq!(request.length_after(length), next);
        }
        Ok(())
    }
}
