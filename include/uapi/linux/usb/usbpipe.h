/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * usbpipe: user space interface of /dev/usbpipeN
 *
 * Each node is one bound USB interface. read() and write() move bytes through
 * one bulk or interrupt endpoint in each direction, which each file chooses for
 * itself; ioctls carry out single transfers, control requests and batches of
 * commands; rings move data through memory that the program and the device
 * share.
 *
 * All structures have the same layout for 32-bit and 64-bit programs. Reserved
 * fields must be zero when they are passed in and are zero when they come out.
 * Numbers are in host byte order. Addresses of memory are in 64 bits.
 *
 * See Documentation/usb/usbpipe.rst.
 */
#ifndef _UAPI_LINUX_USB_USBPIPE_H
#define _UAPI_LINUX_USB_USBPIPE_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* An interface has at most 30 endpoints: 15 IN and 15 OUT (USB 2.0, 9.6.6). */
#define USBPIPE_MAX_ENDPOINTS		30

/* Largest data stage of USBPIPE_IOC_CONTROL, in bytes; and its longest timeout, in ms. */
#define USBPIPE_CONTROL_MAX_LENGTH	4096
#define USBPIPE_CONTROL_MAX_TIMEOUT	60000

/* Longest timeout of all other commands, in milliseconds. */
#define USBPIPE_MAX_TIMEOUT		60000

/* Largest transfer but those of endpoint 0, in bytes. */
#define USBPIPE_MAX_TRANSFER		1048576

/* Most transfers that read() or write() keep in flight. */
#define USBPIPE_MAX_DEPTH		64

/* Most commands of one USBPIPE_IOC_TRANSACT. */
#define USBPIPE_MAX_TRANSACTIONS	64

/* Longest tag of a command, in bytes. */
#define USBPIPE_MAX_TAG			8

/* Slots of a ring; a power of two. */
#define USBPIPE_RING_MIN_SLOTS		2
#define USBPIPE_RING_MAX_SLOTS		1024

/* Most isochronous packets in one slot of a ring. */
#define USBPIPE_RING_MAX_PACKETS	128

/* usbpipe_info.capabilities: what this driver can do beyond INFO and CONTROL. */
#define USBPIPE_CAP_SELECT		(1ULL << 0)
#define USBPIPE_CAP_TRANSFER		(1ULL << 1)
#define USBPIPE_CAP_TRANSACT		(1ULL << 2)
#define USBPIPE_CAP_EVENT		(1ULL << 3)
#define USBPIPE_CAP_RING		(1ULL << 4)
#define USBPIPE_CAP_RING_ISOCHRONOUS	(1ULL << 5)
#define USBPIPE_CAP_URING		(1ULL << 6)

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
 * struct usbpipe_control - one control request (USB 2.0, 9.3)
 * @request_type: bmRequestType: direction in bit 7, type in bits 6:5 (standard
 *	0, class 1, vendor 2), recipient in bits 4:0 (device 0, interface 1 or
 *	endpoint 2)
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

/**
 * struct usbpipe_limits - what is accepted, and how much memory is left
 * @max_transfer: bytes of a transfer at most
 * @max_depth: transfers in flight at most, of read() or write()
 * @max_transactions: commands of one USBPIPE_IOC_TRANSACT at most
 * @max_slots: slots of a ring at most
 * @max_packets: isochronous packets of a slot at most
 * @reserved: zero
 * @device_memory: bytes that the transfers of one node may take
 * @device_memory_used: bytes that those of this node take now
 * @module_memory: bytes that the transfers of all nodes may take
 * @module_memory_used: bytes that they take now
 */
struct usbpipe_limits {
	__u32	max_transfer;
	__u32	max_depth;
	__u32	max_transactions;
	__u32	max_slots;
	__u32	max_packets;
	__u32	reserved;
	__u64	device_memory;
	__u64	device_memory_used;
	__u64	module_memory;
	__u64	module_memory_used;
};

/* usbpipe_select.read_endpoint, write_endpoint: what a file that was just opened has. */
#define USBPIPE_ENDPOINT_DEFAULT	0xff

/* usbpipe_select.flags: read() and write() keep the borders of transfers. */
#define USBPIPE_SELECT_PACKETS		(1U << 0)

/**
 * struct usbpipe_select - what read() and write() of this file do
 * @read_endpoint: address of a bulk or interrupt IN endpoint, 0 for none, or
 *	USBPIPE_ENDPOINT_DEFAULT: the first bulk, else the first interrupt one
 * @write_endpoint: the same of an OUT endpoint
 * @flags: USBPIPE_SELECT_*
 * @read_size: bytes that a transfer asks for, in whole packets, at most
 *	USBPIPE_MAX_TRANSFER; 0 for the default: 32 KiB, of an interrupt endpoint what
 *	it moves in an interval
 * @write_size: bytes that a transfer carries at most, as above
 * @read_depth: transfers in flight, at most USBPIPE_MAX_DEPTH; 0 for the default: 8
 * @write_depth: as above
 * @reserved: must be zero
 */
struct usbpipe_select {
	__u8	read_endpoint;
	__u8	write_endpoint;
	__u16	flags;
	__u32	read_size;
	__u32	write_size;
	__u16	read_depth;
	__u16	write_depth;
	__u64	reserved;
};

/* usbpipe_transfer.flags: a transfer that is shorter than asked for has failed (EREMOTEIO). */
#define USBPIPE_TRANSFER_SHORT_NOT_OK	(1U << 0)
/* usbpipe_transfer.flags: an empty packet follows if the last one is full. */
#define USBPIPE_TRANSFER_ZERO_PACKET	(1U << 1)

/**
 * struct usbpipe_transfer - one bulk or interrupt transfer
 * @endpoint: address
 * @flags: USBPIPE_TRANSFER_*: SHORT_NOT_OK for IN, ZERO_PACKET for OUT endpoints
 * @reserved0: must be zero
 * @timeout_ms: milliseconds to wait, 1 to USBPIPE_MAX_TIMEOUT
 * @length: bytes to send, or room for what comes, at most USBPIPE_MAX_TRANSFER
 * @actual: out: bytes moved, also after an error; 0 if it was refused
 * @data: user pointer to @length bytes; ignored where @length is 0
 * @reserved: must be zero
 */
struct usbpipe_transfer {
	__u8	endpoint;
	__u8	flags;
	__u16	reserved0;
	__u32	timeout_ms;
	__u32	length;
	__u32	actual;
	__u64	data;
	__u64	reserved;
};

/* usbpipe_transaction.kind */
enum usbpipe_transaction_kind {
	USBPIPE_TRANSACTION_PIPES = 0,	/* out then in, each if its length is not 0 */
	USBPIPE_TRANSACTION_CONTROL = 1,	/* one control request */
};

/* usbpipe_transaction.state: how far a command got. */
enum usbpipe_transaction_state {
	USBPIPE_TRANSACTION_NOT_SENT = 0,	/* the device has seen nothing of it */
	USBPIPE_TRANSACTION_SENT = 1,		/* all or, after an error, a part of it */
	USBPIPE_TRANSACTION_AWAITING = 2,	/* sent, but its reply has not come */
	USBPIPE_TRANSACTION_COMPLETED = 3,
};

/**
 * struct usbpipe_transaction - a command and its reply
 * @sequence: out: number of the command, counted by node, from 1; 0 if not begun
 * @out_data: user pointer to the command
 * @in_data: user pointer to the room for the reply
 * @out_length: bytes of the command, at most USBPIPE_MAX_TRANSFER
 * @in_length: room for the reply, at most USBPIPE_MAX_TRANSFER
 * @out_actual: out: bytes of the command that were sent
 * @in_actual: out: bytes of the reply that came
 * @timeout_ms: milliseconds for the command and its reply together, 1 to
 *	USBPIPE_MAX_TIMEOUT
 * @result: out: 0 or a negative errno
 * @setup: the setup packet as on the wire (USB 2.0, 9.3), for a control request:
 *	wLength must be the length of the direction that it has, and the other
 *	one 0; otherwise zero
 * @kind: enum usbpipe_transaction_kind
 * @state: out: enum usbpipe_transaction_state
 * @tag_length: bytes of the tag that the reply repeats, at most USBPIPE_MAX_TAG;
 *	0 if replies have none
 * @tag_out: offset of the tag in the command
 * @tag_in: offset of the tag in the reply
 * @reserved0: must be zero
 * @stale: out: late replies to earlier commands that were dropped
 * @reserved: must be zero
 */
struct usbpipe_transaction {
	__u64	sequence;
	__u64	out_data;
	__u64	in_data;
	__u32	out_length;
	__u32	in_length;
	__u32	out_actual;
	__u32	in_actual;
	__u32	timeout_ms;
	__s32	result;
	__u8	setup[8];
	__u8	kind;
	__u8	state;
	__u8	tag_length;
	__u8	tag_out;
	__u8	tag_in;
	__u8	reserved0[3];
	__u32	stale;
	__u32	reserved;
};

/**
 * struct usbpipe_transact - a batch of commands, one after the other
 * @transactions: user pointer to @count structures
 * @count: 1 to USBPIPE_MAX_TRANSACTIONS
 * @completed: out: how many were completed; the one behind them failed
 * @out_endpoint: address that commands go to, 0 for the one of write()
 * @in_endpoint: address that replies come from, 0 for the one of read()
 * @reserved: must be zero
 */
struct usbpipe_transact {
	__u64	transactions;
	__u32	count;
	__u32	completed;
	__u8	out_endpoint;
	__u8	in_endpoint;
	__u8	reserved[6];
};

/**
 * struct usbpipe_event - what came from an interrupt endpoint
 * @data: user pointer to @length bytes
 * @sequence: out: number of the event, from 1, of those that programs were given since
 *	the first file began to listen to the endpoint
 * @length: room
 * @actual: out: bytes of the event
 * @endpoint: address of an interrupt IN endpoint; 0 for the first that read()
 *	does not take from
 * @reserved: must be zero
 */
struct usbpipe_event {
	__u64	data;
	__u64	sequence;
	__u32	length;
	__u32	actual;
	__u8	endpoint;
	__u8	reserved[7];
};

/* USBPIPE_IOC_FLUSH: what to drop. */
#define USBPIPE_FLUSH_READ	(1U << 0)	/* what has come and was not read */
#define USBPIPE_FLUSH_WRITE	(1U << 1)	/* what was written and is not with the device */
#define USBPIPE_FLUSH_REPLY	(1U << 2)	/* the reply that is still awaited */

/**
 * struct usbpipe_stats - what went through a node since it was bound
 * @read_transfers: transfers from the device, but control requests
 * @read_bytes: bytes of them
 * @write_transfers: transfers to the device, but control requests
 * @write_bytes: bytes of them
 * @control_requests: requests on endpoint 0
 * @transactions: commands of USBPIPE_IOC_TRANSACT
 * @stale_replies: late replies that were dropped
 * @errors_stall: transfers that ended with EPIPE
 * @errors_timeout: with ETIMEDOUT
 * @errors_overflow: with EOVERFLOW
 * @errors_bus: with EPROTO, EILSEQ, ETIME, ECOMM or ENOSR
 * @errors_other: with another error, but that they were cancelled
 * @cancelled: transfers that were cancelled
 * @late_packets: isochronous packets that missed their frame
 * @resets: resets of the device
 * @suspends: times it was suspended
 * @ring_high_water: most slots of a ring that were with the driver at once
 * @memory: bytes that transfers take now
 * @memory_high_water: bytes that they took at most
 * @reserved: zero
 */
struct usbpipe_stats {
	__u64	read_transfers;
	__u64	read_bytes;
	__u64	write_transfers;
	__u64	write_bytes;
	__u64	control_requests;
	__u64	transactions;
	__u64	stale_replies;
	__u64	errors_stall;
	__u64	errors_timeout;
	__u64	errors_overflow;
	__u64	errors_bus;
	__u64	errors_other;
	__u64	cancelled;
	__u64	late_packets;
	__u64	resets;
	__u64	suspends;
	__u64	ring_high_water;
	__u64	memory;
	__u64	memory_high_water;
	__u64	reserved[5];
};

/*
 * Rings.
 *
 * A ring belongs to one file and one endpoint, which nobody else can use
 * meanwhile. It is a row of slots in memory that the program maps. The program
 * submits slots, in order: empty ones of an IN endpoint, filled ones of an OUT
 * endpoint. The driver completes them in the same order. Two counters say how
 * far both are; they count on for ever, and their difference is how many slots
 * are with the driver. Slot number i is counters modulo slots.
 *
 * To submit: fill usbpipe_slot.length (and the data, and packets), then store
 * @submitted with release semantics. If USBPIPE_RING_NEED_KICK is set afterwards
 * (a full barrier between the two), call USBPIPE_IOC_RING_ENTER.
 *
 * To wait: load @completed with acquire semantics; if there is nothing new, call
 * USBPIPE_IOC_RING_ENTER, or poll() the file for POLLIN (a ring of an IN
 * endpoint) or POLLOUT, which tell of slots that are not submitted (again).
 *
 * When a bulk or interrupt transfer fails, its slot is completed and the ring
 * stops. Slots behind it are cancelled; those that have moved nothing stay
 * submitted, or are taken back by storing a smaller @submitted before a restart.
 * Nonsense in the memory stops it, too: EINVAL for counters, EMSGSIZE for lengths.
 * A mapping keeps the file open, and stays when the ring or the device is gone.
 */

/* usbpipe_ring.flags */
#define USBPIPE_RING_NEED_KICK	(1U << 0)	/* submitting takes a USBPIPE_IOC_RING_ENTER */
#define USBPIPE_RING_STOPPED	(1U << 1)	/* a transfer failed, see @error */
#define USBPIPE_RING_GONE	(1U << 2)	/* the device is gone, or the ring was freed */

/**
 * struct usbpipe_ring - the beginning of a ring in memory
 * @submitted: slots that the program has submitted so far; only it writes here
 * @user_reserved: the program must leave this alone
 * @completed: slots that were completed so far; only the driver writes here, and below
 * @flags: USBPIPE_RING_*
 * @error: why it has stopped, a negative errno
 * @late: isochronous packets that missed their frame
 * @reserved: zero
 */
struct usbpipe_ring {
	__u32	submitted;
	__u32	user_reserved[15];
	__u32	completed;
	__u32	flags;
	__s32	error;
	__u32	late;
	__u32	reserved[12];
};

/**
 * struct usbpipe_slot - one slot of a ring: one transfer
 * @length: bytes to move; the program writes it, at most the slot's size, 0 to
 *	submit an empty packet (OUT) or to ask for all that fits (IN)
 * @actual: bytes that were moved
 * @status: 0 or a negative errno; ECANCELED if it was cancelled half way
 * @start_frame: frame that an isochronous transfer began in
 * @errors: isochronous packets that failed
 * @reserved: zero
 * @user_data: the program's own, the driver does not look at it
 */
struct usbpipe_slot {
	__u32	length;
	__u32	actual;
	__s32	status;
	__u32	start_frame;
	__u32	errors;
	__u32	reserved;
	__u64	user_data;
};

/**
 * struct usbpipe_packet - one isochronous packet of a slot
 * @offset: where its data lies in the slot; the driver writes it
 * @length: bytes to send (OUT); the program writes it, at most the size of a packet
 * @actual: bytes that were moved
 * @status: 0 or a negative errno
 */
struct usbpipe_packet {
	__u32	offset;
	__u32	length;
	__u32	actual;
	__s32	status;
};

/**
 * struct usbpipe_ring_setup - a new ring
 * @endpoint: address of a bulk, interrupt or isochronous endpoint
 * @reserved0: must be zero
 * @depth: slots in flight at most, 1 to @slots; 0 for all
 * @slots: number of slots, a power of two
 * @slot_size: bytes of each, at most USBPIPE_MAX_TRANSFER; of an IN endpoint in
 *	whole packets. 0 for isochronous endpoints: it comes of the packets
 * @packets: isochronous packets in each slot, otherwise 0
 * @packet_size: bytes of an isochronous packet at most; 0 for what the endpoint
 *	moves in an interval
 * @slots_offset: out: where the first struct usbpipe_slot lies in the mapping
 * @packets_offset: out: where the first struct usbpipe_packet lies, of slot 0;
 *	0 if there are none
 * @data_offset: out: where the data of slot 0 lies
 * @stride: out: bytes from the data of a slot to that of the next
 * @map_offset: out: offset for mmap()
 * @map_length: out: length for mmap(), in whole pages
 * @reserved: must be zero
 */
struct usbpipe_ring_setup {
	__u8	endpoint;
	__u8	reserved0[3];
	__u32	depth;
	__u32	slots;
	__u32	slot_size;
	__u32	packets;
	__u32	packet_size;
	__u32	slots_offset;
	__u32	packets_offset;
	__u32	data_offset;
	__u32	stride;
	__u64	map_offset;
	__u64	map_length;
	__u64	reserved;
};

/* usbpipe_ring_enter.flags: goes on after USBPIPE_RING_STOPPED; a halt is cleared. */
#define USBPIPE_RING_ENTER_RESTART	(1U << 0)

/**
 * struct usbpipe_ring_enter - submits, and waits
 * @endpoint: address of the ring's endpoint
 * @flags: USBPIPE_RING_ENTER_*
 * @reserved0: must be zero
 * @wait_for: value of the counter of completed slots to wait for
 * @timeout_ms: milliseconds to wait, at most USBPIPE_MAX_TIMEOUT; 0 not to wait
 * @completed: out: slots that were completed so far
 * @reserved: must be zero
 */
struct usbpipe_ring_enter {
	__u8	endpoint;
	__u8	flags;
	__u16	reserved0;
	__u32	wait_for;
	__u32	timeout_ms;
	__u32	completed;
	__u64	reserved;
};

/**
 * struct usbpipe_uring - the payload of an io_uring command (IORING_OP_URING_CMD)
 * @data: user pointer to @length bytes
 * @length: bytes to send, or room for what comes, at most USBPIPE_MAX_TRANSFER
 * @endpoint: address of a bulk or interrupt endpoint
 * @flags: USBPIPE_TRANSFER_*
 * @timeout_ms: milliseconds until it is cancelled (ETIMEDOUT), at most
 *	USBPIPE_MAX_TIMEOUT; 0 for never
 *
 * It lies in the cmd field of a submission; cmd_op is USBPIPE_URING_TRANSFER. The
 * result of the completion is the number of bytes moved, or a negative errno.
 */
struct usbpipe_uring {
	__u64	data;
	__u32	length;
	__u8	endpoint;
	__u8	flags;
	__u16	timeout_ms;
};

/*
 * Commands. An enumeration, so that bindings generators see their values. What
 * each does and which errors it has: Documentation/usb/usbpipe.rst.
 *
 * All:	EFAULT	the argument, or memory that it points to, cannot be read or written
 *	EINVAL	a reserved field is not zero, an unknown flag or value
 *	ENODEV	the device is gone
 *	ENOMEM	no memory
 *	EPERM	the file was not opened for writing; not INFO, LIMITS, SELECT, EVENT, STATS
 * Any other command: ENOTTY. FIONREAD: bytes that have come and were not read.
 */
enum usbpipe_ioctl {
	USBPIPE_IOC_INFO = _IOR(0xBB, 0x00, struct usbpipe_info),
	USBPIPE_IOC_CONTROL = _IOWR(0xBB, 0x01, struct usbpipe_control),
	USBPIPE_IOC_LIMITS = _IOR(0xBB, 0x02, struct usbpipe_limits),
	USBPIPE_IOC_SELECT = _IOW(0xBB, 0x03, struct usbpipe_select),
	USBPIPE_IOC_TRANSFER = _IOWR(0xBB, 0x04, struct usbpipe_transfer),
	USBPIPE_IOC_TRANSACT = _IOWR(0xBB, 0x05, struct usbpipe_transact),
	USBPIPE_IOC_EVENT = _IOWR(0xBB, 0x06, struct usbpipe_event),
	USBPIPE_IOC_CLEAR_HALT = _IOW(0xBB, 0x07, __u32),	/* endpoint address */
	USBPIPE_IOC_FLUSH = _IOW(0xBB, 0x08, __u32),		/* USBPIPE_FLUSH_* */
	USBPIPE_IOC_RESET = _IO(0xBB, 0x09),
	USBPIPE_IOC_SET_ALT = _IOW(0xBB, 0x0a, __u32),		/* bAlternateSetting */
	USBPIPE_IOC_EXCL = _IOW(0xBB, 0x0b, __u32),		/* 1 to have it alone, 0 not to */
	USBPIPE_IOC_STATS = _IOR(0xBB, 0x0c, struct usbpipe_stats),
	USBPIPE_IOC_RING_SETUP = _IOWR(0xBB, 0x10, struct usbpipe_ring_setup),
	USBPIPE_IOC_RING_ENTER = _IOWR(0xBB, 0x11, struct usbpipe_ring_enter),
	USBPIPE_IOC_RING_FREE = _IOW(0xBB, 0x12, __u32),	/* endpoint address */
	USBPIPE_URING_TRANSFER = _IOWR(0xBB, 0x20, struct usbpipe_uring),
};

#endif /* _UAPI_LINUX_USB_USBPIPE_H */
