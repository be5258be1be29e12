/* Clients of a room, so lean that what they cost is not the server's: who moves, who follows, who never reads.

   generator DIALECT HERTZ WARM SECONDS BYTES < clients      (cc -O2)

   DIALECT room: protocol 3 of realtime/README.md, acks included. plain: what one says, the others hear, the same bytes.
           socketio: one event. yjs: an awareness update. BYTES: of a frame; 24 is a pointer, 36 a viewport, 36 + 4 + 8 n one with channels.
   A client is a line: ROLE PORT PATH COOKIE. ROLE m moves, f follows, s follows on a link of its own, i is there, d never reads again.
   Prints "ready" when all are in, waits for a line, prints "begin" after WARM s, "end" after SECONDS more, then for f and s one line each:
   ROLE RECEIVED CENTILES: messages or records, and µs from a mover's write to the read at 0, 50, 99, 99.9 and 100 %, then of the last.
   Every record carries µs of one clock: in its x, or as T and ten digits where the dialect is text. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { ROOM, PLAIN, SOCKETIO, YJS };
enum { AT_ONCE = 8, ACK_BYTES = 2048, ACK_AFTER = 1000000, DEAD_BUFFER = 4096 };
enum { CONNECTING, SPEAKING, WELCOMED };

struct client {
    int fd, state, port, masks;
    char role, path[200], cookie[200];
    uint8_t *in;
    size_t filled, size;
    uint32_t stream, epoch, sequence, received, fresh;
    int64_t last, due, next;
};
struct tally { uint32_t *delay; size_t count, size; };

static struct client *clients;
static int count, connecting, started, ready, dialect, poller, measuring;
static struct tally follower, slow;
static struct { int client; int64_t due; } *acks;      /* a ring, in the order of their time: all wait equally long */
static size_t acks_size, acks_first, acks_end;

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static void die(const char *why, const struct client *who) {
    fprintf(stderr, "generator: %s (%c %s)\n", why, who ? who->role : '-', who ? who->path : "");
    exit(1);
}

static void put(struct client *who, int opcode, const uint8_t *data, size_t length) {
    uint8_t frame[1024], *at = frame;
    *at++ = 0x80 | opcode;
    if (length < 126) {
        *at++ = 0x80 | length;
    } else {
        *at++ = 0x80 | 126;
        *at++ = length >> 8;
        *at++ = length;
    }
    uint32_t mask = 0x5a17c3e9u * (uint32_t)(++who->masks);
    memcpy(at, &mask, 4);
    uint8_t *key = at;
    at += 4;
    for (size_t i = 0; i < length; i++) *at++ = data[i] ^ key[i & 3];
    if (send(who->fd, frame, at - frame, MSG_NOSIGNAL) < 0 && errno != EAGAIN) die("a client was cut off", who);
}

static size_t ack_of(struct client *who, uint8_t *at, int64_t t) {
    int64_t held = (t - who->last) / 1000;
    uint16_t capped = held > 65535 ? 65535 : held;
    at[0] = 0xA0;
    at[1] = 0;
    memcpy(at + 2, &capped, 2);
    memcpy(at + 4, &who->received, 4);
    who->fresh = 0;
    who->due = 0;
    return 8;
}

static void acknowledge(struct client *who, int64_t t) {
    uint8_t ack[8];
    put(who, 2, ack, ack_of(who, ack, t));
}

static void note(struct client *who, uint32_t sent, int64_t t) {
    struct tally *to = who->role == 'f' ? &follower : who->role == 's' ? &slow : NULL;
    if (!measuring || !to) return;
    if (to->count == to->size) to->delay = realloc(to->delay, (to->size = to->size * 2 + 65536) * 4);
    to->delay[to->count++] = (uint32_t)((t - sent) & 0x7fffffff);
}

static void records(struct client *who, const uint8_t *data, size_t length, int64_t t) {
    for (size_t at = 0; at + 24 <= length;) {
        uint32_t sent;
        memcpy(&sent, data + at + 16, 4);
        if (data[at] != 1 && data[at] != 2) return;
        note(who, sent, t);
        if (data[at] == 2) at += 24;
        else at += 36 + (data[at + 1] & 2 ? 20 : 0) + (data[at + 1] & 4 ? 4 + 8 * data[at + 36] : 0);
    }
}

static void welcomed(struct client *who) {
    who->state = WELCOMED;
    ready++;
    connecting--;
    if (who->role == 'd') epoll_ctl(poller, EPOLL_CTL_DEL, who->fd, NULL);
}

static uint32_t number_after(const uint8_t *data, size_t length, const char *key) {
    const uint8_t *found = memmem(data, length, key, strlen(key));
    return found ? strtoul((const char *)found + strlen(key), NULL, 10) : 0;
}

static void message(struct client *who, int opcode, const uint8_t *data, size_t length, int64_t t) {
    if (opcode == 9) { put(who, 10, data, length); return; }
    if (opcode == 8) {
        fprintf(stderr, "generator: close code %d\n", length > 1 ? data[0] << 8 | data[1] : 1005);
        die("the server closed", who);
    }
    who->received++;
    who->last = t;
    if (opcode == 1 && who->state == SPEAKING) {
        if (dialect == ROOM && memmem(data, length, "\"welcome\"", 9)) {
            who->stream = number_after(data, length, "\"you\":");
            who->epoch = number_after(data, length, "\"epoch\":");
            welcomed(who);
        } else if (dialect == SOCKETIO && data[0] == '0') {
            put(who, 1, (const uint8_t *)"40", 2);
        } else if (dialect == SOCKETIO && data[0] == '4' && data[1] == '0') {
            welcomed(who);
        }
    } else if (dialect == SOCKETIO && opcode == 1 && length == 1 && data[0] == '2') {
        put(who, 1, (const uint8_t *)"3", 1);
    } else if (dialect == ROOM || dialect == PLAIN) {
        if (opcode == 2) records(who, data, length, t);
    } else {
        const uint8_t *found = memmem(data, length, "\"T", 2);
        if (found) note(who, strtoul((const char *)found + 2, NULL, 10), t);
    }
    if (dialect != ROOM || who->state != WELCOMED) return;
    /* As web/client/src/acks.ts has it; only that a large message waits as long as a small one. */
    if (!who->fresh) {
        acks[acks_end % acks_size].client = who - clients;
        acks[acks_end++ % acks_size].due = who->due = t + ACK_AFTER;
        if (acks_end - acks_first > acks_size) die("too many acks wait", who);
    }
    who->fresh += length + (length < 126 ? 2 : length < 65536 ? 4 : 10);
    if (who->fresh >= ACK_BYTES) acknowledge(who, t);
}

static void opened(struct client *who) {
    who->state = SPEAKING;
    if (dialect == ROOM) {
        static const char hello[] = "{\"type\":\"hello\",\"protocol\":" PROTOCOL "}";
        put(who, 1, (const uint8_t *)hello, sizeof hello - 1);
    } else if (dialect != SOCKETIO) {
        who->stream = who - clients + 1;
        welcomed(who);
    }
}

static void take(struct client *who) {
    if (who->size - who->filled < 65536) who->in = realloc(who->in, who->size += 65536);
    ssize_t got = recv(who->fd, who->in + who->filled, who->size - who->filled, 0);
    int64_t t = now();
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) die(got ? strerror(errno) : "the connection ended", who);
    who->filled += got;
    size_t at = 0;
    if (who->state == CONNECTING) {
        uint8_t *end = memmem(who->in, who->filled, "\r\n\r\n", 4);
        if (!end) return;
        if (memcmp(who->in, "HTTP/1.1 101", 12)) die("no handshake", who);
        at = end + 4 - who->in;
        opened(who);
    }
    while (who->filled - at >= 2) {
        uint64_t length = who->in[at + 1] & 127;
        size_t head = 2;
        if (length == 126) {
            if (who->filled - at < 4) break;
            length = who->in[at + 2] << 8 | who->in[at + 3];
            head = 4;
        } else if (length == 127) {
            if (who->filled - at < 10) break;
            length = 0;
            for (int i = 2; i < 10; i++) length = length << 8 | who->in[at + i];
            head = 10;
        }
        if (who->filled - at < head + length) break;
        message(who, who->in[at] & 15, who->in + at + head, length, t);
        at += head + length;
    }
    memmove(who->in, who->in + at, who->filled -= at);
    if (!who->filled && who->size > 65536) { free(who->in); who->in = NULL; who->size = 0; }
}

static void start(struct client *who) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(who->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1, small = DEAD_BUFFER, host = who->role == 's' ? clients[0].port : who->port; /* behind its link too */
    who->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (who->role == 'd') setsockopt(who->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    setsockopt(who->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(who->fd, (struct sockaddr *)&to, sizeof to)) die(strerror(errno), who);
    char head[1024];
    int length = snprintf(head, sizeof head,
        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: http://127.0.0.1:%d\r\nCookie: %s\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        who->path, host, host, who->cookie);
    if (send(who->fd, head, length, MSG_NOSIGNAL) != length) die("no handshake", who);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = who};
    epoll_ctl(poller, EPOLL_CTL_ADD, who->fd, &event);
    connecting++;
}

static size_t varuint(uint8_t *at, uint64_t value) {
    size_t n = 0;
    for (; value > 127; value >>= 7) at[n++] = 128 | (value & 127);
    at[n++] = value;
    return n;
}

static void move(struct client *who, size_t bytes, int64_t t) {
    uint8_t out[1024] = {0};
    uint32_t stamp = t & 0x7fffffff;
    who->sequence++;
    if (dialect == SOCKETIO || dialect == YJS) {
        /* As many bytes of content as a frame has, whatever the dialect puts around them. */
        char state[512];
        int pad = bytes > 21 ? (int)bytes - 20 : 1;
        int length = snprintf(state, sizeof state, "{\"t\":\"T%010u.%0*d\"}", stamp, pad, 0);
        if (dialect == SOCKETIO) {
            length = snprintf((char *)out, sizeof out, "42[\"f\",%s]", state);
            put(who, 1, out, length);
            return;
        }
        uint8_t update[600];
        size_t n = varuint(update, 1);
        n += varuint(update + n, who->stream);
        n += varuint(update + n, who->sequence);
        n += varuint(update + n, length);
        memcpy(update + n, state, length);
        n += length;
        size_t m = varuint(out, 1);
        m += varuint(out + m, n);
        memcpy(out + m, update, n);
        put(who, 2, out, m + n);
        return;
    }
    uint16_t stream = who->stream;
    uint32_t extent[2] = {1920 * 256, 1080 * 256};
    memcpy(out + 2, &stream, 2);
    memcpy(out + 4, &who->epoch, 4);
    memcpy(out + 8, &who->sequence, 4);
    memcpy(out + 12, &stamp, 4);
    memcpy(out + 16, &stamp, 4);
    out[0] = bytes == 24 ? 2 : 1;
    if (bytes >= 36) memcpy(out + 24, extent, 8);
    if (bytes > 36) {
        out[1] = 4;
        out[36] = (bytes - 40) / 8;
        for (int n = 0; n < out[36]; n++) out[40 + 8 * n] = n;
    }
    size_t length = bytes;
    if (dialect == ROOM && who->fresh) length += ack_of(who, out + length, t);
    put(who, 2, out, length);
}

static int in_order(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void report(char role, struct tally *what) {
    if (!what->count) { printf("%c 0 0 0 0 0 0 0\n", role); return; }
    uint32_t last = what->delay[what->count - 1];
    qsort(what->delay, what->count, 4, in_order);
    printf("%c %zu", role, what->count);
    static const double at[] = {0, 0.5, 0.99, 0.999, 1};
    for (int i = 0; i < 5; i++) printf(" %u", what->delay[(size_t)(at[i] * (what->count - 1))]);
    printf(" %u\n", last);
}

int main(int argc, char **argv) {
    if (argc != 6) return 2;
    dialect = !strcmp(argv[1], "room") ? ROOM : !strcmp(argv[1], "plain") ? PLAIN : !strcmp(argv[1], "socketio") ? SOCKETIO : YJS;
    double hertz = atof(argv[2]), warm = atof(argv[3]), seconds = atof(argv[4]);
    size_t bytes = atoi(argv[5]);
    char line[512];
    while (fgets(line, sizeof line, stdin) && line[0] != '\n') {
        clients = realloc(clients, (count + 1) * sizeof *clients);
        struct client *who = clients + count++;
        memset(who, 0, sizeof *who);
        if (sscanf(line, "%c %d %199s %199s", &who->role, &who->port, who->path, who->cookie) < 3) return 2;
    }
    acks_size = 4 * count + 16 * 1024;
    acks = calloc(acks_size, sizeof *acks);
    poller = epoll_create1(0);
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), movers = 0, phase = 0;
    struct epoll_event wake = {.events = EPOLLIN, .data.ptr = NULL}, events[512];
    epoll_ctl(poller, EPOLL_CTL_ADD, timer, &wake);
    for (int i = 0; i < count; i++) movers += clients[i].role == 'm';
    int64_t begin = 0, end = 0, step = hertz > 0 ? (int64_t)(1e6 / hertz) : 0, drained = 0;
    for (;;) {
        while (started < count && connecting < AT_ONCE) start(clients + started++);
        int64_t t = now();
        if (!phase && ready == count) {
            puts("ready");
            fflush(stdout);
            if (!fgets(line, sizeof line, stdin)) return 1;
            t = now();
            begin = t + (int64_t)(warm * 1e6);
            end = begin + (int64_t)(seconds * 1e6);
            for (int i = 0, n = 0; i < count; i++)
                if (clients[i].role == 'm') clients[i].next = t + step * n++ / movers;
            phase = 1;
        }
        if (phase == 1 && t >= begin) {
            puts("begin");
            fflush(stdout);
            measuring = 1;
            phase = 2;
        }
        if (phase == 2 && t >= end) {
            puts("end");
            fflush(stdout);
            measuring = 0;
            phase = 3;
            drained = t;
        }
        if (phase == 3 && t >= drained) break;
        int64_t next = t + 100000;
        while (acks_first < acks_end && acks[acks_first % acks_size].due <= t) {
            struct client *who = clients + acks[acks_first % acks_size].client;
            if (who->due == acks[acks_first++ % acks_size].due && who->fresh) acknowledge(who, t);
        }
        if (acks_first < acks_end && acks[acks_first % acks_size].due < next) next = acks[acks_first % acks_size].due;
        if (phase && step)
            for (int i = 0; i < count; i++)
                if (clients[i].role == 'm') {
                    if (clients[i].next <= t) {
                        move(clients + i, bytes, now());
                        clients[i].next += step;
                    }
                    if (clients[i].next < next) next = clients[i].next;
                }
        if (phase == 1 && begin < next) next = begin;
        if (phase == 2 && end < next) next = end;
        struct itimerspec at = {.it_value = {next / 1000000, next % 1000000 * 1000}};
        timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL);
        int found = epoll_wait(poller, events, 512, -1);
        for (int i = 0; i < found; i++) {
            if (events[i].data.ptr) {
                take(events[i].data.ptr);
            } else {
                uint64_t times;
                if (read(timer, &times, 8) < 0 && errno != EAGAIN) return 1;
            }
        }
    }
    report('f', &follower);
    report('s', &slow);
    return 0;
}
