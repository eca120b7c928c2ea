/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The commands that USB drivers in Rust carry out for programs.
 */

#undef TRACE_SYSTEM
#define TRACE_SYSTEM usb_rust

#if !defined(_TRACE_USB_RUST_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_USB_RUST_H

#include <linux/tracepoint.h>
#include <linux/usb/rust_command.h>

TRACE_EVENT(usb_command_start,
	TP_PROTO(const struct usb_rust_command *command),
	TP_ARGS(command),
	TP_STRUCT__entry(
		__field(int, bus)
		__field(int, device)
		__field(u8, interface)
		__field(int, minor)
		__field(u32, sequence)
		__string(name, command->name)
	),
	TP_fast_assign(
		__entry->bus = command->bus;
		__entry->device = command->device;
		__entry->interface = command->interface;
		__entry->minor = command->minor;
		__entry->sequence = command->sequence;
		__assign_str(name);
	),
	TP_printk("bus=%d device=%d interface=%u minor=%d sequence=%u name=%s",
		  __entry->bus, __entry->device, __entry->interface,
		  __entry->minor, __entry->sequence, __get_str(name))
);

TRACE_EVENT(usb_command_end,
	TP_PROTO(const struct usb_rust_command *command, long result),
	TP_ARGS(command, result),
	TP_STRUCT__entry(
		__field(int, bus)
		__field(int, device)
		__field(u8, interface)
		__field(int, minor)
		__field(u32, sequence)
		__field(long, result)
		__string(name, command->name)
	),
	TP_fast_assign(
		__entry->bus = command->bus;
		__entry->device = command->device;
		__entry->interface = command->interface;
		__entry->minor = command->minor;
		__entry->sequence = command->sequence;
		__entry->result = result;
		__assign_str(name);
	),
	TP_printk("bus=%d device=%d interface=%u minor=%d sequence=%u name=%s result=%ld",
		  __entry->bus, __entry->device, __entry->interface,
		  __entry->minor, __entry->sequence, __get_str(name),
		  __entry->result)
);

#endif /* _TRACE_USB_RUST_H */

/* This part must be outside protection */
#include <trace/define_trace.h>
