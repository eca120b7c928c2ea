/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * usbpipe: user space interface of /dev/usbpipeN
 *
 * Each node is one bound USB interface. read() and write() move bytes through
 * the interface's first bulk IN and first bulk OUT endpoint; the ioctls below
 * describe the device and carry control requests.
 *
 * All structures have the same layout for 32-bit and 64-bit programs. Reserved
 * fields must be zero when they are passed in and are zero when they come out.
 * Numbers are in host byte order.
 *
 * See Documentation/usb/usbpipe.rst.
 */
#ifndef _UAPI_LINUX_USB_USBPIPE_H
#define _UAPI_LINUX_USB_USBPIPE_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* An interface has at most 30 endpoints: 15 IN and 15 OUT (USB 2.0, 9.6.6). */
#define USBPIPE_MAX_ENDPOINTS		30

/* Largest data stage of USBPIPE_IOC_CONTROL, in bytes. */
#define USBPIPE_CONTROL_MAX_LENGTH	4096

/* Longest timeout of USBPIPE_IOC_CONTROL, in milliseconds. */
#define USBPIPE_CONTROL_MAX_TIMEOUT	60000

/* usbpipe_info.speed: signalling rate of the connection. */
enum usbpipe_speed {
	USBPIPE_SPEED_UNKNOWN = 0,
	USBPIPE_SPEED_LOW = 1,			/* 1.5 Mbit/s */
	USBPIPE_SPEED_FULL = 2,			/* 12 Mbit/s */
	USBPIPE_SPEED_HIGH = 3,			/* 480 Mbit/s */
	USBPIPE_SPEED_WIRELESS = 4,
	USBPIPE_SPEED_SUPER = 5,		/* 5 Gbit/s */
	USBPIPE_SPEED_SUPER_PLUS = 6,		/* 10 Gbit/s and up */
};

/* usbpipe_endpoint.type: bmAttributes bits 1:0 (USB 2.0, table 9-13). */
enum usbpipe_transfer_type {
	USBPIPE_TRANSFER_CONTROL = 0,
	USBPIPE_TRANSFER_ISOCHRONOUS = 1,
	USBPIPE_TRANSFER_BULK = 2,
	USBPIPE_TRANSFER_INTERRUPT = 3,
};

/**
 * struct usbpipe_endpoint - one endpoint of the interface's current altsetting
 * @address: bEndpointAddress: number in bits 3:0, bit 7 set for IN
 * @type: enum usbpipe_transfer_type
 * @interval: bInterval as in the descriptor; its unit depends on speed and type
 * @max_burst: packets per burst minus one (SuperSpeed), otherwise 0
 * @max_packet: largest packet in bytes (wMaxPacketSize bits 10:0)
 * @mult: packets per microframe, 1 to 3 (high-bandwidth), otherwise 1
 * @reserved: zero
 */
struct usbpipe_endpoint {
	__u8	address;
	__u8	type;
	__u8	interval;
	__u8	max_burst;
	__u16	max_packet;
	__u8	mult;
	__u8	reserved;
};

/**
 * struct usbpipe_info - what is behind a node
 * @capabilities: USBPIPE_CAP_* bits; what this driver can do beyond the basics
 * @vendor: idVendor
 * @product: idProduct
 * @device_release: bcdDevice, binary coded decimal
 * @usb_release: bcdUSB, binary coded decimal
 * @bus: number of the bus
 * @device: address of the device on its bus
 * @speed: enum usbpipe_speed
 * @interface_number: bInterfaceNumber
 * @altsetting: bAlternateSetting in use
 * @interface_class: bInterfaceClass
 * @interface_subclass: bInterfaceSubClass
 * @interface_protocol: bInterfaceProtocol
 * @read_endpoint: address that read() takes its data from, 0 for none
 * @write_endpoint: address that write() sends its data to, 0 for none
 * @num_endpoints: entries of @endpoints that are filled in
 * @reserved: zero
 * @endpoints: endpoints in descriptor order; entries past the count are zero
 */
struct usbpipe_info {
	__u64	capabilities;
	__u16	vendor;
	__u16	product;
	__u16	device_release;
	__u16	usb_release;
	__u16	bus;
	__u16	device;
	__u8	speed;
	__u8	interface_number;
	__u8	altsetting;
	__u8	interface_class;
	__u8	interface_subclass;
	__u8	interface_protocol;
	__u8	read_endpoint;
	__u8	write_endpoint;
	__u8	num_endpoints;
	__u8	reserved[3];
	struct usbpipe_endpoint endpoints[USBPIPE_MAX_ENDPOINTS];
};

/**
 * struct usbpipe_control - one vendor control request (USB 2.0, 9.3)
 * @request_type: bmRequestType: direction in bit 7, type in bits 6:5 (must be
 *	vendor, 2), recipient in bits 4:0 (device 0, interface 1 or endpoint 2)
 * @request: bRequest
 * @value: wValue
 * @index: wIndex; for an interface or endpoint recipient its low byte must name
 *	this interface or one of its endpoints
 * @length: wLength: bytes to send or room for the answer, at most
 *	USBPIPE_CONTROL_MAX_LENGTH
 * @timeout_ms: milliseconds to wait, 1 to USBPIPE_CONTROL_MAX_TIMEOUT
 * @actual: out: bytes moved on the bus in the data stage, also after an error;
 *	0 if the request was refused
 * @data: user pointer to @length bytes; ignored where @length is 0
 * @reserved: must be zero
 */
struct usbpipe_control {
	__u8	request_type;
	__u8	request;
	__u16	value;
	__u16	index;
	__u16	length;
	__u32	timeout_ms;
	__u32	actual;
	__u64	data;
	__u64	reserved;
};

/*
 * Commands. An enumeration, so that bindings generators see their values.
 *
 * USBPIPE_IOC_INFO: fills a struct usbpipe_info.
 *	EFAULT	the argument is not writable memory
 *	ENODEV	the device is gone
 *
 * USBPIPE_IOC_CONTROL: carries out one vendor request and waits for it.
 *	Returns 0; the count is in @actual, which is written after an error as well.
 *	EINVAL	reserved bits set, timeout out of range, recipient unknown
 *	EMSGSIZE length over USBPIPE_CONTROL_MAX_LENGTH
 *	EPERM	not a vendor request, or wIndex names another interface or endpoint
 *	EFAULT	the argument or @data cannot be read or written
 *	EPIPE	the device stalled the request: it does not know it
 *	ETIMEDOUT no end of the request within timeout_ms; it was cancelled
 *	EOVERFLOW the device sent more than @length
 *	EPROTO, EILSEQ transfer error on the bus
 *	ENOMEM	no memory for the transfer
 *	EINTR	a signal came while the request waited; it was cancelled
 *	ENODEV	the device is gone
 *
 * Any other command: ENOTTY.
 */
enum usbpipe_ioctl {
	USBPIPE_IOC_INFO = _IOR(0xBB, 0x00, struct usbpipe_info),
	USBPIPE_IOC_CONTROL = _IOWR(0xBB, 0x01, struct usbpipe_control),
};

#endif /* _UAPI_LINUX_USB_USBPIPE_H */
