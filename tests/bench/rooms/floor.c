/* The least that a server can do: what one client says, one send() tells each other one. floor PORT      (cc -O2)
   No check, no queue, no limit; a send that does not fit is lost. The handshake's answer is not computed: our generator does not look. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 16384, BUFFER = 4096 };
static struct { int fd, open; size_t filled; uint8_t in[BUFFER]; } *clients[MOST];

static void tell(int from, uint8_t *payload, size_t length) {
    uint8_t frame[BUFFER + 4];
    size_t head = length < 126 ? 2 : 4;
    frame[0] = 0x82;
    frame[1] = length < 126 ? length : 126;
    frame[2] = length >> 8;
    frame[3] = length;
    memcpy(frame + head, payload, length);
    for (int i = 0; i < MOST; i++)
        if (clients[i] && i != from && clients[i]->open) send(i, frame, head + length, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static int take(int fd) {
    ssize_t got = recv(fd, clients[fd]->in + clients[fd]->filled, BUFFER - clients[fd]->filled, MSG_DONTWAIT);
    if (got <= 0) return 0;
    uint8_t *in = clients[fd]->in;
    size_t filled = clients[fd]->filled + got, at = 0;
    if (!clients[fd]->open) {
        static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
        uint8_t *end = memmem(in, filled, "\r\n\r\n", 4);
        if (end) {
            send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL);
            clients[fd]->open = 1;
            at = end + 4 - in;
        }
    }
    while (clients[fd]->open && filled - at >= 6) {
        size_t length = in[at + 1] & 127, head = 6;
        if (length == 126) length = in[at + 2] << 8 | in[at + 3], head = 8;
        if (filled - at < head + length) break;
        uint8_t *payload = in + at + head;
        for (size_t i = 0; i < length; i++) payload[i] ^= payload[(int)(i & 3) - 4];
        if ((in[at] & 15) == 2) tell(fd, payload, length);
        at += head + length;
    }
    memmove(in, in + at, clients[fd]->filled = filled - at);
    return 1;
}

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0), poller = epoll_create1(0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&here, sizeof here) || listen(listener, 512)) return 1;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[256];
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int found = epoll_wait(poller, events, 256, -1);
        for (int i = 0; i < found; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                fd = accept(listener, NULL, NULL);
                if (fd < 0 || fd >= MOST) return 1;
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                clients[fd] = calloc(1, sizeof **clients);
                event.data.fd = fd;
                epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
            } else if (!take(fd)) {
                close(fd);
                free(clients[fd]);
                clients[fd] = NULL;
            }
        }
    }
}
