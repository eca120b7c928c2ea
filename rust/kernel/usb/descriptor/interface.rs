// SPDX-License-Identifier: GPL-2.0

//! Interfaces, each one or more altsettings of the same number (USB 2.0, 9.6.5), and the
//! associations that make functions of them.

use super::{
    chosen::Chosen,
    problems::ProblemsAlone,
    view::view,
    Configuration,
    DescriptorType,
    Endpoint,
    Error,
    ErrorKind,
    Raw, //
};
use crate::prelude::kunit_tests;

view! {
    /// An altsetting of an interface, with the descriptors behind it that belong to it.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::AltSetting;
    ///
    /// // A mouse: the interface, its HID descriptor, an endpoint.
    /// let mouse = AltSetting::parse(&[
    ///     9, 4, 1, 0, 1, 3, 1, 2, 5, //
    ///     9, 0x21, 0x11, 0x01, 0, 1, 0x22, 52, 0, //
    ///     7, 5, 0x82, 3, 4, 0, 10, //
    /// ])?;
    /// assert_eq!((mouse.number(), mouse.setting()), (1, 0));
    /// assert_eq!((mouse.class(), mouse.subclass(), mouse.protocol()), (3, 1, 2));
    /// assert_eq!(mouse.declared_endpoints(), 1);
    /// assert_eq!(mouse.string(), 5);
    /// assert_eq!(mouse.extra().next().map(|raw| raw.offset()), Some(9));
    /// assert_eq!(mouse.endpoints().next().map(|endpoint| endpoint.address()), Some(0x82));
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_interface_descriptor")]
    #[doc(alias = "usb_host_interface")]
    pub struct AltSetting: INTERFACE, size 9 {
        /// The number of the interface.
        2 => number: u8, "bInterfaceNumber";
        /// Its own number among those of the interface.
        3 => setting: u8, "bAlternateSetting";
        /// How many endpoints it says it has. [`endpoints`](Self::endpoints) are those it has.
        4 => declared_endpoints: u8, "bNumEndpoints";
        /// Its class.
        5 => class: u8, "bInterfaceClass";
        /// The subclass in that class.
        6 => subclass: u8, "bInterfaceSubClass";
        /// The protocol in that subclass.
        7 => protocol: u8, "bInterfaceProtocol";
        /// The index of the string that describes it, 0 if there is none.
        8 => string: u8, "iInterface";
    }
}

impl<'a> AltSetting<'a> {
    /// Its endpoints, in the order of their descriptors.
    ///
    /// One that is too short is not among them, nor what is behind a wrong length; only
    /// [`check`](Self::check) tells.
    pub fn endpoints(&self) -> impl Iterator<Item = Endpoint<'a>> + Clone {
        self.until(
            |kind| kind == DescriptorType::INTERFACE,
            |raw| Endpoint::new(raw).ok(),
        )
    }

    /// The descriptors that a class or a vendor adds to it: those before the first endpoint.
    pub fn extra(&self) -> impl Iterator<Item = Raw<'a>> + Clone {
        self.until(
            |kind| matches!(kind, DescriptorType::INTERFACE | DescriptorType::ENDPOINT),
            |raw| {
                let kind = raw.descriptor_type();
                (kind != DescriptorType::INTERFACE_ASSOCIATION).then_some(raw)
            },
        )
    }

    /// Everything that is wrong with it and with what is behind it up to the next altsetting or
    /// interface: what [`Configuration::problems`] says of these, but for what takes the other
    /// interfaces to know.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::{AltSetting, ErrorKind};
    ///
    /// // A mouse whose endpoint has no interval: the endpoint is passed over.
    /// let mouse = AltSetting::parse(&[
    ///     9, 4, 0, 0, 1, 3, 1, 2, 0, //
    ///     9, 0x21, 0x11, 0x01, 0, 1, 0x22, 52, 0, //
    ///     6, 5, 0x82, 3, 4, 0, //
    /// ])?;
    /// assert_eq!(mouse.endpoints().count(), 0);
    /// let mut problems = mouse.problems().map(|error| (error.offset(), error.kind()));
    /// assert_eq!(problems.next(), Some((18, ErrorKind::TooShort)));
    /// assert_eq!(problems.next(), None);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn problems(&self) -> impl Iterator<Item = Error> + 'a {
        ProblemsAlone::new(*self)
    }

    /// Whether there is nothing wrong with it.
    ///
    /// # Errors
    ///
    /// The first of [`problems`](Self::problems).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::AltSetting;
    ///
    /// let whole = AltSetting::parse(&[9, 4, 0, 0, 1, 3, 1, 2, 0, 7, 5, 0x82, 3, 4, 0, 10])?;
    /// whole.check()?;
    /// let cut_off = AltSetting::parse(&[9, 4, 0, 0, 1, 3, 1, 2, 0, 7, 5, 0x82, 3, 4, 0])?;
    /// assert!(cut_off.check().is_err());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn check(&self) -> Result<(), Error> {
        self.problems().next().map_or(Ok(()), Err)
    }

    /// What is behind it, up to the next altsetting or interface.
    pub(super) fn body(&self) -> impl Iterator<Item = Raw<'a>> + Clone {
        self.until(|kind| kind == DescriptorType::INTERFACE, Some)
    }

    fn until<T>(
        &self,
        ends: fn(DescriptorType) -> bool,
        choose: fn(Raw<'a>) -> Option<T>,
    ) -> Chosen<'a, T> {
        Chosen::new(self.raw.following().well_formed(), ends, choose)
    }
}

/// An interface of a configuration: the altsettings of one number.
///
/// # Examples
///
/// ```
/// use kernel::usb::descriptor::Configuration;
///
/// let configuration = Configuration::parse(&[
///     9, 2, 27, 0, 1, 1, 0, 0x80, 50, //
///     9, 4, 0, 0, 0, 0xff, 0, 0, 0, //
///     9, 4, 0, 1, 0, 0xff, 0, 1, 0, //
/// ])?;
/// let interface = configuration.interface(0).ok_or(EINVAL)?;
/// assert_eq!(interface.number(), 0);
/// assert_eq!(interface.altsettings().count(), 2);
/// assert_eq!(interface.altsetting(1).map(|setting| setting.protocol()), Some(1));
/// assert!(interface.altsetting(2).is_none());
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interface<'a> {
    configuration: Configuration<'a>,
    number: u8,
}

impl<'a> Interface<'a> {
    pub(super) fn new(configuration: Configuration<'a>, number: u8) -> Self {
        Self {
            configuration,
            number,
        }
    }

    /// Its number.
    #[doc(alias = "bInterfaceNumber")]
    pub fn number(&self) -> u8 {
        self.number
    }

    /// Its altsettings, in the order of their descriptors.
    pub fn altsettings(&self) -> impl Iterator<Item = AltSetting<'a>> + Clone {
        let number = self.number;
        self.configuration
            .altsettings()
            .filter(move |setting| setting.number() == number)
    }

    /// The altsetting of that number, the first if there are several.
    #[doc(alias = "usb_altnum_to_altsetting")]
    pub fn altsetting(&self, setting: u8) -> Option<AltSetting<'a>> {
        self.altsettings().find(|found| found.setting() == setting)
    }
}

view! {
    /// A group of interfaces that are one function (interface association descriptor, an
    /// engineering change to USB 2.0; USB 3.2, 9.6.4).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::InterfaceAssociation;
    ///
    /// let modem = InterfaceAssociation::parse(&[8, 0x0b, 1, 2, 2, 2, 1, 4])?;
    /// assert_eq!((modem.first_interface(), modem.interface_count()), (1, 2));
    /// assert_eq!((modem.class(), modem.subclass(), modem.protocol()), (2, 2, 1));
    /// assert_eq!(modem.string(), 4);
    /// assert!([1, 2].iter().all(|number| modem.contains(*number)));
    /// assert!(!modem.contains(0) && !modem.contains(3));
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_interface_assoc_descriptor")]
    pub struct InterfaceAssociation: INTERFACE_ASSOCIATION, size 8 {
        /// The number of its first interface.
        2 => first_interface: u8, "bFirstInterface";
        /// How many interfaces it has, of consecutive numbers.
        3 => interface_count: u8, "bInterfaceCount";
        /// The class of the function.
        4 => class: u8, "bFunctionClass";
        /// The subclass in that class.
        5 => subclass: u8, "bFunctionSubClass";
        /// The protocol in that subclass.
        6 => protocol: u8, "bFunctionProtocol";
        /// The index of the string that describes the function, 0 if there is none.
        7 => string: u8, "iFunction";
    }
}

impl InterfaceAssociation<'_> {
    /// Whether the interface of that number is one of its.
    pub fn contains(&self, number: u8) -> bool {
        let distance = number.checked_sub(self.first_interface());
        distance.is_some_and(|distance| distance < self.interface_count())
    }
}

#[kunit_tests(rust_usb_descriptor_interface)]
mod tests {
    use super::{
        super::chosen::same,
        *, //
    };

    #[test]
    fn association_contains_its_range() -> Result<(), Error> {
        let cases = [
            (0, 0, 0, false),
            (0, 1, 0, true),
            (0, 1, 1, false),
            (2, 2, 1, false),
            (2, 2, 3, true),
            (2, 2, 4, false),
            (255, 1, 255, true),
            (1, 255, 255, true),
            (255, 255, 0, false),
        ];
        for (first, count, number, expected) in cases {
            let bytes = [8, 0x0b, first, count, 3, 0, 0, 0];
            let association = InterfaceAssociation::parse(&bytes)?;
            assert_eq!(association.contains(number), expected);
        }
        Ok(())
    }

    #[test]
    fn extra_ends_at_the_first_endpoint() -> Result<(), Error> {
        let setting = AltSetting::parse(&[
            9, 4, 0, 0, 2, 1, 3, 0, 0, // interface
            3, 0x24, 1, // of the class
            2, 0x41, // of a vendor
            7, 5, 0x81, 2, 0, 2, 0, // endpoint
            3, 0x25, 1, // of the class
            7, 5, 0x02, 2, 0, 2, 0, // endpoint
            9, 4, 0, 1, 1, 1, 3, 0, 0, // interface
            3, 0x24, 1, // of the class
            7, 5, 0x83, 2, 0, 2, 0, // endpoint
        ])?;
        assert!(same(setting.extra().map(|raw| raw.offset()), &[9, 12]));
        let addresses = setting.endpoints().map(|endpoint| endpoint.address());
        assert!(same(addresses, &[0x81, 0x02]));
        let extras = setting.endpoints().map(|endpoint| endpoint.extra().count());
        assert!(same(extras, &[1, 0]));
        Ok(())
    }
}
