// SPDX-License-Identifier: GPL-2.0
/*
 * The commands that drivers in Rust carry out for programs, as trace events and
 * as messages for dynamic debug.
 *
 * Both need a place in C: trace events because a driver in Rust could only reach
 * them by unsafe code, and messages because dynamic debug knows of none in Rust.
 */

#include <linux/atomic.h>
#include <linux/export.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/usb.h>
#include <linux/usb/rust_command.h>

#define CREATE_TRACE_POINTS
#include <trace/events/usb_rust.h>

/* The interface is called what the core has called it. */
#define command_dbg(command, fmt, ...)						\
	pr_debug("usb %d-%s:%u.%u, minor %d: command %u %s " fmt,		\
		 (command)->bus, (command)->path, (command)->configuration,	\
		 (command)->interface, (command)->minor, (command)->sequence,	\
		 (command)->name, ##__VA_ARGS__)

/**
 * usb_rust_command_start - tell that a driver starts to carry out a command
 * @command: to be filled in, for usb_rust_command_end()
 * @intf: the interface that it is for, which is bound to the driver
 * @name: what the command is called; a constant of the driver's
 *
 * Context: any.
 */
void usb_rust_command_start(struct usb_rust_command *command,
			    const struct usb_interface *intf, const char *name)
{
	static atomic_t sequence = ATOMIC_INIT(0);
	const struct usb_device *udev = to_usb_device(intf->dev.parent);

	command->name = name;
	command->sequence = atomic_inc_return_relaxed(&sequence);
	command->bus = udev->bus->busnum;
	command->device = udev->devnum;
	command->minor = READ_ONCE(intf->minor);
	command->configuration = udev->actconfig->desc.bConfigurationValue;
	command->interface = intf->cur_altsetting->desc.bInterfaceNumber;
	static_assert(sizeof(command->path) == sizeof(udev->devpath));
	memcpy(command->path, udev->devpath, sizeof(command->path));

	trace_usb_command_start(command);
	command_dbg(command, "starts\n");
}
EXPORT_SYMBOL_GPL(usb_rust_command_start);

/**
 * usb_rust_command_end - tell that a command has ended
 * @command: what usb_rust_command_start() has filled in
 * @result: a negative errno, or what the program got
 *
 * The device may be gone. Context: any.
 */
void usb_rust_command_end(const struct usb_rust_command *command, long result)
{
	trace_usb_command_end(command, result);
	command_dbg(command, "ends: %ld\n", result);
}
EXPORT_SYMBOL_GPL(usb_rust_command_end);
