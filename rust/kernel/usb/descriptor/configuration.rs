// SPDX-License-Identifier: GPL-2.0

//! A configuration: everything that a device offers at a time (USB 2.0, 9.6.3).

use super::{
    chosen::Chosen,
    numbers::Numbers,
    problems::Problems,
    view::view,
    AltSetting,
    DescriptorType,
    Descriptors,
    Error,
    ErrorKind,
    Interface,
    InterfaceAssociation,
    Raw, //
};
use crate::{
    prelude::kunit_tests,
    usb::Speed, //
};

view! {
    /// A configuration, with all the descriptors that came with it: as many as
    /// `wTotalLength` says, or as there are if that is less.
    ///
    /// Everything but [`descriptors`](Self::descriptors) and [`problems`](Self::problems) passes
    /// over what is malformed, as the USB core does, and ends where a length is wrong. A driver
    /// that wants none of that calls [`check`](Self::check) first.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::{descriptor::Configuration, Speed};
    ///
    /// let configuration = Configuration::parse(&[
    ///     9, 2, 41, 0, 1, 1, 6, 0xe0, 50, //
    ///     9, 4, 0, 0, 1, 0xff, 0, 0, 0, //
    ///     7, 5, 0x81, 2, 0x00, 0x02, 0, //
    ///     9, 4, 0, 1, 0, 0xff, 0, 0, 0, //
    ///     7, 0x24, 1, 2, 3, 4, 5,
    /// ])?;
    /// configuration.check()?;
    /// assert_eq!(configuration.total_length(), 41);
    /// assert_eq!((configuration.declared_interfaces(), configuration.value()), (1, 1));
    /// assert_eq!(configuration.string(), 6);
    /// assert!(configuration.is_self_powered() && configuration.has_remote_wakeup());
    /// assert_eq!(configuration.max_power_ma(Speed::High), 100);
    /// assert_eq!(configuration.max_power_ma(Speed::Super), 400);
    /// assert_eq!((configuration.attributes(), configuration.max_power_raw()), (0xe0, 50));
    ///
    /// assert_eq!(configuration.descriptors().count(), 4);
    /// assert_eq!(configuration.interfaces().count(), 1);
    /// assert_eq!(configuration.altsettings().count(), 2);
    /// assert_eq!(configuration.extra().count(), 0);
    /// assert!(configuration.associations().next().is_none());
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_config_descriptor")]
    #[doc(alias = "usb_host_config")]
    pub struct Configuration: CONFIGURATION | OTHER_SPEED_CONFIGURATION, size 9 {
        /// How many bytes it says it has with everything that belongs to it.
        2 => total_length: u16, "wTotalLength";
        /// How many interfaces it says it has. [`interfaces`](Self::interfaces) are those it has.
        4 => declared_interfaces: u8, "bNumInterfaces";
        /// Its number, by which it is chosen; not 0.
        5 => value: u8, "bConfigurationValue";
        /// The index of the string that describes it, 0 if there is none.
        6 => string: u8, "iConfiguration";
        /// Bits that [`is_self_powered`](Self::is_self_powered) and
        /// [`has_remote_wakeup`](Self::has_remote_wakeup) are of.
        7 => attributes: u8, "bmAttributes";
        /// The field that [`max_power_ma`](Self::max_power_ma) gives a unit.
        8 => max_power_raw: u8, "bMaxPower";
    }
}

impl<'a> Configuration<'a> {
    /// Whether it has a power supply of its own.
    #[doc(alias = "USB_CONFIG_ATT_SELFPOWER")]
    pub fn is_self_powered(&self) -> bool {
        self.attributes() & 0x40 != 0
    }

    /// Whether it can wake the host.
    #[doc(alias = "USB_CONFIG_ATT_WAKEUP")]
    pub fn has_remote_wakeup(&self) -> bool {
        self.attributes() & 0x20 != 0
    }

    /// The most it draws from the bus, in milliamperes: the field counts 2 mA (USB 2.0, table
    /// 9-10), at SuperSpeed 8 mA (USB 3.2, 9.6.3).
    #[doc(alias = "bMaxPower")]
    pub fn max_power_ma(&self, speed: Speed) -> u16 {
        let unit_ma = match speed {
            Speed::Super | Speed::SuperPlus => 8,
            _ => 2,
        };
        u16::from(self.max_power_raw()) * unit_ma
    }

    /// Every descriptor behind its own, of whatever type.
    pub fn descriptors(&self) -> Descriptors<'a> {
        self.raw.following_within(self.total_length().into())
    }

    /// What `choose` makes of all descriptors.
    fn all<T>(&self, choose: fn(Raw<'a>) -> Option<T>) -> Chosen<'a, T> {
        Chosen::new(self.descriptors().well_formed(), |_| false, choose)
    }

    /// The descriptors that a class or a vendor adds to it: those before the first interface.
    pub fn extra(&self) -> impl Iterator<Item = Raw<'a>> + Clone {
        Chosen::new(
            self.descriptors().well_formed(),
            |kind| kind == DescriptorType::INTERFACE,
            |raw| {
                let kind = raw.descriptor_type();
                (kind != DescriptorType::INTERFACE_ASSOCIATION).then_some(raw)
            },
        )
    }

    /// Its functions of several interfaces.
    #[doc(alias = "intf_assoc")]
    pub fn associations(&self) -> impl Iterator<Item = InterfaceAssociation<'a>> + Clone {
        self.all(|raw| InterfaceAssociation::new(raw).ok())
    }

    /// The function that the interface of that number is part of, the first if there are several.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::Configuration;
    ///
    /// let configuration = Configuration::parse(&[
    ///     9, 2, 26, 0, 1, 1, 0, 0x80, 50, //
    ///     8, 0x0b, 0, 1, 0x0e, 3, 0, 7, //
    ///     9, 4, 0, 0, 0, 0x0e, 1, 0, 0,
    /// ])?;
    /// let function = configuration.association_of(0);
    /// assert_eq!(function.map(|function| function.string()), Some(7));
    /// assert!(configuration.association_of(1).is_none());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn association_of(&self, number: u8) -> Option<InterfaceAssociation<'a>> {
        self.associations().find(|found| found.contains(number))
    }

    /// The altsettings of all interfaces, in the order of their descriptors.
    pub fn altsettings(&self) -> impl Iterator<Item = AltSetting<'a>> + Clone {
        self.all(|raw| AltSetting::new(raw).ok())
    }

    /// Its interfaces, in the order of their first altsettings.
    pub fn interfaces(&self) -> impl Iterator<Item = Interface<'a>> + Clone {
        Interfaces {
            configuration: *self,
            altsettings: self.all(|raw| AltSetting::new(raw).ok()),
            seen: Numbers::default(),
        }
    }

    /// The interface of that number.
    #[doc(alias = "usb_ifnum_to_if")]
    pub fn interface(&self, number: u8) -> Option<Interface<'a>> {
        self.interfaces().find(|found| found.number() == number)
    }

    /// Everything that is wrong with it, at most one thing of each descriptor, in their order.
    ///
    /// What only a speed makes wrong is not among it, and of what classes add only what has a view
    /// here: [`Hid`](super::Hid), [`CdcFunction`](super::CdcFunction) and its parts,
    /// [`DfuFunctional`](super::DfuFunctional), [`PipeUsage`](super::PipeUsage), and for audio and
    /// video that there is a subtype. The time this takes grows with the
    /// square of the number of altsettings, of which only the first 4096 are looked at closely.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::{Configuration, ErrorKind};
    ///
    /// let configuration = Configuration::parse(&[
    ///     9, 2, 34, 0, 1, 1, 0, 0x80, 50, //
    ///     9, 4, 0, 0, 1, 0xff, 0, 0, 0, //
    ///     7, 5, 0x81, 2, 0x00, 0x02, 0, //
    ///     7, 5, 0x81, 2, 0x00, 0x02, 0, //
    ///     2, 0xff,
    /// ])?;
    /// let mut problems = configuration.problems().map(|error| (error.offset(), error.kind()));
    /// assert_eq!(problems.next(), Some((9, ErrorKind::EndpointCount)));
    /// assert_eq!(problems.next(), Some((25, ErrorKind::DuplicateEndpoint)));
    /// assert_eq!(problems.next(), None);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn problems(&self) -> impl Iterator<Item = Error> + 'a {
        let mut problems = Problems::new(*self);
        problems
            .of_configuration()
            .into_iter()
            .chain(self.descriptors().filter_map(move |item| problems.of(item)))
    }

    /// Whether there is nothing wrong with it.
    ///
    /// # Errors
    ///
    /// The first of [`problems`](Self::problems).
    pub fn check(&self) -> Result<(), Error> {
        self.problems().next().map_or(Ok(()), Err)
    }
}

/// The interfaces of a configuration, each when its first altsetting is found.
#[derive(Clone)]
struct Interfaces<'a> {
    configuration: Configuration<'a>,
    altsettings: Chosen<'a, AltSetting<'a>>,
    seen: Numbers,
}

impl<'a> Iterator for Interfaces<'a> {
    type Item = Interface<'a>;

    fn next(&mut self) -> Option<Interface<'a>> {
        let seen = &mut self.seen;
        let first = self.altsettings.find(|found| seen.insert(found.number()))?;
        Some(Interface::new(self.configuration, first.number()))
    }
}

#[kunit_tests(rust_usb_descriptor_configuration)]
mod tests {
    use super::{
        super::chosen::same,
        *, //
    };

    #[test]
    fn power_has_a_unit_by_speed() -> Result<(), Error> {
        let cases = [
            (0, Speed::Full, 0),
            (1, Speed::Low, 2),
            (250, Speed::High, 500),
            (255, Speed::Unknown, 510),
            (1, Speed::Super, 8),
            (255, Speed::SuperPlus, 2040),
        ];
        for (field, speed, power_ma) in cases {
            let bytes = [9, 2, 9, 0, 0, 1, 0, 0x80, field];
            let configuration = Configuration::parse(&bytes)?;
            assert_eq!(configuration.max_power_ma(speed), power_ma);
        }
        Ok(())
    }

    #[test]
    fn attributes_are_single_bits() -> Result<(), Error> {
        for (attributes, self_powered, wakeup) in [
            (0x80, false, false),
            (0xc0, true, false),
            (0xa0, false, true),
            (0x1f, false, false),
        ] {
            let bytes = [9, 2, 9, 0, 0, 1, 0, attributes, 50];
            let configuration = Configuration::parse(&bytes)?;
            assert_eq!(configuration.is_self_powered(), self_powered);
            assert_eq!(configuration.has_remote_wakeup(), wakeup);
        }
        Ok(())
    }

    /// Interfaces 2, 0 and 2 again, which an association and two class-specific ones are among.
    const SCATTERED: &[u8] = &[
        9, 2, 55, 0, 2, 1, 0, 0x80, 50, // configuration
        3, 0x22, 7, // of the configuration
        8, 0x0b, 2, 1, 3, 0, 0, 0, // association
        9, 4, 2, 0, 0, 3, 0, 0, 0, // interface
        9, 4, 0, 0, 0, 3, 0, 0, 0, // another one
        8, 0x0b, 0, 1, 3, 0, 0, 0, // association
        9, 4, 2, 1, 0, 3, 0, 0, 0, // the first one's other altsetting
        9, 4, 7, 0, 0, 3, 0, 0, 0, // behind the total
    ];

    #[test]
    fn altsettings_are_grouped_by_number() -> Result<(), Error> {
        let configuration = Configuration::parse(SCATTERED)?;
        let numbers = configuration.interfaces().map(|found| found.number());
        assert!(same(numbers, &[2, 0]));
        let interface = configuration.interface(2);
        let settings = interface.map(|interface| interface.altsettings().count());
        assert_eq!(settings, Some(2));
        assert!(configuration.interface(7).is_none());
        Ok(())
    }

    #[test]
    fn associations_are_no_extra() -> Result<(), Error> {
        let configuration = Configuration::parse(SCATTERED)?;
        let extra = configuration.extra().map(|raw| raw.offset());
        assert!(same(extra, &[9]));
        assert_eq!(configuration.associations().count(), 2);
        for setting in configuration.altsettings() {
            assert!(setting.extra().next().is_none());
        }
        let class = |number| {
            configuration
                .association_of(number)
                .map(|found| found.class())
        };
        assert_eq!((class(2), class(0), class(1)), (Some(3), Some(3), None));
        Ok(())
    }

    #[test]
    fn malformed_ones_are_passed_over() -> Result<(), Error> {
        let configuration = Configuration::parse(&[
            9, 2, 68, 0, 1, 1, 0, 0x80, 50, // configuration
            9, 4, 0, 0, 2, 0xff, 0, 0, 0, // interface
            6, 5, 0x81, 2, 0, 2, // endpoint without an interval
            7, 5, 0x82, 2, 0, 2, 0, // endpoint
            8, 4, 0, 1, 1, 0xff, 0, 0, // interface without a string
            7, 5, 0x83, 2, 0, 2, 0, // its endpoint
            9, 4, 0, 2, 1, 0xff, 0, 0, 0, // interface
            7, 5, 0x84, 2, 0, 2, 0, // endpoint
            0, 0, 9, 4, 0, 3, // nothing behind this can be found
        ])?;
        let mut addresses = [0x82, 0x84].into_iter();
        for setting in configuration.altsettings() {
            for endpoint in setting.endpoints() {
                assert_eq!(Some(endpoint.address()), addresses.next());
            }
        }
        assert!(addresses.next().is_none());
        let settings = configuration.altsettings().map(|setting| setting.setting());
        assert!(same(settings, &[0, 2]));
        Ok(())
    }
}
