// SPDX-License-Identifier: GPL-2.0
/*
 * USBPIPE_IOC_CONTROL: which requests are let through. (uapi_test has its other fields.)
 */
#include "kselftest_harness.h"

#include "state.h"

FRESH_FIXTURE(control, 0);

static int request(int fd, uint8_t type, uint8_t request, uint16_t value, uint16_t index,
		   void *room, uint16_t length)
{
	struct usbpipe_control control = {
		.request_type = type,
		.request = request,
		.value = value,
		.index = index,
		.length = length,
		.data = (uintptr_t)room,
		.timeout_ms = DEADLINE_MS / 2,
	};

	return refdev_control(fd, &control);
}

/* Standard requests that only read (USB 2.0, 9.4). */
TEST_F(control, what_the_device_says_of_itself_may_be_read)
{
	uint8_t room[255];

	ASSERT_EQ(18, request(self->fd, 0x80, 6, 0x0100, 0, room, 18));
	ASSERT_EQ(18, room[0]);
	ASSERT_EQ(REFDEV_VENDOR, room[8] | room[9] << 8);
	ASSERT_LT(9, request(self->fd, 0x80, 6, 0x0200, 0, room, sizeof(room)));
	ASSERT_EQ(2, request(self->fd, 0x80, 0, 0, 0, room, 2));
	ASSERT_EQ(1, request(self->fd, 0x80, 8, 0, 0, room, 1));
	ASSERT_EQ(1, room[0]);
	ASSERT_EQ(1, request(self->fd, 0x81, 10, 0, 0, room, 1));
	ASSERT_EQ(0, room[0]);
	ASSERT_EQ(2, request(self->fd, 0x81, 0, 0, 0, room, 2));
	ASSERT_EQ(2, request(self->fd, 0x82, 0, 0, REFDEV_IN, room, 2));
	ASSERT_EQ(0, room[0]);
}

TEST_F(control, an_answer_without_room_for_it)
{
	struct refdev_status status;

	ASSERT_EQ(0, request(self->fd, 0xc0, REFDEV_GET_STATUS, 0, 0, NULL, 0));
	ASSERT_EQ(0, refdev_status(self->fd, &status));
}

/* They go to the device, which does not know them. */
TEST_F(control, class_requests_are_for_the_interface_and_its_endpoints)
{
	uint8_t room[8];

	ASSERT_EQ(-EPIPE, request(self->fd, 0xa1, 1, 0, 0, room, sizeof(room)));
	ASSERT_EQ(-EPIPE, request(self->fd, 0x21, 1, 0, 0, room, sizeof(room)));
	ASSERT_EQ(-EPIPE, request(self->fd, 0xa2, 1, 0, REFDEV_IN, room, sizeof(room)));
	ASSERT_EQ(-EPIPE, request(self->fd, 0x22, 1, 0, REFDEV_OUT, room, sizeof(room)));
}

/* Endpoints are those of the altsetting in use. */
TEST_F(control, endpoints_come_and_go_with_the_altsetting)
{
	uint8_t room[2];

	ASSERT_EQ(-EPERM, request(self->fd, 0x82, 0, 0, REFDEV_ISO_IN, room, 2));
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_SET_ALT, 1));
	ASSERT_EQ(2, request(self->fd, 0x82, 0, 0, REFDEV_ISO_IN, room, 2));
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_SET_ALT, 0));
	ASSERT_EQ(-EPERM, request(self->fd, 0x82, 0, 0, REFDEV_ISO_IN, room, 2));
}

FRESH_FIXTURE(refused, 0);

FIXTURE_VARIANT(refused)
{
	uint8_t type;
	uint8_t request;
	uint16_t value;
	uint16_t index;
	int error;
};

#define REFUSED(name, wanted, ...) \
	FIXTURE_VARIANT_ADD(refused, name) { .error = wanted, __VA_ARGS__ }

/* What changes state of which the kernel keeps track. */
REFUSED(clear_feature_of_the_device, EPERM, .type = 0x00, .request = 1, .value = 1);
REFUSED(clear_halt, EPERM, .type = 0x02, .request = 1, .index = REFDEV_IN);
REFUSED(set_feature_of_the_device, EPERM, .type = 0x00, .request = 3, .value = 1);
REFUSED(set_halt, EPERM, .type = 0x02, .request = 3, .index = REFDEV_IN);
REFUSED(set_address, EPERM, .type = 0x00, .request = 5, .value = 9);
REFUSED(set_descriptor, EPERM, .type = 0x00, .request = 7, .value = 0x0100);
REFUSED(set_configuration, EPERM, .type = 0x00, .request = 9, .value = 1);
REFUSED(set_interface, EPERM, .type = 0x01, .request = 11, .value = 1);
REFUSED(set_sel, EPERM, .type = 0x00, .request = 48);
REFUSED(set_isochronous_delay, EPERM, .type = 0x00, .request = 49);
/* The same, in the wrong direction: nobody knows what a device makes of it. */
REFUSED(set_configuration_inwards, EPERM, .type = 0x80, .request = 9, .value = 1);
REFUSED(set_interface_inwards, EPERM, .type = 0x81, .request = 11, .value = 1);
REFUSED(get_status_outwards, EPERM, .type = 0x00, .request = 0);
REFUSED(get_descriptor_outwards, EPERM, .type = 0x00, .request = 6, .value = 0x0100);
/* Requests that the standard does not have. */
REFUSED(standard_unknown, EPERM, .type = 0x80, .request = 2);
REFUSED(standard_last, EPERM, .type = 0x80, .request = 255);
/* Other interfaces and their endpoints. */
REFUSED(status_of_another_interface, EPERM, .type = 0x81, .request = 0, .index = 1);
REFUSED(status_of_another_endpoint, EPERM, .type = 0x82, .request = 0, .index = 0x85);
REFUSED(class_of_another_interface, EPERM, .type = 0x21, .request = 1, .index = 1);
REFUSED(class_of_another_endpoint, EPERM, .type = 0x22, .request = 1, .index = 0x05);
REFUSED(class_of_the_device, EPERM, .type = 0x20, .request = 1);
REFUSED(class_of_the_device_inwards, EPERM, .type = 0xa0, .request = 1);
REFUSED(class_of_other, EINVAL, .type = 0x23, .request = 1);
REFUSED(standard_of_other, EINVAL, .type = 0x83, .request = 0);
REFUSED(reserved_type, EINVAL, .type = 0x60, .request = 1);

TEST_F(refused, with_its_error_and_without_a_trace)
{
	struct usbpipe_control control = {
		.request_type = variant->type,
		.request = variant->request,
		.value = variant->value,
		.index = variant->index,
		.timeout_ms = DEADLINE_MS / 2,
		.actual = POISON_ACTUAL,
	};
	struct usbpipe_stats stats, stats_after;
	struct state before, after;

	ASSERT_EQ(0, state_read(self->fd, &before));
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_STATS, &stats));
	ASSERT_EQ(-variant->error, call(self->fd, USBPIPE_IOC_CONTROL, &control));
	ASSERT_EQ(0, control.actual);
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_STATS, &stats_after));
	ASSERT_EQ(0, memcmp(&stats, &stats_after, sizeof(stats)));
	ASSERT_EQ(0, state_read(self->fd, &after));
	ASSERT_EQ(0, memcmp(&before, &after, sizeof(after)));
}

int main(int argc, char **argv)
{
	node_from_arguments(&argc, argv);
	return test_harness_run(argc, argv);
}
