// SPDX-License-Identifier: GPL-2.0
/*
 * What happens to the data: every arm reads each byte that came, in the same way.
 */
#include "stream.h"

#include <immintrin.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Gadget Zero sends its buffers again in the same order: this is what all of them hold. */
#define PERIOD		(32 * 65536)
#define MAX_SUMS	(PERIOD / 512)
#define BLOCK		512
#define VECTORS		16

/* Sums of what came before, and which of them is next: the stream repeats itself after so many. */
static uint64_t sums[MAX_SUMS];
static uint32_t learned, next, period;
static uint64_t (*checksum)(const void *data, size_t length);

/* Several accumulators: a CPU adds to one while it waits for the memory of another. */
__attribute__((target("avx2")))
static uint64_t checksum_avx2(const void *data, size_t length)
{
	const __m256i *from = data, *end = from + length / sizeof(*from);
	__m256i parts[4] = {};

	for (; from != end; from += VECTORS)
#pragma GCC unroll 16
		for (int i = 0; i < VECTORS; i++) {
			parts[i % 4] = _mm256_add_epi64(parts[i % 4], from[i]);
			/* In this order, each addition takes its data from memory by itself. */
			asm("" : "+x"(parts[i % 4]));
		}
	parts[0] = _mm256_add_epi64(_mm256_add_epi64(parts[0], parts[1]), _mm256_add_epi64(parts[2], parts[3]));
	return parts[0][0] + parts[0][1] + parts[0][2] + parts[0][3];
}

static uint64_t checksum_words(const void *data, size_t length)
{
	const uint64_t *from = data, *end = from + length / sizeof(*from);
	uint64_t sum = 0;

	while (from != end)
		sum += *from++;
	return sum;
}

static uint8_t packet_byte(const struct stream *stream, uint64_t position)
{
	return position % stream->packet % 63;
}

static uint8_t word_byte(uint64_t position)
{
	return position / sizeof(uint64_t) >> position % sizeof(uint64_t) * 8;
}

static uint8_t expected(const struct stream *stream, uint64_t position)
{
	return stream->pattern == PATTERN_WORDS ? word_byte(position) : packet_byte(stream, position);
}

void data_fill(const struct stream *stream, void *data, uint32_t length)
{
	uint8_t *to = data;

	for (uint32_t i = 0; i < length; i++)
		to[i] = packet_byte(stream, i);
}

static void verify(const struct stream *stream, const uint8_t *data, uint32_t length)
{
	for (uint32_t i = 0; i < length; i++)
		if (data[i] != expected(stream, stream->position + i))
			errx(1, "byte %llu is %#x, not %#x", (unsigned long long)stream->position + i, data[i],
			     expected(stream, stream->position + i));
}

/* A sum that is not known yet, or wrong. */
__attribute__((noinline))
static void learn(const struct stream *stream, uint64_t sum)
{
	if (next < learned)
		errx(1, "transfer at byte %llu: the data is not what it was", (unsigned long long)stream->position);
	sums[next] = sum;
	learned = next + 1;
}

static void compare(const struct stream *stream, uint64_t sum)
{
	if (sums[next] != sum || next >= learned)
		learn(stream, sum);
	if (++next == period)
		next = 0;
}

static void compare_words(const struct stream *stream, uint64_t sum)
{
	uint64_t count = stream->length / sizeof(uint64_t), first = stream->position / sizeof(uint64_t);

	if (sum != count * first + count * (count - 1) / 2)
		errx(1, "transfer at byte %llu: wrong data", (unsigned long long)stream->position);
}

static void look(const struct stream *stream, const void *data, uint32_t length)
{
	if (stream->verify)
		verify(stream, data, length);
	else if (stream->pattern == PATTERN_WORDS)
		compare_words(stream, checksum(data, length));
	else
		compare(stream, checksum(data, length));
}

void data_take(struct stream *stream, void *data, uint32_t length)
{
	if (length != stream->length)
		errx(1, "transfer at byte %llu: %u bytes", (unsigned long long)stream->position, length);
	if (stream->look)
		look(stream, data, length);
	stream->position += length;
}

void data_prepare(struct stream *stream)
{
	stream->look = stream->in && !stream->blind;
	period = stream->length ? PERIOD / stream->length : 0;
	checksum = __builtin_cpu_supports("avx2") ? checksum_avx2 : checksum_words;
	if (!period || stream->length % BLOCK || period > MAX_SUMS)
		errx(2, "%u bytes: not a length to measure", stream->length);
}

/* Memory that is there: no page of it has to be found later. */
void *data_buffer(size_t length)
{
	void *data = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (data == MAP_FAILED)
		err(1, "%zu bytes", length);
	return data;
}
