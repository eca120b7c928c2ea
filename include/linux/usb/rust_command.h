/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What USB drivers in Rust tell of the commands that they carry out for
 * programs: trace events, and messages for dynamic debug.
 */

#ifndef __LINUX_USB_RUST_COMMAND_H
#define __LINUX_USB_RUST_COMMAND_H

#include <linux/types.h>

struct usb_interface;

/**
 * struct usb_rust_command - a command that has started
 * @name: what it is called, for ever
 * @sequence: counts the commands of all drivers; wraps
 * @bus: number of the device's bus
 * @device: address of the device on it
 * @minor: minor number of the node of the interface, or negative
 * @configuration: bConfigurationValue of the device
 * @interface: bInterfaceNumber
 * @path: the device's place on the bus, as in its name
 *
 * A copy, since commands may end when the device is gone.
 */
struct usb_rust_command {
	const char *name;
	u32 sequence;
	int bus;
	int device;
	int minor;
	u8 configuration;
	u8 interface;
	char path[16];
};

void usb_rust_command_start(struct usb_rust_command *command,
			    const struct usb_interface *intf, const char *name);
void usb_rust_command_end(const struct usb_rust_command *command, long result);

#endif /* __LINUX_USB_RUST_COMMAND_H */
