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
//! 4. Malformed descriptors are passed over, as by the USB core, which has devices work that are
//!    not perfect. A driver that must not accept such calls [`Configuration::check`], or looks at
//!    [`Configuration::problems`].
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
mod interface;
mod numbers;
mod problems;
mod raw;
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
