// SPDX-License-Identifier: GPL-2.0
/*
 * A command and its reply: transact_example NODE OUT-ENDPOINT IN-ENDPOINT
 *
 * Documentation/usb/usbpipe.rst quotes from it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/usb/usbpipe.h>

/* Sends a command whose first byte is repeated by its reply. Returns the length of the reply. */
static int ask(int fd, struct usbpipe_transact *batch, const void *command, uint32_t length,
	       void *reply, uint32_t room)
{
	struct usbpipe_transaction transaction = {
		.kind = USBPIPE_TRANSACTION_PIPES,
		.out_data = (uintptr_t)command,
		.out_length = length,
		.in_data = (uintptr_t)reply,
		.in_length = room,
		.timeout_ms = 1000,
		.tag_length = 1,
	};

	batch->transactions = (uintptr_t)&transaction;
	batch->count = 1;
	if (!ioctl(fd, USBPIPE_IOC_TRANSACT, batch))
		return transaction.in_actual;
	if (errno == ETIMEDOUT && transaction.state == USBPIPE_TRANSACTION_AWAITING)
		fprintf(stderr, "sent, but there is no reply yet; it will be dropped\n");
	return -1;
}

int main(int argc, char **argv)
{
	struct usbpipe_transact batch = { 0 };
	unsigned char command[] = { 42, 'h', 'e', 'l', 'l', 'o' };
	unsigned char reply[512];
	int fd, length;

	if (argc != 4)
		return 2;
	fd = open(argv[1], O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		perror(argv[1]);
		return 1;
	}
	batch.out_endpoint = strtoul(argv[2], NULL, 0);
	batch.in_endpoint = strtoul(argv[3], NULL, 0);
	length = ask(fd, &batch, command, sizeof(command), reply, sizeof(reply));
	if (length < 0) {
		perror("USBPIPE_IOC_TRANSACT");
		return 1;
	}
	printf("a reply of %d bytes\n", length);
	return 0;
}
