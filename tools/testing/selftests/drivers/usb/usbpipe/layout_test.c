// SPDX-License-Identifier: GPL-2.0
/*
 * The structures and commands of include/uapi/linux/usb/usbpipe.h lie in memory, and have the
 * numbers, that programs were compiled with. No device is needed.
 */
#include "kselftest_harness.h"

#include <stddef.h>

#include <linux/usb/usbpipe.h>

TEST(layout_is_the_same_for_every_program)
{
	ASSERT_EQ(8, sizeof(struct usbpipe_endpoint));
	ASSERT_EQ(1, offsetof(struct usbpipe_endpoint, type));
	ASSERT_EQ(2, offsetof(struct usbpipe_endpoint, interval));
	ASSERT_EQ(3, offsetof(struct usbpipe_endpoint, max_burst));
	ASSERT_EQ(4, offsetof(struct usbpipe_endpoint, max_packet));
	ASSERT_EQ(6, offsetof(struct usbpipe_endpoint, mult));
	ASSERT_EQ(7, offsetof(struct usbpipe_endpoint, reserved));
	ASSERT_EQ(272, sizeof(struct usbpipe_info));
	ASSERT_EQ(8, offsetof(struct usbpipe_info, vendor));
	ASSERT_EQ(10, offsetof(struct usbpipe_info, product));
	ASSERT_EQ(12, offsetof(struct usbpipe_info, device_release));
	ASSERT_EQ(14, offsetof(struct usbpipe_info, usb_release));
	ASSERT_EQ(16, offsetof(struct usbpipe_info, bus));
	ASSERT_EQ(18, offsetof(struct usbpipe_info, device));
	ASSERT_EQ(20, offsetof(struct usbpipe_info, speed));
	ASSERT_EQ(21, offsetof(struct usbpipe_info, interface_number));
	ASSERT_EQ(22, offsetof(struct usbpipe_info, altsetting));
	ASSERT_EQ(23, offsetof(struct usbpipe_info, interface_class));
	ASSERT_EQ(24, offsetof(struct usbpipe_info, interface_subclass));
	ASSERT_EQ(25, offsetof(struct usbpipe_info, interface_protocol));
	ASSERT_EQ(26, offsetof(struct usbpipe_info, read_endpoint));
	ASSERT_EQ(27, offsetof(struct usbpipe_info, write_endpoint));
	ASSERT_EQ(28, offsetof(struct usbpipe_info, num_endpoints));
	ASSERT_EQ(29, offsetof(struct usbpipe_info, reserved));
	ASSERT_EQ(32, offsetof(struct usbpipe_info, endpoints));
	ASSERT_EQ(32, sizeof(struct usbpipe_control));
	ASSERT_EQ(1, offsetof(struct usbpipe_control, request));
	ASSERT_EQ(2, offsetof(struct usbpipe_control, value));
	ASSERT_EQ(4, offsetof(struct usbpipe_control, index));
	ASSERT_EQ(6, offsetof(struct usbpipe_control, length));
	ASSERT_EQ(8, offsetof(struct usbpipe_control, timeout_ms));
	ASSERT_EQ(12, offsetof(struct usbpipe_control, actual));
	ASSERT_EQ(16, offsetof(struct usbpipe_control, data));
	ASSERT_EQ(24, offsetof(struct usbpipe_control, reserved));
	ASSERT_EQ(56, sizeof(struct usbpipe_limits));
	ASSERT_EQ(4, offsetof(struct usbpipe_limits, max_depth));
	ASSERT_EQ(8, offsetof(struct usbpipe_limits, max_transactions));
	ASSERT_EQ(12, offsetof(struct usbpipe_limits, max_slots));
	ASSERT_EQ(16, offsetof(struct usbpipe_limits, max_packets));
	ASSERT_EQ(20, offsetof(struct usbpipe_limits, reserved));
	ASSERT_EQ(24, offsetof(struct usbpipe_limits, device_memory));
	ASSERT_EQ(32, offsetof(struct usbpipe_limits, device_memory_used));
	ASSERT_EQ(40, offsetof(struct usbpipe_limits, module_memory));
	ASSERT_EQ(48, offsetof(struct usbpipe_limits, module_memory_used));
	ASSERT_EQ(24, sizeof(struct usbpipe_select));
	ASSERT_EQ(1, offsetof(struct usbpipe_select, write_endpoint));
	ASSERT_EQ(2, offsetof(struct usbpipe_select, flags));
	ASSERT_EQ(4, offsetof(struct usbpipe_select, read_size));
	ASSERT_EQ(8, offsetof(struct usbpipe_select, write_size));
	ASSERT_EQ(12, offsetof(struct usbpipe_select, read_depth));
	ASSERT_EQ(14, offsetof(struct usbpipe_select, write_depth));
	ASSERT_EQ(16, offsetof(struct usbpipe_select, reserved));
	ASSERT_EQ(32, sizeof(struct usbpipe_transfer));
	ASSERT_EQ(1, offsetof(struct usbpipe_transfer, flags));
	ASSERT_EQ(2, offsetof(struct usbpipe_transfer, reserved0));
	ASSERT_EQ(4, offsetof(struct usbpipe_transfer, timeout_ms));
	ASSERT_EQ(8, offsetof(struct usbpipe_transfer, length));
	ASSERT_EQ(12, offsetof(struct usbpipe_transfer, actual));
	ASSERT_EQ(16, offsetof(struct usbpipe_transfer, data));
	ASSERT_EQ(24, offsetof(struct usbpipe_transfer, reserved));
	ASSERT_EQ(72, sizeof(struct usbpipe_transaction));
	ASSERT_EQ(8, offsetof(struct usbpipe_transaction, out_data));
	ASSERT_EQ(16, offsetof(struct usbpipe_transaction, in_data));
	ASSERT_EQ(24, offsetof(struct usbpipe_transaction, out_length));
	ASSERT_EQ(28, offsetof(struct usbpipe_transaction, in_length));
	ASSERT_EQ(32, offsetof(struct usbpipe_transaction, out_actual));
	ASSERT_EQ(36, offsetof(struct usbpipe_transaction, in_actual));
	ASSERT_EQ(40, offsetof(struct usbpipe_transaction, timeout_ms));
	ASSERT_EQ(44, offsetof(struct usbpipe_transaction, result));
	ASSERT_EQ(48, offsetof(struct usbpipe_transaction, setup));
	ASSERT_EQ(56, offsetof(struct usbpipe_transaction, kind));
	ASSERT_EQ(57, offsetof(struct usbpipe_transaction, state));
	ASSERT_EQ(58, offsetof(struct usbpipe_transaction, tag_length));
	ASSERT_EQ(59, offsetof(struct usbpipe_transaction, tag_out));
	ASSERT_EQ(60, offsetof(struct usbpipe_transaction, tag_in));
	ASSERT_EQ(61, offsetof(struct usbpipe_transaction, reserved0));
	ASSERT_EQ(64, offsetof(struct usbpipe_transaction, stale));
	ASSERT_EQ(68, offsetof(struct usbpipe_transaction, reserved));
	ASSERT_EQ(24, sizeof(struct usbpipe_transact));
	ASSERT_EQ(8, offsetof(struct usbpipe_transact, count));
	ASSERT_EQ(12, offsetof(struct usbpipe_transact, completed));
	ASSERT_EQ(16, offsetof(struct usbpipe_transact, out_endpoint));
	ASSERT_EQ(17, offsetof(struct usbpipe_transact, in_endpoint));
	ASSERT_EQ(18, offsetof(struct usbpipe_transact, reserved));
	ASSERT_EQ(32, sizeof(struct usbpipe_event));
	ASSERT_EQ(8, offsetof(struct usbpipe_event, sequence));
	ASSERT_EQ(16, offsetof(struct usbpipe_event, length));
	ASSERT_EQ(20, offsetof(struct usbpipe_event, actual));
	ASSERT_EQ(24, offsetof(struct usbpipe_event, endpoint));
	ASSERT_EQ(25, offsetof(struct usbpipe_event, reserved));
	ASSERT_EQ(192, sizeof(struct usbpipe_stats));
	ASSERT_EQ(8, offsetof(struct usbpipe_stats, read_bytes));
	ASSERT_EQ(16, offsetof(struct usbpipe_stats, write_transfers));
	ASSERT_EQ(24, offsetof(struct usbpipe_stats, write_bytes));
	ASSERT_EQ(32, offsetof(struct usbpipe_stats, control_requests));
	ASSERT_EQ(40, offsetof(struct usbpipe_stats, transactions));
	ASSERT_EQ(48, offsetof(struct usbpipe_stats, stale_replies));
	ASSERT_EQ(56, offsetof(struct usbpipe_stats, errors_stall));
	ASSERT_EQ(64, offsetof(struct usbpipe_stats, errors_timeout));
	ASSERT_EQ(72, offsetof(struct usbpipe_stats, errors_overflow));
	ASSERT_EQ(80, offsetof(struct usbpipe_stats, errors_bus));
	ASSERT_EQ(88, offsetof(struct usbpipe_stats, errors_other));
	ASSERT_EQ(96, offsetof(struct usbpipe_stats, cancelled));
	ASSERT_EQ(104, offsetof(struct usbpipe_stats, late_packets));
	ASSERT_EQ(112, offsetof(struct usbpipe_stats, resets));
	ASSERT_EQ(120, offsetof(struct usbpipe_stats, suspends));
	ASSERT_EQ(128, offsetof(struct usbpipe_stats, ring_high_water));
	ASSERT_EQ(136, offsetof(struct usbpipe_stats, memory));
	ASSERT_EQ(144, offsetof(struct usbpipe_stats, memory_high_water));
	ASSERT_EQ(152, offsetof(struct usbpipe_stats, reserved));
	ASSERT_EQ(128, sizeof(struct usbpipe_ring));
	ASSERT_EQ(4, offsetof(struct usbpipe_ring, user_reserved));
	ASSERT_EQ(64, offsetof(struct usbpipe_ring, completed));
	ASSERT_EQ(68, offsetof(struct usbpipe_ring, flags));
	ASSERT_EQ(72, offsetof(struct usbpipe_ring, error));
	ASSERT_EQ(76, offsetof(struct usbpipe_ring, late));
	ASSERT_EQ(80, offsetof(struct usbpipe_ring, reserved));
	ASSERT_EQ(32, sizeof(struct usbpipe_slot));
	ASSERT_EQ(4, offsetof(struct usbpipe_slot, actual));
	ASSERT_EQ(8, offsetof(struct usbpipe_slot, status));
	ASSERT_EQ(12, offsetof(struct usbpipe_slot, start_frame));
	ASSERT_EQ(16, offsetof(struct usbpipe_slot, errors));
	ASSERT_EQ(20, offsetof(struct usbpipe_slot, reserved));
	ASSERT_EQ(24, offsetof(struct usbpipe_slot, user_data));
	ASSERT_EQ(16, sizeof(struct usbpipe_packet));
	ASSERT_EQ(4, offsetof(struct usbpipe_packet, length));
	ASSERT_EQ(8, offsetof(struct usbpipe_packet, actual));
	ASSERT_EQ(12, offsetof(struct usbpipe_packet, status));
	ASSERT_EQ(64, sizeof(struct usbpipe_ring_setup));
	ASSERT_EQ(1, offsetof(struct usbpipe_ring_setup, reserved0));
	ASSERT_EQ(4, offsetof(struct usbpipe_ring_setup, depth));
	ASSERT_EQ(8, offsetof(struct usbpipe_ring_setup, slots));
	ASSERT_EQ(12, offsetof(struct usbpipe_ring_setup, slot_size));
	ASSERT_EQ(16, offsetof(struct usbpipe_ring_setup, packets));
	ASSERT_EQ(20, offsetof(struct usbpipe_ring_setup, packet_size));
	ASSERT_EQ(24, offsetof(struct usbpipe_ring_setup, slots_offset));
	ASSERT_EQ(28, offsetof(struct usbpipe_ring_setup, packets_offset));
	ASSERT_EQ(32, offsetof(struct usbpipe_ring_setup, data_offset));
	ASSERT_EQ(36, offsetof(struct usbpipe_ring_setup, stride));
	ASSERT_EQ(40, offsetof(struct usbpipe_ring_setup, map_offset));
	ASSERT_EQ(48, offsetof(struct usbpipe_ring_setup, map_length));
	ASSERT_EQ(56, offsetof(struct usbpipe_ring_setup, reserved));
	ASSERT_EQ(24, sizeof(struct usbpipe_ring_enter));
	ASSERT_EQ(1, offsetof(struct usbpipe_ring_enter, flags));
	ASSERT_EQ(2, offsetof(struct usbpipe_ring_enter, reserved0));
	ASSERT_EQ(4, offsetof(struct usbpipe_ring_enter, wait_for));
	ASSERT_EQ(8, offsetof(struct usbpipe_ring_enter, timeout_ms));
	ASSERT_EQ(12, offsetof(struct usbpipe_ring_enter, completed));
	ASSERT_EQ(16, offsetof(struct usbpipe_ring_enter, reserved));
	ASSERT_EQ(16, sizeof(struct usbpipe_uring));
	ASSERT_EQ(8, offsetof(struct usbpipe_uring, length));
	ASSERT_EQ(12, offsetof(struct usbpipe_uring, endpoint));
	ASSERT_EQ(13, offsetof(struct usbpipe_uring, flags));
	ASSERT_EQ(14, offsetof(struct usbpipe_uring, timeout_ms));
}

TEST(commands_have_their_numbers)
{
	ASSERT_EQ(0x8110bb00, USBPIPE_IOC_INFO);
	ASSERT_EQ(0xc020bb01, USBPIPE_IOC_CONTROL);
	ASSERT_EQ(0x8038bb02, USBPIPE_IOC_LIMITS);
	ASSERT_EQ(0x4018bb03, USBPIPE_IOC_SELECT);
	ASSERT_EQ(0xc020bb04, USBPIPE_IOC_TRANSFER);
	ASSERT_EQ(0xc018bb05, USBPIPE_IOC_TRANSACT);
	ASSERT_EQ(0xc020bb06, USBPIPE_IOC_EVENT);
	ASSERT_EQ(0x4004bb07, USBPIPE_IOC_CLEAR_HALT);
	ASSERT_EQ(0x4004bb08, USBPIPE_IOC_FLUSH);
	ASSERT_EQ(0xbb09, USBPIPE_IOC_RESET);
	ASSERT_EQ(0x4004bb0a, USBPIPE_IOC_SET_ALT);
	ASSERT_EQ(0x4004bb0b, USBPIPE_IOC_EXCL);
	ASSERT_EQ(0x80c0bb0c, USBPIPE_IOC_STATS);
	ASSERT_EQ(0xc040bb10, USBPIPE_IOC_RING_SETUP);
	ASSERT_EQ(0xc018bb11, USBPIPE_IOC_RING_ENTER);
	ASSERT_EQ(0x4004bb12, USBPIPE_IOC_RING_FREE);
	ASSERT_EQ(0xc010bb20, USBPIPE_URING_TRANSFER);
}

TEST_HARNESS_MAIN
