// SPDX-License-Identifier: GPL-2.0
/*
 * An audio player without a library: it writes one period of silence after the
 * other, works WORK_US of CPU time for each, and counts the underruns. The sound
 * card keeps time, so that a player that comes late is told by the kernel.
 *
 * usage: player [-s] [-d RUNTIME_US:PERIOD_US] FRAMES WARM_S SECONDS WORK_US [PID...]
 *
 * -d: it makes itself SCHED_DEADLINE first, as chrt does. Counted is what happens
 * after WARM_S seconds, also the CPU time of the processes PID, its competitors.
 * With -s before all it then stays, for a look at it, until it is killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <sound/asound.h>

#define DEVICE		"/dev/snd/pcmC0D0p"
#define RATE		48000
#define PERIODS		2
#define DEADLINE	6
#define OTHERS_MAX	32

struct deadline {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

struct result {
	double seconds, last, late_max, cpu, others;
	long written, underruns;
};

static double clock_of(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void param_mask(struct snd_pcm_hw_params *p, int n, unsigned int bit)
{
	struct snd_mask *m = &p->masks[n - SNDRV_PCM_HW_PARAM_FIRST_MASK];

	memset(m, 0, sizeof(*m));
	m->bits[bit / 32] = 1u << (bit % 32);
}

static void param_set(struct snd_pcm_hw_params *p, int n, unsigned int value)
{
	struct snd_interval *i = &p->intervals[n - SNDRV_PCM_HW_PARAM_FIRST_INTERVAL];

	*i = (struct snd_interval) { .min = value, .max = value, .integer = 1 };
}

static int set_hardware(int fd, unsigned int frames)
{
	struct snd_pcm_hw_params p;
	size_t i;

	memset(&p, 0, sizeof(p));
	memset(p.masks, 0xff, sizeof(p.masks));
	for (i = 0; i < sizeof(p.intervals) / sizeof(p.intervals[0]); i++)
		p.intervals[i].max = ~0u;
	p.rmask = ~0u;
	p.info = ~0u;
	param_mask(&p, SNDRV_PCM_HW_PARAM_ACCESS, SNDRV_PCM_ACCESS_RW_INTERLEAVED);
	param_mask(&p, SNDRV_PCM_HW_PARAM_FORMAT, SNDRV_PCM_FORMAT_S16_LE);
	param_mask(&p, SNDRV_PCM_HW_PARAM_SUBFORMAT, 0);
	param_set(&p, SNDRV_PCM_HW_PARAM_CHANNELS, 2);
	param_set(&p, SNDRV_PCM_HW_PARAM_RATE, RATE);
	param_set(&p, SNDRV_PCM_HW_PARAM_PERIOD_SIZE, frames);
	param_set(&p, SNDRV_PCM_HW_PARAM_PERIODS, PERIODS);
	return ioctl(fd, SNDRV_PCM_IOCTL_HW_PARAMS, &p);
}

static int set_software(int fd, unsigned int frames)
{
	struct snd_pcm_sw_params p;

	memset(&p, 0, sizeof(p));
	p.period_step = 1;
	/*
	 * Half a period wakes it: the card's position may be some frames behind its
	 * interrupt, and whoever waits for a whole one then sleeps through the next.
	 */
	p.avail_min = frames / 2;
	p.start_threshold = frames * PERIODS;
	p.stop_threshold = frames * PERIODS;
	p.boundary = frames * PERIODS;
	while (p.boundary * 2 <= 0x7fffffffUL - frames * PERIODS)
		p.boundary *= 2;
	return ioctl(fd, SNDRV_PCM_IOCTL_SW_PARAMS, &p) || ioctl(fd, SNDRV_PCM_IOCTL_PREPARE);
}

static int set_deadline(const char *text)
{
	unsigned long long runtime, period;
	struct deadline d = { .size = sizeof(d), .policy = DEADLINE };

	if (sscanf(text, "%llu:%llu", &runtime, &period) != 2)
		return -1;
	d.runtime = runtime * 1000;
	d.deadline = period * 1000;
	d.period = d.deadline;
	return syscall(SYS_sched_setattr, 0, &d, 0);
}

static void work(double seconds)
{
	double end = clock_of(CLOCK_THREAD_CPUTIME_ID) + seconds;
	volatile unsigned long sink = 0;

	while (clock_of(CLOCK_THREAD_CPUTIME_ID) < end)
		for (int i = 0; i < 500; i++)
			sink++;
}

/*
 * CPU time of the competitors in seconds. A call for each and no file: reading theirs
 * in /proc cost the player two periods, which it then missed.
 */
static double cpu_of(const clockid_t *clock)
{
	double sum = 0;

	for (; *clock; clock++)
		sum += clock_of(*clock);
	return sum;
}

static void begin(struct result *r, const clockid_t *others)
{
	*r = (struct result) {
		.seconds = -clock_of(CLOCK_MONOTONIC), .cpu = -clock_of(CLOCK_THREAD_CPUTIME_ID),
		.others = -cpu_of(others),
	};
}

static void end(struct result *r, const clockid_t *others)
{
	r->seconds += clock_of(CLOCK_MONOTONIC);
	r->cpu += clock_of(CLOCK_THREAD_CPUTIME_ID);
	r->others += cpu_of(others);
}

/* A period was written: by how much later than one period after the last one? */
static void written(struct result *r, unsigned int frames)
{
	double now = clock_of(CLOCK_MONOTONIC), late = now - r->last - (double)frames / RATE;

	if (r->last && late > r->late_max)
		r->late_max = late;
	r->last = now;
	r->written++;
}

/* One period; -1: the device is broken. */
static int play(int fd, short *silence, unsigned int frames, double work_s, struct result *r)
{
	struct snd_xferi x = { .buf = silence, .frames = frames };

	work(work_s);
	if (!ioctl(fd, SNDRV_PCM_IOCTL_WRITEI_FRAMES, &x)) {
		written(r, frames);
	} else if (errno == EPIPE) {
		r->underruns++;
		ioctl(fd, SNDRV_PCM_IOCTL_PREPARE);
	} else {
		printf("player failed: %s\n", strerror(errno));
		return -1;
	}
	return 0;
}

static int play_for(int fd, unsigned int frames, double seconds, double work_s, struct result *r)
{
	double stop = clock_of(CLOCK_MONOTONIC) + seconds;
	short *silence = calloc(frames * 2, sizeof(*silence));
	int rc = 0;

	while (!rc && clock_of(CLOCK_MONOTONIC) < stop)
		rc = play(fd, silence, frames, work_s, r);
	free(silence);
	return rc;
}

static int clocks_of(char **pid, clockid_t *clock)
{
	for (int i = 0; i < OTHERS_MAX && pid[i]; i++)
		if (clock_getcpuclockid(atoi(pid[i]), &clock[i]))
			return -1;
	return 0;
}

static int play_all(int fd, unsigned int frames, char **argv, const clockid_t *others)
{
	double work_s = atof(argv[4]) / 1e6;
	struct result r = { 0 };

	if (play_for(fd, frames, atof(argv[2]), work_s, &r))
		return 1;
	begin(&r, others);
	if (play_for(fd, frames, atof(argv[3]), work_s, &r))
		return 1;
	end(&r, others);
	printf("player underruns=%ld written=%ld nominal=%.0f seconds=%.3f late_max_ms=%.2f cpu=%.4f others=%.4f\n",
	       r.underruns, r.written, r.seconds * RATE / frames, r.seconds, r.late_max * 1e3,
	       r.cpu / r.seconds, r.others / r.seconds);
	return 0;
}

static int usage(void)
{
	fprintf(stderr, "usage: player [-s] [-d RUNTIME_US:PERIOD_US] FRAMES WARM_S SECONDS WORK_US [PID...]\n");
	return 2;
}

int main(int argc, char **argv)
{
	clockid_t others[OTHERS_MAX + 1] = { 0 };
	bool stays = argc > 1 && !strcmp(argv[1], "-s");
	unsigned int frames;
	int fd;

	argc -= stays;
	argv += stays;
	setvbuf(stdout, NULL, _IOLBF, 0);
	/* the script that starts it comes first, it does not */
	setpriority(PRIO_PROCESS, 0, 0);
	if (argc > 2 && !strcmp(argv[1], "-d")) {
		if (set_deadline(argv[2])) {
			perror("player: deadline");
			return 1;
		}
		argc -= 2;
		argv += 2;
	}
	if (argc < 5)
		return usage();
	if (clocks_of(argv + 5, others)) {
		fprintf(stderr, "player: no such competitor\n");
		return 1;
	}
	frames = strtoul(argv[1], NULL, 10);
	fd = open(DEVICE, O_RDWR);
	if (fd < 0 || set_hardware(fd, frames) || set_software(fd, frames)) {
		perror("player: " DEVICE);
		return 1;
	}
	puts("player plays");
	if (play_all(fd, frames, argv, others))
		return 1;
	close(fd);
	if (stays)
		pause();
	return 0;
}
