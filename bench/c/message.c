/* Send and receive messages over a pair of Unix sockets in one thread, in a loop; prints messages per second.
   argv: datagram or seqpacket; their size; then any of
     threaded  starts a second thread
     marked    receives so that a message of no bytes is told from the end of the connection
     batched   sends 50 by one call and receives them by one */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 2000
#define BATCH 50

static bool is_marked;
static char *data, *buffer;
static size_t size;
static int ends[2];
static struct mmsghdr out[BATCH], in[BATCH];
static struct iovec out_iov[BATCH], in_iov[BATCH];

/* Every process with a second thread, as .NET's and Node's are, pays for each system call on a descriptor: the kernel
   counts who uses it (fdget in fs/file.c), and glibc makes each send and receive a point where the thread may be
   cancelled. This is that thread; it does nothing. */
static void *idle(void *unused)
{
    pause();
    return unused;
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static bool plain(void)
{
    for (int i = 0; i < ROUNDS; i++)
        if (send(ends[0], data, size, MSG_NOSIGNAL) != (ssize_t)size
            || recv(ends[1], buffer, size, 0) != (ssize_t)size)
            return false;
    return true;
}

/* With SO_TIMESTAMP each message has a control message, for which there is no room here: MSG_CTRUNC tells it from the
   end, which has none. */
static bool marked(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct iovec iov = { buffer, size };
        struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };

        if (send(ends[0], data, size, MSG_NOSIGNAL) != (ssize_t)size
            || recvmsg(ends[1], &header, 0) != (ssize_t)size || !(header.msg_flags & MSG_CTRUNC))
            return false;
    }
    return true;
}

static bool batched(void)
{
    for (int i = 0; i < ROUNDS; i += BATCH) {
        if (sendmmsg(ends[0], out, BATCH, MSG_NOSIGNAL) != BATCH || recvmmsg(ends[1], in, BATCH, 0, NULL) != BATCH)
            return false;
        for (int k = 0; is_marked && k < BATCH; k++)
            if (!(in[k].msg_hdr.msg_flags & MSG_CTRUNC))
                return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    int type = argc > 1 && !strcmp(argv[1], "datagram") ? SOCK_DGRAM : SOCK_SEQPACKET;
    bool is_batched = false;
    bool (*run)(void);
    long count = 0;
    double start, took;

    size = argc > 2 ? strtoul(argv[2], NULL, 10) : 64;
    data = calloc(BATCH, size);
    buffer = malloc(BATCH * size);
    if (socketpair(AF_UNIX, type, 0, ends))
        return 1;
    for (int i = 0; i < BATCH; i++) {
        out_iov[i] = (struct iovec){ data + i * size, size };
        in_iov[i] = (struct iovec){ buffer + i * size, size };
        out[i].msg_hdr = (struct msghdr){ .msg_iov = &out_iov[i], .msg_iovlen = 1 };
        in[i].msg_hdr = (struct msghdr){ .msg_iov = &in_iov[i], .msg_iovlen = 1 };
    }
    for (int i = 3; i < argc; i++) {
        if (!strcmp(argv[i], "threaded") && pthread_create(&(pthread_t){0}, NULL, idle, NULL))
            return 1;
        is_marked |= !strcmp(argv[i], "marked");
        is_batched |= !strcmp(argv[i], "batched");
    }
    if (is_marked && setsockopt(ends[1], SOL_SOCKET, SO_TIMESTAMP, &(int){1}, sizeof(int)))
        return 1;
    run = is_batched ? batched : is_marked ? marked : plain;
    start = seconds();
    do {
        if (!run())
            return 1;
        count += ROUNDS;
        took = seconds() - start;
    } while (took < 0.5);
    printf("%.0f\n", count / took);
    return 0;
}
