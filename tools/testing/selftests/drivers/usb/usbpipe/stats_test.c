// SPDX-License-Identifier: GPL-2.0
/*
 * What went through a node, and what it takes: USBPIPE_IOC_STATS and LIMITS, FIONREAD, sysfs and
 * /proc/self/fdinfo.
 */
#include "kselftest_harness.h"

#include "blocked.h"
#include "state.h"

FRESH_FIXTURE(stats, O_NONBLOCK);

static int attribute(const struct node *node, const char *folder, const char *name, uint64_t *value)
{
	char path[200], text[32] = "", *end;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/usbmisc/%s/device/%s/%s",
		 strrchr(node->path, '/') + 1, folder, name);
	file = fopen(path, "r");
	if (!file)
		return -errno;
	if (!fgets(text, sizeof(text), file))
		text[0] = 0;
	fclose(file);
	*value = strtoull(text, &end, 10);
	return end > text && *end == '\n' ? 0 : -EBADMSG;
}

static struct usbpipe_stats stats_of(int fd)
{
	struct usbpipe_stats stats;

	memset(&stats, POISON, sizeof(stats));
	if (ioctl(fd, USBPIPE_IOC_STATS, &stats))
		memset(&stats, 0xff, sizeof(stats));
	return stats;
}

static struct usbpipe_limits limits_of(int fd)
{
	struct usbpipe_limits limits;

	memset(&limits, POISON, sizeof(limits));
	if (ioctl(fd, USBPIPE_IOC_LIMITS, &limits))
		memset(&limits, 0xff, sizeof(limits));
	return limits;
}

TEST_F(stats, limits_are_those_of_the_header)
{
	struct usbpipe_limits limits = limits_of(self->fd);

	ASSERT_EQ(USBPIPE_MAX_TRANSFER, limits.max_transfer);
	ASSERT_EQ(USBPIPE_MAX_DEPTH, limits.max_depth);
	ASSERT_EQ(USBPIPE_MAX_TRANSACTIONS, limits.max_transactions);
	ASSERT_EQ(USBPIPE_RING_MAX_SLOTS, limits.max_slots);
	ASSERT_EQ(USBPIPE_RING_MAX_PACKETS, limits.max_packets);
	ASSERT_EQ(0, limits.reserved);
	ASSERT_LT(0, limits.device_memory);
	ASSERT_LE(limits.device_memory, limits.module_memory);
	ASSERT_EQ(0, limits.device_memory_used);
	ASSERT_EQ(0, limits.module_memory_used);
}

TEST_F(stats, what_is_reserved_is_zero)
{
	struct usbpipe_stats stats = stats_of(self->fd);

	ASSERT_TRUE(is_all(stats.reserved, sizeof(stats.reserved), 0));
	ASSERT_EQ(0, stats.memory);
}

TEST_F(stats, transfers_and_bytes_are_counted)
{
	struct usbpipe_stats before = stats_of(self->fd), after;
	uint8_t out[1000], in[1024];

	ASSERT_EQ(1000, transfer(self->fd, REFDEV_OUT, out, sizeof(out)));
	ASSERT_EQ(1000, transfer(self->fd, REFDEV_IN, in, sizeof(in)));
	after = stats_of(self->fd);
	ASSERT_EQ(before.write_transfers + 1, after.write_transfers);
	ASSERT_EQ(before.write_bytes + 1000, after.write_bytes);
	ASSERT_EQ(before.read_transfers + 1, after.read_transfers);
	ASSERT_EQ(before.read_bytes + 1000, after.read_bytes);
	ASSERT_EQ(before.control_requests, after.control_requests);
	ASSERT_EQ(0, refdev_out(self->fd, REFDEV_SET_MODE, REFDEV_LOOPBACK));
	ASSERT_EQ(before.control_requests + 1, stats_of(self->fd).control_requests);
	before = stats_of(self->fd);
	ASSERT_EQ(0, refdev_loopback(self->fd, 100000, 1));
	ASSERT_EQ(0, fsync(self->fd));
	after = stats_of(self->fd);
	ASSERT_EQ(before.write_bytes + 100000, after.write_bytes);
	ASSERT_EQ(before.read_bytes + 100000, after.read_bytes);
	ASSERT_LE(before.write_transfers + 2, after.write_transfers);
	ASSERT_LE(before.read_transfers + 2, after.read_transfers);
}

TEST_F(stats, errors_are_told_apart)
{
	struct usbpipe_stats before = stats_of(self->fd), after;
	uint8_t room[8];
	struct usbpipe_transfer in = {
		.endpoint = REFDEV_IN,
		.timeout_ms = 50,
		.length = sizeof(room),
		.data = (uintptr_t)room,
	};

	ASSERT_EQ(-ETIMEDOUT, call(self->fd, USBPIPE_IOC_TRANSFER, &in));
	ASSERT_EQ(-EPIPE, refdev_in(self->fd, REFDEV_UNKNOWN, room, sizeof(room)));
	ASSERT_EQ(0, refdev_out(self->fd, REFDEV_HALT, REFDEV_IN));
	ASSERT_EQ(-EPIPE, call(self->fd, USBPIPE_IOC_TRANSFER, &in));
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_CLEAR_HALT, REFDEV_IN));
	after = stats_of(self->fd);
	ASSERT_EQ(before.errors_timeout + 1, after.errors_timeout);
	ASSERT_EQ(before.errors_stall + 2, after.errors_stall);
	ASSERT_EQ(before.errors_overflow, after.errors_overflow);
	ASSERT_EQ(before.errors_bus, after.errors_bus);
	ASSERT_EQ(before.errors_other, after.errors_other);
}

TEST_F(stats, what_was_cancelled_is_no_error)
{
	struct usbpipe_stats before = stats_of(self->fd), after;

	ASSERT_LT(REFDEV_FIFO, refdev_fill_up(self->fd, 1));
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_FLUSH, USBPIPE_FLUSH_WRITE));
	after = stats_of(self->fd);
	ASSERT_LT(before.cancelled, after.cancelled);
	ASSERT_EQ(before.errors_other, after.errors_other);
	ASSERT_EQ(before.errors_timeout, after.errors_timeout);
}

TEST_F(stats, memory_comes_and_goes)
{
	struct usbpipe_stats stats;
	char byte;

	ASSERT_EQ(-1, read(self->fd, &byte, 1));
	stats = stats_of(self->fd);
	ASSERT_LT(0, stats.memory);
	ASSERT_EQ(stats.memory, limits_of(self->fd).device_memory_used);
	ASSERT_EQ(stats.memory, limits_of(self->fd).module_memory_used);
	ASSERT_LE(stats.memory, stats.memory_high_water);
	close(self->fd);
	self->fd = another(&self->node, O_NONBLOCK);
	ASSERT_EQ(0, stats_of(self->fd).memory);
	ASSERT_LE(stats.memory, stats_of(self->fd).memory_high_water);
}

#define SAME(folder, name, value) do {						\
	uint64_t __value;							\
										\
	ASSERT_EQ(0, attribute(&self->node, folder, name, &__value)) {		\
		TH_LOG("no %s/%s", folder, name);				\
	}									\
	ASSERT_EQ(value, __value);						\
} while (0)

TEST_F(stats, sysfs_tells_the_same)
{
	struct usbpipe_stats stats;
	uint8_t room[8];

	ASSERT_EQ(0, refdev_loopback(self->fd, 5000, 1));
	ASSERT_EQ(0, fsync(self->fd));
	ASSERT_EQ(-EPIPE, refdev_in(self->fd, REFDEV_UNKNOWN, room, sizeof(room)));
	stats = stats_of(self->fd);
	ASSERT_LT(0, stats.read_bytes);
	ASSERT_LT(0, stats.errors_stall);
	SAME("usbpipe", "read_transfers", stats.read_transfers);
	SAME("usbpipe", "read_bytes", stats.read_bytes);
	SAME("usbpipe", "write_transfers", stats.write_transfers);
	SAME("usbpipe", "write_bytes", stats.write_bytes);
	SAME("usbpipe", "control_requests", stats.control_requests);
	SAME("usbpipe", "transactions", stats.transactions);
	SAME("usbpipe", "ring_high_water", stats.ring_high_water);
	SAME("usbpipe", "resets", stats.resets);
	SAME("usbpipe", "suspends", stats.suspends);
	SAME("usbpipe_errors", "stall", stats.errors_stall);
	SAME("usbpipe_errors", "timeout", stats.errors_timeout);
	SAME("usbpipe_errors", "overflow", stats.errors_overflow);
	SAME("usbpipe_errors", "bus", stats.errors_bus);
	SAME("usbpipe_errors", "other", stats.errors_other);
	SAME("usbpipe_errors", "cancelled", stats.cancelled);
	SAME("usbpipe_errors", "late_packets", stats.late_packets);
	SAME("usbpipe_errors", "stale_replies", stats.stale_replies);
}

TEST_F(stats, fionread_tells_what_is_there)
{
	uint8_t room[4096];
	int count = -1;

	ASSERT_EQ(0, ioctl(self->fd, FIONREAD, &count));
	ASSERT_EQ(0, count);
	ASSERT_EQ(3000, write(self->fd, room, 3000));
	ASSERT_TRUE(wait_until(!ioctl(self->fd, FIONREAD, &count) && count == 3000));
	ASSERT_EQ(1000, read(self->fd, room, 1000));
	ASSERT_EQ(0, ioctl(self->fd, FIONREAD, &count));
	ASSERT_EQ(2000, count);
	ASSERT_EQ(2000, read(self->fd, room, sizeof(room)));
	ASSERT_EQ(0, ioctl(self->fd, FIONREAD, &count));
	ASSERT_EQ(0, count);
	ASSERT_EQ(-EFAULT, call(self->fd, FIONREAD, NULL));
}

TEST_F(stats, fionread_where_nothing_can_be_read)
{
	struct usbpipe_select none = { 0 };
	int count;

	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_SELECT, &none));
	ASSERT_EQ(-EOPNOTSUPP, call(self->fd, FIONREAD, &count));
}

/* The value of a line of /proc/self/fdinfo/@fd, or -1. */
static long told_of(int fd, const char *name)
{
	char path[64], line[256];
	long value = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)) && line[strlen(name)] == ':')
			value = strtol(line + strlen(name) + 1, NULL, 0);
	if (file)
		fclose(file);
	return value;
}

TEST_F(stats, fdinfo_tells_what_the_file_does)
{
	struct usbpipe_select select = {
		.read_endpoint = REFDEV_INTERRUPT,
		.write_endpoint = 0,
	};

	ASSERT_EQ(REFDEV_IN, told_of(self->fd, "usbpipe-read-endpoint"));
	ASSERT_EQ(REFDEV_OUT, told_of(self->fd, "usbpipe-write-endpoint"));
	ASSERT_EQ(0, told_of(self->fd, "usbpipe-waiting"));
	ASSERT_EQ(0, told_of(self->fd, "usbpipe-memory"));
	ASSERT_EQ(-1, told_of(self->fd, "usbpipe-gone"));
	/* Looking does not begin a stream. */
	ASSERT_EQ(0, limits_of(self->fd).device_memory_used);
	ASSERT_EQ(5, write(self->fd, "hello", 5));
	ASSERT_EQ(POLLIN, ready(self->fd, POLLIN));
	ASSERT_EQ(5, told_of(self->fd, "usbpipe-waiting"));
	ASSERT_EQ(limits_of(self->fd).device_memory_used, told_of(self->fd, "usbpipe-memory"));
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_SELECT, &select));
	ASSERT_EQ(REFDEV_INTERRUPT, told_of(self->fd, "usbpipe-read-endpoint"));
	ASSERT_EQ(0, told_of(self->fd, "usbpipe-write-endpoint"));
}

TEST_F(stats, needs_writable_memory)
{
	char *end = last_page(PROT_READ | PROT_WRITE) + sysconf(_SC_PAGESIZE);
	char *read_only = last_page(PROT_READ);

	ASSERT_EQ(-EFAULT, call(self->fd, USBPIPE_IOC_STATS, NULL));
	ASSERT_EQ(-EFAULT, call(self->fd, USBPIPE_IOC_STATS, read_only));
	ASSERT_EQ(-EFAULT, call(self->fd, USBPIPE_IOC_STATS,
				end - sizeof(struct usbpipe_stats) + 8));
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_STATS, end - sizeof(struct usbpipe_stats)));
	ASSERT_EQ(-EFAULT, call(self->fd, USBPIPE_IOC_LIMITS, NULL));
	ASSERT_EQ(-EFAULT, call(self->fd, USBPIPE_IOC_LIMITS, read_only));
	ASSERT_EQ(-EFAULT, call(self->fd, USBPIPE_IOC_LIMITS,
				end - sizeof(struct usbpipe_limits) + 8));
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_LIMITS, end - sizeof(struct usbpipe_limits)));
}

int main(int argc, char **argv)
{
	node_from_arguments(&argc, argv);
	return test_harness_run(argc, argv);
}
