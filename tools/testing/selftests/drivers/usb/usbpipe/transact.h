/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Commands of USBPIPE_IOC_TRANSACT.
 *
 * In loopback mode a command is its own reply.
 */
#ifndef USBPIPE_TEST_TRANSACT_H
#define USBPIPE_TEST_TRANSACT_H

#include "state.h"

/* Milliseconds in which no reply comes. */
#define PATIENCE 100

/* A command that is valid, with a reply as long as it. */
static inline struct usbpipe_transaction command(const void *out, void *in, uint32_t length)
{
	return (struct usbpipe_transaction) {
		.sequence = POISON_ACTUAL,
		.out_data = (uintptr_t)out,
		.in_data = (uintptr_t)in,
		.out_length = out ? length : 0,
		.in_length = in ? length : 0,
		.out_actual = POISON_ACTUAL,
		.in_actual = POISON_ACTUAL,
		.timeout_ms = DEADLINE_MS / 2,
		.result = 1,
		.state = POISON,
		.stale = POISON_ACTUAL,
	};
}

/* A control request that is valid. */
static inline struct usbpipe_transaction request(void *in, uint16_t length)
{
	struct usbpipe_transaction request = command(NULL, in, length);
	const uint8_t setup[8] = { 0xc0, REFDEV_GET_STATUS, 0, 0, 0, 0, length, length >> 8 };

	request.kind = USBPIPE_TRANSACTION_CONTROL;
	memcpy(request.setup, setup, 8);
	return request;
}

static inline int transact_on(int fd, struct usbpipe_transaction *transactions, uint32_t count,
		       uint32_t *completed, uint8_t in_endpoint)
{
	struct usbpipe_transact batch = {
		.transactions = (uintptr_t)transactions,
		.count = count,
		.completed = POISON_ACTUAL,
		.in_endpoint = in_endpoint,
	};
	int err = call(fd, USBPIPE_IOC_TRANSACT, &batch);

	*completed = batch.completed;
	return err;
}

static inline int transact(int fd, struct usbpipe_transaction *transactions, uint32_t count,
		    uint32_t *completed)
{
	return transact_on(fd, transactions, count, completed, 0);
}

/* One command. Returns its error, or 0. */
static inline int one(int fd, struct usbpipe_transaction *transaction)
{
	uint32_t completed;
	int err = transact(fd, transaction, 1, &completed);

	if (completed != !err)
		return -EBADE;
	return err == transaction->result ? err : -EBADE;
}

#endif /* USBPIPE_TEST_TRANSACT_H */
