/* Set interval, set probes, get both, in a loop; prints rounds per second. An argument starts a second thread. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef ROUNDS
#define ROUNDS 500000
#endif

/* Every process with a second thread, as .NET's and Node's are, pays for each system call on a descriptor: the kernel
   counts who uses it (fdget in fs/file.c). This is that thread; it does nothing. */
static void *idle(void *unused)
{
    pause();
    return unused;
}

int main(int argc, char **argv)
{
    struct timespec start, end;
    int socket_fd = socket(AF_INET, SOCK_STREAM, 0);

    (void)argv;
    if (argc > 1 && pthread_create(&(pthread_t){0}, NULL, idle, NULL))
        return 1;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (int i = 0; i < ROUNDS; i++) {
        int interval = 10, probes = 3;
        socklen_t length = sizeof interval;

        if (setsockopt(socket_fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval)
            || setsockopt(socket_fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes)
            || getsockopt(socket_fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, &length)
            || getsockopt(socket_fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, &length)
            || interval != 10 || probes != 3)
            return 1;
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.0f\n", ROUNDS / ((end.tv_sec - start.tv_sec) + (end.tv_nsec - start.tv_nsec) / 1e9));
    return 0;
}
