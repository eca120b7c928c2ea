// SPDX-License-Identifier: GPL-2.0

//! How a table of a specification becomes a type.
//!
//! [`view!`] takes the fields as the specifications list them: offset, name, width. The bytes are
//! an array as long as the shortest descriptor of the type, so an offset that is too large does
//! not compile.

use crate::prelude::kunit_tests;

/// Declares a view of a descriptor: its constructors, and an accessor for each field.
///
/// `TYPE | TYPE` are the [`DescriptorType`](super::DescriptorType)s it can have; `subtype` is the
/// third byte of class-specific ones; `size` is how many bytes it has at least.
macro_rules! view {
    (
        $(#[$meta:meta])*
        pub struct $view:ident: $($type:ident)|+ $(, subtype $subtype:literal)?, size $size:literal {
            $($(#[$field_meta:meta])* $at:literal => $field:ident: $width:ident, $alias:literal;)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $view<'a> {
            #[allow(dead_code, reason = "a view without fields of fixed size does not read it")]
            fixed: &'a [u8; $size],
            raw: Raw<'a>,
        }

        impl<'a> $view<'a> {
            /// Views `raw` as one.
            ///
            /// # Errors
            ///
            /// - [`ErrorKind::WrongType`] if it is of another type or subtype.
            /// - [`ErrorKind::TooShort`] if it has fewer bytes than one must have.
            pub fn new(raw: Raw<'a>) -> Result<Self, Error> {
                let known = [$(DescriptorType::$type),+].contains(&raw.descriptor_type());
                $(let known = known && raw.bytes().get(2) == Some(&$subtype);)?
                if !known {
                    return Err(raw.error(ErrorKind::WrongType));
                }
                let fixed = raw.fixed()?;
                Ok(Self { fixed, raw })
            }

            /// Views the first descriptor in `bytes` as one.
            ///
            /// # Errors
            ///
            /// Those of [`Raw::first`] and of [`new`](Self::new).
            pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
                Raw::first(bytes).and_then(Self::new)
            }

            /// The descriptor as bytes.
            pub fn raw(&self) -> Raw<'a> {
                self.raw
            }

            $(
                $(#[$field_meta])*
                #[doc(alias = $alias)]
                pub fn $field(&self) -> $width {
                    view!(@get $width, self.fixed, $at)
                }
            )*
        }
    };
    (@get u8, $bytes:expr, $at:literal) => {
        $bytes[$at]
    };
    (@get u16, $bytes:expr, $at:literal) => {
        u16::from_le_bytes([$bytes[$at], $bytes[$at + 1]])
    };
    (@get u32, $bytes:expr, $at:literal) => {
        u32::from_le_bytes([$bytes[$at], $bytes[$at + 1], $bytes[$at + 2], $bytes[$at + 3]])
    };
}

pub(super) use view;

#[kunit_tests(rust_usb_descriptor_view)]
mod tests {
    use super::super::{
        CdcAcm,
        Configuration,
        Container,
        ErrorKind, //
    };

    #[test]
    fn type_is_checked() {
        for descriptor_type in 0..=0xff_u8 {
            let bytes = [9, descriptor_type, 9, 0, 0, 1, 0, 0x80, 0];
            let expected = match descriptor_type {
                2 | 7 => Ok(1),
                _ => Err(ErrorKind::WrongType),
            };
            let value = Configuration::parse(&bytes).map(|found| found.value());
            assert_eq!(value.map_err(|error| error.kind()), expected);
        }
    }

    #[test]
    fn subtype_is_checked() {
        for subtype in 0..=0xff_u8 {
            let bytes = [4, 0x24, subtype, 6];
            let expected = if subtype == 2 {
                Ok(6)
            } else {
                Err(ErrorKind::WrongType)
            };
            let acm = CdcAcm::parse(&bytes).map(|acm| acm.capabilities());
            assert_eq!(acm.map_err(|error| error.kind()), expected);
        }
        let platform = [
            20, 0x10, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        ];
        let container = Container::parse(&platform).map_err(|error| error.kind());
        assert_eq!(container.err(), Some(ErrorKind::WrongType));
    }

    #[test]
    fn length_is_checked_after_the_type() {
        let kind = |bytes| CdcAcm::parse(bytes).err().map(|error| error.kind());
        assert_eq!(kind(&[2, 0x24]), Some(ErrorKind::WrongType));
        assert_eq!(kind(&[3, 0x24, 2]), Some(ErrorKind::TooShort));
        assert_eq!(kind(&[4, 0x25, 2, 6]), Some(ErrorKind::WrongType));
        assert_eq!(kind(&[5, 0x24, 2, 6, 0]), None);
    }
}
