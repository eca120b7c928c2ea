/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What profile.c needs of QEMU's interface for plugins, version 1. Not every distribution has QEMU's
 * own header.
 */
#ifndef PROFILE_H
#define PROFILE_H

#include <stddef.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))

/* Registers that a callback uses. */
enum { CB_NO_REGS };

/* What is done without a callback. */
enum { INLINE_ADD_U64 };

struct qemu_plugin_tb;

typedef void (*translated_fn)(uint64_t id, struct qemu_plugin_tb *block);
typedef void (*executed_fn)(unsigned int cpu, void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, translated_fn callback);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *block, executed_fn callback, int flags, void *data);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *block, int operation, void *to, uint64_t value);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *block);

EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

#endif /* PROFILE_H */
