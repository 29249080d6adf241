/* The wall clock of a process and its children, set apart by the seconds in the file CLOCK_APART; the monotonic clock is left alone.
   (libfaketime 0.9.10 would do the same, but makes Python's time.sleep fail.) */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long apart(void) {
    char text[32];
    const char *path = getenv("CLOCK_APART");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    long length = file < 0 ? 0 : read(file, text, sizeof text - 1);
    if (file >= 0) close(file);
    text[length > 0 ? length : 0] = 0;
    return strtol(text, NULL, 10);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int done = syscall(SYS_clock_gettime, clock, now);
    if (!done && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += apart();
    return done;
}

int gettimeofday(struct timeval *now, void *zone) {
    struct timespec real;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &real);
    now->tv_sec = real.tv_sec;
    now->tv_usec = real.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *kept) {
    struct timespec real;
    clock_gettime(CLOCK_REALTIME, &real);
    if (kept) *kept = real.tv_sec;
    return real.tv_sec;
}
