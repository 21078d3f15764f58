// Preloaded into ip, bridge and tc by capture.sh: writes every netlink datagram sent (>) and received (<) as hex into $CAPTURE.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

static void line(char direction, const unsigned char *bytes, size_t length)
{
    const char *path = getenv("CAPTURE");
    FILE *file = path ? fopen(path, "a") : NULL;
    if (!file) return;
    fprintf(file, "%c ", direction);
    for (size_t i = 0; i < length; i++) fprintf(file, "%02x", bytes[i]);
    fputc('\n', file);
    fclose(file);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    ssize_t (*real)(int, const struct msghdr *, int) = dlsym(RTLD_NEXT, "sendmsg");
    unsigned char all[65536];
    size_t used = 0;
    for (size_t i = 0; i < message->msg_iovlen; i++)
        for (size_t j = 0; j < message->msg_iov[i].iov_len && used < sizeof all; j++) all[used++] = ((unsigned char *)message->msg_iov[i].iov_base)[j];
    line('>', all, used);
    return real(fd, message, flags);
}

ssize_t send(int fd, const void *buffer, size_t length, int flags)
{
    ssize_t (*real)(int, const void *, size_t, int) = dlsym(RTLD_NEXT, "send");
    line('>', buffer, length);
    return real(fd, buffer, length, flags);
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    ssize_t (*real)(int, struct msghdr *, int) = dlsym(RTLD_NEXT, "recvmsg");
    ssize_t got = real(fd, message, flags);
    if (got > 0 && !(flags & MSG_PEEK)) line('<', message->msg_iov[0].iov_base, (size_t)got);
    return got;
}
