/* Send and receive 64 bytes (or argv[2]) over a pair of Unix sockets in one thread, in a loop; prints pairs per second.
   argv[1]: datagram or seqpacket; argv[3]: anything starts a second thread. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Every process with a second thread, as .NET's and Node's are, pays for each system call on a descriptor: the kernel
   counts who uses it (fdget in fs/file.c). This is that thread; it does nothing. */
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

int main(int argc, char **argv)
{
    int type = argc > 1 && !strcmp(argv[1], "datagram") ? SOCK_DGRAM : SOCK_SEQPACKET;
    size_t size = argc > 2 ? strtoul(argv[2], NULL, 10) : 64;
    char *data = calloc(1, size), *buffer = malloc(size);
    int ends[2];
    long count = 0;
    double start, took;

    if (argc > 3 && pthread_create(&(pthread_t){0}, NULL, idle, NULL))
        return 1;
    if (socketpair(AF_UNIX, type, 0, ends))
        return 1;
    start = seconds();
    do {
        for (int i = 0; i < 2000; i++)
            if (send(ends[0], data, size, MSG_NOSIGNAL) != (ssize_t)size
                || recv(ends[1], buffer, size, 0) != (ssize_t)size)
                return 1;
        count += 2000;
        took = seconds() - start;
    } while (took < 0.5);
    printf("%.0f\n", count / took);
    return 0;
}
