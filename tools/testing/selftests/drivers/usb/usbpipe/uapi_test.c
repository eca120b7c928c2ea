// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctls of include/uapi/linux/usb/usbpipe.h.
 *
 * Each line of the header that refuses something has a test here that differs from a valid call
 * in that one thing. After each refusal the device must answer as before.
 */
#include "kselftest_harness.h"

#include "blocked.h"
#include "refdev.h"

/* All that are defined. */
#define CAPABILITIES \
	(USBPIPE_CAP_SELECT | USBPIPE_CAP_TRANSFER | USBPIPE_CAP_TRANSACT | USBPIPE_CAP_EVENT | \
	 USBPIPE_CAP_RING | USBPIPE_CAP_RING_ISOCHRONOUS | USBPIPE_CAP_URING)

#define POISON 0xa5
#define POISON_ACTUAL 0xdeadbeef

static bool is_all(const void *bytes, size_t length, uint8_t value)
{
	const uint8_t *p = bytes;

	while (length && *p == value) {
		p++;
		length--;
	}
	return !length;
}

/* The number in a sysfs attribute of the node's USB device. */
static long device_attribute(const struct node *node, const char *name, int base)
{
	const char *base_name = strrchr(node->path, '/') + 1;
	char path[160], text[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/usbmisc/%s/device/../%s", base_name, name);
	file = fopen(path, "r");
	if (!file)
		return -errno;
	if (!fgets(text, sizeof(text), file))
		text[0] = 0;
	fclose(file);
	return strtol(text, NULL, base);
}

FIXTURE(uapi)
{
	struct node node;
	int fd;
};

FIXTURE_SETUP(uapi)
{
	self->fd = refdev_open(&self->node);
	assert_device(self->fd);
}

FIXTURE_TEARDOWN(uapi)
{
	close(self->fd);
}

TEST_F(uapi, info_agrees_with_sysfs)
{
	struct usbpipe_info info;

	memset(&info, POISON, sizeof(info));
	ASSERT_EQ(0, ioctl(self->fd, USBPIPE_IOC_INFO, &info));
	ASSERT_EQ(REFDEV_VENDOR, info.vendor);
	ASSERT_EQ(REFDEV_PRODUCT, info.product);
	ASSERT_EQ(device_attribute(&self->node, "bcdDevice", 16), info.device_release);
	ASSERT_EQ(device_attribute(&self->node, "busnum", 10), info.bus);
	ASSERT_EQ(device_attribute(&self->node, "devnum", 10), info.device);
	ASSERT_EQ(0, info.interface_number);
	ASSERT_EQ(0, info.altsetting);
	ASSERT_EQ(0xff, info.interface_class);
	ASSERT_EQ(0, info.interface_subclass);
	ASSERT_EQ(0, info.interface_protocol);
}

TEST_F(uapi, info_clears_what_it_does_not_use)
{
	struct usbpipe_info info;
	int i;

	memset(&info, POISON, sizeof(info));
	ASSERT_EQ(0, ioctl(self->fd, USBPIPE_IOC_INFO, &info));
	ASSERT_EQ(0, info.capabilities & ~CAPABILITIES);
	ASSERT_TRUE(is_all(info.reserved, sizeof(info.reserved), 0));
	for (i = 0; i < info.num_endpoints; i++)
		ASSERT_EQ(0, info.endpoints[i].reserved);
	ASSERT_TRUE(is_all(&info.endpoints[i],
			   sizeof(info.endpoints) - i * sizeof(info.endpoints[0]), 0));
}

TEST_F(uapi, info_maps_the_endpoints)
{
	static const uint8_t address[] = { REFDEV_OUT, REFDEV_IN, REFDEV_INTERRUPT };
	static const uint8_t type[] = { USBPIPE_TRANSFER_BULK, USBPIPE_TRANSFER_BULK,
					USBPIPE_TRANSFER_INTERRUPT };
	struct usbpipe_info info;
	int i;

	ASSERT_EQ(0, ioctl(self->fd, USBPIPE_IOC_INFO, &info));
	ASSERT_EQ(REFDEV_IN, info.read_endpoint);
	ASSERT_EQ(REFDEV_OUT, info.write_endpoint);
	ASSERT_EQ(3, info.num_endpoints);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(address[i], info.endpoints[i].address);
		ASSERT_EQ(type[i], info.endpoints[i].type);
		ASSERT_EQ(1, info.endpoints[i].mult);
	}
	ASSERT_EQ(64, info.endpoints[2].max_packet);
	ASSERT_NE(0, info.endpoints[2].interval);
}

TEST_F(uapi, info_tells_speed_and_what_follows_from_it)
{
	struct usbpipe_info info;
	long mbps = device_attribute(&self->node, "speed", 10);
	int speed = mbps == 12 ? USBPIPE_SPEED_FULL :
		    mbps == 480 ? USBPIPE_SPEED_HIGH : USBPIPE_SPEED_SUPER;
	int max_packet = mbps == 12 ? 64 : mbps == 480 ? 512 : 1024;

	ASSERT_EQ(0, ioctl(self->fd, USBPIPE_IOC_INFO, &info));
	ASSERT_EQ(speed, info.speed);
	ASSERT_EQ(max_packet, info.endpoints[0].max_packet);
	ASSERT_EQ(max_packet, info.endpoints[1].max_packet);
	ASSERT_LE(speed == USBPIPE_SPEED_SUPER ? 0x0300 : 0x0200, info.usb_release);
	if (speed != USBPIPE_SPEED_SUPER)
		ASSERT_EQ(0, info.endpoints[0].max_burst);
}

TEST_F(uapi, info_needs_writable_memory)
{
	char *end = last_page(PROT_READ | PROT_WRITE) + sysconf(_SC_PAGESIZE);
	char *read_only = last_page(PROT_READ);

	ASSERT_EQ(-1, ioctl(self->fd, USBPIPE_IOC_INFO, NULL));
	ASSERT_EQ(EFAULT, errno);
	ASSERT_EQ(-1, ioctl(self->fd, USBPIPE_IOC_INFO, read_only));
	ASSERT_EQ(EFAULT, errno);
	ASSERT_EQ(-1, ioctl(self->fd, USBPIPE_IOC_INFO,
			    end - sizeof(struct usbpipe_info) + 1));
	ASSERT_EQ(EFAULT, errno);
	ASSERT_EQ(0, ioctl(self->fd, USBPIPE_IOC_INFO, end - sizeof(struct usbpipe_info)));
}

TEST_F(uapi, other_commands_are_unknown)
{
	unsigned int commands[] = {
		_IO(0xbb, 0x00),
		_IOW(0xbb, 0x00, struct usbpipe_info),
		_IOR(0xbb, 0x00, struct usbpipe_control),
		_IOR(0xbb, 0x01, struct usbpipe_control),
		_IOWR(0xbb, 0x01, struct usbpipe_info),
		_IOWR(0xbb, 0x02, struct usbpipe_control),
		_IOR(0xba, 0x00, struct usbpipe_info),
		_IO(0xbb, 0xff),
		0,
	};
	struct usbpipe_info info;
	unsigned int i;

	memset(&info, POISON, sizeof(info));
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		ASSERT_EQ(-1, ioctl(self->fd, commands[i], &info));
		ASSERT_EQ(ENOTTY, errno) {
			TH_LOG("command %#x", commands[i]);
		}
	}
	ASSERT_TRUE(is_all(&info, sizeof(info), POISON));
}

/* A call that is valid, with an answer of 48 bytes, for tests to change one thing of. */
static struct usbpipe_control valid(void *room)
{
	return (struct usbpipe_control) {
		.request_type = 0xc0,
		.request = REFDEV_GET_STATUS,
		.length = sizeof(struct refdev_status),
		.timeout_ms = DEADLINE_MS / 2,
		.actual = POISON_ACTUAL,
		.data = (uintptr_t)room,
	};
}

TEST_F(uapi, control_in_brings_data_and_changes_nothing_else)
{
	uint8_t room[64];
	struct usbpipe_control before = valid(room);
	struct usbpipe_control control = before;
	struct refdev_status status;

	memset(room, POISON, sizeof(room));
	ASSERT_EQ(0, ioctl(self->fd, USBPIPE_IOC_CONTROL, &control));
	ASSERT_EQ(sizeof(struct refdev_status), control.actual);
	before.actual = control.actual;
	ASSERT_EQ(0, memcmp(&before, &control, sizeof(control)));
	memcpy(&status, room, sizeof(status));
	ASSERT_EQ(REFDEV_LOOPBACK, le32toh(status.mode));
	ASSERT_EQ(REFDEV_FIFO, le32toh(status.fifo_size));
	ASSERT_TRUE(is_all(room + sizeof(status), sizeof(room) - sizeof(status), POISON));
}

TEST_F(uapi, control_goes_out_and_comes_back_at_every_length)
{
	static const int lengths[] = { 0, 1, 7, 8, 9, 63, 64, 65, 511, 512, 513, 4095, 4096 };
	uint8_t out[4096], in[4096];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		int length = lengths[i];

		fill(out, sizeof(out), length + 1);
		memset(in, POISON, sizeof(in));
		ASSERT_EQ(length, refdev_out_bytes(self->fd, REFDEV_SCRATCH_WRITE, out, length));
		ASSERT_EQ(length, refdev_in(self->fd, REFDEV_SCRATCH_READ, in, sizeof(in)));
		ASSERT_EQ(0, memcmp(out, in, length));
		ASSERT_TRUE(is_all(in + length, sizeof(in) - length, POISON));
	}
}

TEST_F(uapi, control_in_stops_at_the_length)
{
	uint8_t out[64], in[64];

	fill(out, sizeof(out), 1);
	memset(in, POISON, sizeof(in));
	ASSERT_EQ(64, refdev_out_bytes(self->fd, REFDEV_SCRATCH_WRITE, out, 64));
	ASSERT_EQ(16, refdev_in(self->fd, REFDEV_SCRATCH_READ, in, 16));
	ASSERT_EQ(0, memcmp(out, in, 16));
	ASSERT_TRUE(is_all(in + 16, 48, POISON));
}

TEST_F(uapi, control_ignores_data_without_length)
{
	struct usbpipe_control control = {
		.request_type = 0x40,
		.request = REFDEV_SET_MODE,
		.timeout_ms = DEADLINE_MS / 2,
		.actual = POISON_ACTUAL,
		.data = UINT64_MAX,
	};

	ASSERT_EQ(0, ioctl(self->fd, USBPIPE_IOC_CONTROL, &control));
	ASSERT_EQ(0, control.actual);
	ASSERT_EQ(UINT64_MAX, control.data);
}

TEST_F(uapi, control_takes_both_ends_of_the_timeout)
{
	struct refdev_status status;
	struct usbpipe_control control = valid(&status);

	control.timeout_ms = USBPIPE_CONTROL_MAX_TIMEOUT;
	ASSERT_EQ(0, ioctl(self->fd, USBPIPE_IOC_CONTROL, &control));
	control.timeout_ms = 1;
	if (ioctl(self->fd, USBPIPE_IOC_CONTROL, &control))
		ASSERT_EQ(ETIMEDOUT, errno);
}

TEST_F(uapi, control_needs_memory_for_its_argument)
{
	char *end = last_page(PROT_READ | PROT_WRITE) + sysconf(_SC_PAGESIZE);
	struct usbpipe_control *read_only = (void *)last_page(PROT_READ | PROT_WRITE);
	struct refdev_status status;

	ASSERT_EQ(-1, ioctl(self->fd, USBPIPE_IOC_CONTROL, NULL));
	ASSERT_EQ(EFAULT, errno);
	ASSERT_EQ(-1, ioctl(self->fd, USBPIPE_IOC_CONTROL,
			    end - sizeof(struct usbpipe_control) + 1));
	ASSERT_EQ(EFAULT, errno);
	*read_only = valid(&status);
	ASSERT_EQ(0, mprotect(read_only, sysconf(_SC_PAGESIZE), PROT_READ));
	ASSERT_EQ(-1, ioctl(self->fd, USBPIPE_IOC_CONTROL, read_only));
	ASSERT_EQ(EFAULT, errno);
	ASSERT_EQ(0, refdev_status(self->fd, &status));
}

TEST_F(uapi, control_needs_memory_for_its_data)
{
	char *end = last_page(PROT_READ | PROT_WRITE) + sysconf(_SC_PAGESIZE);
	char *read_only = last_page(PROT_READ);
	uint8_t kept[8], now[8];

	fill(kept, sizeof(kept), 1);
	ASSERT_EQ(8, refdev_out_bytes(self->fd, REFDEV_SCRATCH_WRITE, kept, 8));
	ASSERT_EQ(-EFAULT, refdev_in(self->fd, REFDEV_SCRATCH_READ, NULL, 8));
	ASSERT_EQ(-EFAULT, refdev_in(self->fd, REFDEV_SCRATCH_READ, read_only, 8));
	ASSERT_EQ(-EFAULT, refdev_in(self->fd, REFDEV_SCRATCH_READ, end - 7, 8));
	ASSERT_EQ(-EFAULT, refdev_out_bytes(self->fd, REFDEV_SCRATCH_WRITE, NULL, 8));
	ASSERT_EQ(-EFAULT, refdev_out_bytes(self->fd, REFDEV_SCRATCH_WRITE, end - 7, 8));
	/* Nothing of them reached the device. */
	ASSERT_EQ(8, refdev_in(self->fd, REFDEV_SCRATCH_READ, now, 8));
	ASSERT_EQ(0, memcmp(kept, now, 8));
	ASSERT_EQ(8, refdev_in(self->fd, REFDEV_SCRATCH_READ, end - 8, 8));
}

FIXTURE(refused)
{
	struct node node;
	int fd;
};

FIXTURE_VARIANT(refused)
{
	/* What differs from valid(). Zero: nothing. */
	int request_type;
	int request;
	int index;
	int length;
	int out_of_range_ms;
	uint64_t reserved;
	int error;
};

#define REFUSED(name, wanted, ...) \
	FIXTURE_VARIANT_ADD(refused, name) { .error = wanted, __VA_ARGS__ }

REFUSED(lowest_reserved_bit, EINVAL, .reserved = 1);
REFUSED(highest_reserved_bit, EINVAL, .reserved = 1ull << 63);
REFUSED(no_timeout, EINVAL, .out_of_range_ms = -1);
REFUSED(timeout_over_the_maximum, EINVAL, .out_of_range_ms = USBPIPE_CONTROL_MAX_TIMEOUT + 1);
REFUSED(timeout_without_end, EINVAL, .out_of_range_ms = INT32_MAX);
REFUSED(recipient_other, EINVAL, .request_type = 0xc3);
REFUSED(recipient_unknown, EINVAL, .request_type = 0xc4);
REFUSED(recipient_all_bits, EINVAL, .request_type = 0xdf);
REFUSED(length_over_the_maximum, EMSGSIZE, .length = USBPIPE_CONTROL_MAX_LENGTH + 1);
REFUSED(length_all_bits, EMSGSIZE, .length = UINT16_MAX);
REFUSED(standard_request, EPERM, .request_type = 0x80);
REFUSED(class_request, EPERM, .request_type = 0xa0);
REFUSED(request_of_reserved_type, EINVAL, .request_type = 0xe0);
REFUSED(another_interface, EPERM, .request_type = 0xc1, .index = 1);
REFUSED(another_endpoint, EPERM, .request_type = 0xc2, .index = 0x83);
REFUSED(endpoint_of_the_other_direction, EPERM, .request_type = 0xc2, .index = 0x02);
REFUSED(endpoint_zero, EPERM, .request_type = 0xc2, .index = 0);
/* These reach the device, which does not know them. */
REFUSED(unknown_request, EPIPE, .request = REFDEV_UNKNOWN);
REFUSED(own_out_endpoint, EPIPE, .request_type = 0xc2, .index = REFDEV_OUT);
REFUSED(own_in_endpoint, EPIPE, .request_type = 0xc2, .index = REFDEV_IN);
REFUSED(own_interrupt_endpoint, EPIPE, .request_type = 0xc2, .index = REFDEV_INTERRUPT);
REFUSED(high_byte_of_own_interface, EPIPE, .request_type = 0xc1, .index = 0x5500);

FIXTURE_SETUP(refused)
{
	self->fd = refdev_open(&self->node);
	assert_device(self->fd);
}

FIXTURE_TEARDOWN(refused)
{
	close(self->fd);
}

TEST_F(refused, with_its_error_and_without_a_trace)
{
	static uint8_t room[UINT16_MAX];
	struct refdev_status before, after;
	struct usbpipe_control control = valid(room), sent;

	control.request_type = variant->request_type ?: control.request_type;
	control.request = variant->request ?: control.request;
	control.index = variant->index;
	control.length = variant->length ?: control.length;
	if (variant->out_of_range_ms)
		control.timeout_ms = variant->out_of_range_ms < 0 ? 0 : variant->out_of_range_ms;
	control.reserved = variant->reserved;
	sent = control;
	memset(room, POISON, sizeof(room));
	ASSERT_EQ(0, refdev_status(self->fd, &before));
	ASSERT_EQ(-1, ioctl(self->fd, USBPIPE_IOC_CONTROL, &control));
	ASSERT_EQ(variant->error, errno);
	ASSERT_EQ(0, control.actual);
	sent.actual = 0;
	ASSERT_EQ(0, memcmp(&sent, &control, sizeof(control)));
	ASSERT_TRUE(is_all(room, sizeof(room), POISON));
	ASSERT_EQ(0, refdev_status(self->fd, &after));
	ASSERT_EQ(0, memcmp(&before, &after, sizeof(after)));
}

TEST_F(uapi, control_times_out_and_the_device_goes_on)
{
	struct refdev_status status;
	struct usbpipe_control control = valid(&status);
	long start = now_ms();

	control.request = REFDEV_NEVER_ANSWER;
	control.timeout_ms = 150;
	ASSERT_EQ(-1, ioctl(self->fd, USBPIPE_IOC_CONTROL, &control));
	ASSERT_EQ(ETIMEDOUT, errno);
	ASSERT_EQ(0, control.actual);
	ASSERT_LE(150, now_ms() - start);
	ASSERT_GT(DEADLINE_MS / 2, now_ms() - start);
	ASSERT_EQ(0, refdev_status(self->fd, &status));
}

static long never_answered(int fd)
{
	struct refdev_status status;
	struct usbpipe_control control = valid(&status);

	control.request = REFDEV_NEVER_ANSWER;
	control.timeout_ms = USBPIPE_CONTROL_MAX_TIMEOUT;
	return refdev_control(fd, &control);
}

TEST_F(uapi, control_is_interrupted_by_a_signal)
{
	struct refdev_status status;
	long start = now_ms();

	ASSERT_EQ(0, alarms_start(0));
	ASSERT_EQ(-EINTR, never_answered(self->fd));
	alarms_stop();
	ASSERT_GT(DEADLINE_MS, now_ms() - start);
	ASSERT_EQ(0, refdev_status(self->fd, &status));
}

/* A request may have had its effect: it must not be sent a second time behind one's back. */
TEST_F(uapi, control_is_never_restarted)
{
	struct refdev_status status;

	ASSERT_EQ(0, alarms_start(SA_RESTART));
	ASSERT_EQ(-EINTR, never_answered(self->fd));
	alarms_stop();
	ASSERT_EQ(0, refdev_status(self->fd, &status));
}

int main(int argc, char **argv)
{
	node_from_arguments(&argc, argv);
	return test_harness_run(argc, argv);
}
