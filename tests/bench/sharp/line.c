// A thin, long line between two network namespaces: one TUN device in each, and what passes waits its turn and its way.
//
//     line NEAR FAR BITS MICROSECONDS BYTES
//
// NEAR, FAR: files of namespaces, each of which gets a device "line". Each direction has BITS a second, a queue of BYTES whose
// tail is dropped, and MICROSECONDS from end to end. Says "ready" when both devices are there, and ends with its parent.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST = 1600, WAITING = 8192, SECOND = 1000000000 };

struct packet {
    int64_t due;
    ssize_t length;
    unsigned char bytes[LONGEST];
};

struct direction {
    int from, to;
    double each;          // ns that a byte takes to be put on the line
    int64_t way, patience; // ns: of the line; that the last of the queue waits for its turn
    struct packet *ring;
    unsigned first, after; // what is under way: a ring, counted on for ever
    int64_t free;          // when the line will have taken all that waits
};

static int64_t now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * SECOND + at.tv_nsec;
}

static void fail(const char *what) {
    fprintf(stderr, "line: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int device(const char *namespace) {
    int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), there = open(namespace, O_RDONLY | O_CLOEXEC);
    if (home < 0 || there < 0 || setns(there, CLONE_NEWNET)) fail(namespace);
    struct ifreq wanted = {.ifr_name = "line", .ifr_flags = IFF_TUN | IFF_NO_PI};
    int made = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (made < 0 || ioctl(made, TUNSETIFF, &wanted)) fail("/dev/net/tun");
    if (setns(home, CLONE_NEWNET)) fail("the namespace of before");
    close(home);
    close(there);
    return made;
}

// Takes what has come; false: there is no more for now.
static int take(struct direction *way) {
    static __thread unsigned char lost[LONGEST];
    int full = way->after - way->first == WAITING;
    struct packet *packet = &way->ring[way->after % WAITING];
    ssize_t length = read(way->from, full ? lost : packet->bytes, LONGEST);
    if (length <= 0) return 0;
    int64_t came = now();
    if (way->free < came) way->free = came;
    if (full || way->free - came > way->patience) return 1; // the tail is dropped
    way->free += (int64_t)(length * way->each);
    packet->length = length;
    packet->due = way->free + way->way;
    way->after++;
    return 1;
}

static void *carry(void *given) {
    struct direction *way = given;
    for (;;) {
        int64_t wait = -1;
        while (way->first != way->after) {
            struct packet *packet = &way->ring[way->first % WAITING];
            wait = packet->due - now();
            if (wait > 0) break;
            // What cannot be handed over is lost: a device that is not up yet takes nothing.
            ssize_t handed = write(way->to, packet->bytes, packet->length);
            (void)handed;
            way->first++;
            wait = -1;
        }
        struct timespec until = {wait / SECOND, wait % SECOND};
        struct pollfd come = {.fd = way->from, .events = POLLIN};
        if (ppoll(&come, 1, wait < 0 ? NULL : &until, NULL) > 0)
            for (int some = 0; some < 32 && take(way); some++) {}
    }
    return NULL;
}

int main(int count, char **said) {
    if (count != 6) {
        fputs("line NEAR FAR BITS MICROSECONDS BYTES\n", stderr);
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpriority(PRIO_PROCESS, 0, -10); // it is the clock of everything; without the right to, it goes on as it is
    int near = device(said[1]), far = device(said[2]);
    double each = 8.0 * SECOND / atof(said[3]);
    struct direction ways[2];
    for (int number = 0; number < 2; number++) {
        ways[number] = (struct direction){
            .from = number ? far : near,
            .to = number ? near : far,
            .each = each,
            .way = atoll(said[4]) * 1000,
            .patience = (int64_t)(atof(said[5]) * each),
            .ring = calloc(WAITING, sizeof(struct packet)),
        };
        if (ways[number].ring == NULL) fail("memory");
    }
    puts("ready");
    fflush(stdout);
    pthread_t other;
    if (pthread_create(&other, NULL, carry, &ways[1])) fail("a thread");
    carry(&ways[0]);
    return pthread_join(other, NULL);
}
