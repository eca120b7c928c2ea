/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SKELETON_SCENES_SCENES_H
#define SKELETON_SCENES_SCENES_H

/* With a device that does what it should. */
void the_node(void);
void nothing(void);
void loop(void);
void pieces(void);
void large(void);
void left_over(void);
void nonblock(void);
void read_ahead(void);
void close_reading(void);
void polls(void);
void unsupported(void);
void position(void);
void vectors(void);
void bad_memory(void);
void signal_read(void);
void restarted_read(void);
void write_behind_reader(void);
void nonblock_behind_reader(void);
void close_behind_reader(void);

/* With one that fails, takes nothing, or is reset. */
void read_fails(void);
void write_fails(void);
void write_fails_close(void);
void write_fails_read(void);
void credit(void);
void credit_signal(void);
void killed(void);
void reset_writes(void);
void reset_writer(void);
void reset_read(void);
void reset_write(void);
void reset_close(void);
void reset_behind_reader(void);

/* With one that goes. */
void unplugged(void);
void unplug_reader(void);
void unplug_writes(void);
void unplug_writer(void);

/* With a device, or a system, that sleeps. */
void suspend(void);
void sleep_idle(void);
void sleep_behind_reader(void);
void sleep_writes(void);

#endif /* SKELETON_SCENES_SCENES_H */
