// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin of QEMU: counts the guest's instructions by place, from one address in it to another.
 *
 *	-plugin profile.so,begin=ADDRESS,end=ADDRESS,out=FILE
 *
 * Whenever the guest gets to the second one, FILE gets lines of ADDRESS INSTRUCTIONS, one for each
 * block of code. A block that an interrupt cuts short counts as a whole.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profile.h"

EXPORT int qemu_plugin_version = 1;

/* A piece of the guest's code as it was translated, once or several times. */
struct block {
	struct block *next;
	uint64_t address;
	uint64_t instructions;
};

static struct block *blocks;
static uint64_t begin, end;
static char *out;

static void start(unsigned int cpu, void *data)
{
	for (struct block *block = blocks; block; block = block->next)
		block->instructions = 0;
}

static void stop(unsigned int cpu, void *data)
{
	FILE *file = fopen(out, "w");

	for (struct block *block = blocks; file && block; block = block->next)
		if (block->instructions)
			fprintf(file, "%" PRIx64 " %" PRIu64 "\n", block->address, block->instructions);
	if (file)
		fclose(file);
}

static void translated(uint64_t id, struct qemu_plugin_tb *code)
{
	struct block *block = calloc(1, sizeof(*block));

	if (!block)
		abort();
	block->address = qemu_plugin_tb_vaddr(code);
	block->next = blocks;
	blocks = block;
	qemu_plugin_register_vcpu_tb_exec_inline(code, INLINE_ADD_U64, &block->instructions, qemu_plugin_tb_n_insns(code));
	if (block->address == begin)
		qemu_plugin_register_vcpu_tb_exec_cb(code, start, CB_NO_REGS, NULL);
	if (block->address == end)
		qemu_plugin_register_vcpu_tb_exec_cb(code, stop, CB_NO_REGS, NULL);
}

static void parse(const char *word)
{
	if (!strncmp(word, "begin=", 6))
		begin = strtoull(word + 6, NULL, 16);
	else if (!strncmp(word, "end=", 4))
		end = strtoull(word + 4, NULL, 16);
	else if (!strncmp(word, "out=", 4))
		out = strdup(word + 4);
}

EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		parse(argv[i]);
	if (!begin || !end || !out)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
