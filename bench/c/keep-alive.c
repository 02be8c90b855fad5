/* Set interval, set probes, get both, in a loop; prints rounds per second. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

#ifndef ROUNDS
#define ROUNDS 500000
#endif

int main(void)
{
    struct timespec start, end;
    int socket_fd = socket(AF_INET, SOCK_STREAM, 0);

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
