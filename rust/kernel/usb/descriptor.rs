// SPDX-License-Identifier: GPL-2.0

//! Descriptors: what a device says of itself, as typed views of its bytes.
//!
//! C header: [`include/uapi/linux/usb/ch9.h`](srctree/include/uapi/linux/usb/ch9.h)
//!
//! Nothing here allocates, talks to the device or keeps more than a borrow of the bytes, so all of
//! it works in any context. No bytes make it panic, read outside of them, or go on without end:
//! every item of every iterator is at least two bytes further on.
//!
//! # Reading descriptors
//!
//! 1. A whole descriptor starts with `parse`: [`Device::parse`], [`Configuration::parse`],
//!    [`Bos::parse`], [`String::parse`].
//! 2. From a [`Configuration`] go on to [`interfaces`](Configuration::interfaces), their
//!    [`altsettings`](Interface::altsettings), the [`endpoints`](AltSetting::endpoints) of these,
//!    and what adds to an endpoint, such as [`Endpoint::superspeed_companion`].
//! 3. What a class or a vendor added is [`AltSetting::extra`], [`Endpoint::extra`] or
//!    [`Configuration::extra`]: [`Raw`] descriptors, to be made a view by its `new`, such as
//!    [`Hid::new`]. [`CdcFunction::new`] reads all those of a communication interface.
//!
//! # Malformed descriptors
//!
//! There are many devices that are not perfect, and that work, because the USB core passes over
//! what it cannot read. So do iterators and accessors here, to not break with a driver in Rust
//! what works with one in C. Each has a strict one beside it, for drivers that must know:
//!
//! | what is passed over, or put right | where it is an error |
//! | --- | --- |
//! | what is behind a wrong length | [`Descriptors`], [`Configuration::check`], [`AltSetting::check`], [`Bos::check`] |
//! | an interface, endpoint, association or capability that is too short | the same, and `new` of its view |
//! | endpoints, interfaces or capabilities other than declared, values that are reserved, stray companions | the same |
//! | the length of a configuration or store that is more than there is | [`Configuration::check`], [`Bos::check`] |
//! | of communication: what is too short, a second union | [`CdcFunction::checked`], [`Configuration::check`], [`AltSetting::check`] |
//! | entries of a HID descriptor that are not there | [`Hid::check`], [`Configuration::check`], [`AltSetting::check`] |
//! | half a character of a string | [`String::check`] |
//!
//! [`Configuration::problems`] and [`AltSetting::problems`] are all errors instead of the first.
//!
//! # Examples
//!
//! ```
//! use kernel::usb::{descriptor::Configuration, TransferKind};
//!
//! // A memory stick.
//! let configuration = Configuration::parse(&[
//!     9, 2, 32, 0, 1, 1, 0, 0x80, 50, //
//!     9, 4, 0, 0, 2, 8, 6, 0x50, 0, //
//!     7, 5, 0x81, 2, 0x00, 0x02, 0, //
//!     7, 5, 0x02, 2, 0x00, 0x02, 0,
//! ])?;
//! configuration.check()?;
//!
//! let mut settings = configuration.altsettings();
//! let storage = settings.find(|setting| setting.class() == 8).ok_or(ENODEV)?;
//! let mut bulk = storage.endpoints().filter(|endpoint| endpoint.kind() == TransferKind::Bulk);
//! let input = bulk.find(|endpoint| endpoint.is_in()).ok_or(ENODEV)?;
//! assert_eq!((input.number(), input.max_packet()), (1, 512));
//! # Ok::<(), Error>(())
//! ```

mod bos;
mod cdc;
mod chosen;
mod class;
mod companion;
mod configuration;
mod device;
mod endpoint;
mod error;
pub(super) mod fields;
mod functional;
mod interface;
mod numbers;
mod problems;
mod raw;
mod rules;
mod string;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;
mod view;

pub use self::{
    bos::{
        Bos,
        Capability,
        Container,
        DeviceCapability,
        Platform,
        SublinkSpeed,
        SuperSpeedCapability,
        SuperSpeedPlusCapability,
        Usb2Extension, //
    },
    cdc::{
        CdcAcm,
        CdcCallManagement,
        CdcCountry,
        CdcDmm,
        CdcEthernet,
        CdcFunction,
        CdcHeader,
        CdcMbim,
        CdcMbimExtended,
        CdcMdlm,
        CdcMdlmDetail,
        CdcNcm,
        CdcNetworkTerminal,
        CdcObex,
        CdcUnion, //
    },
    class::{
        ClassSpecific,
        DfuFunctional,
        Hid,
        HidDescriptor, //
    },
    companion::{
        Eusb2Companion,
        PipeUsage,
        SuperSpeedCompanion,
        SuperSpeedPlusCompanion,
        UasPipe, //
    },
    configuration::Configuration,
    device::{
        Device,
        DeviceQualifier, //
    },
    endpoint::{
        Endpoint,
        Synchronization,
        Usage, //
    },
    error::{
        Error,
        ErrorKind, //
    },
    interface::{
        AltSetting,
        Interface,
        InterfaceAssociation, //
    },
    raw::{
        DescriptorType,
        Descriptors,
        Raw, //
    },
    string::{
        decode_string,
        String,
        MAX_STRING_UNITS, //
    },
};
