/*
 * A CNI plugin runs for a millisecond, and the .NET runtime begins by reading /proc/self/mountinfo twice, in pieces of 1 KiB, to find
 * the cgroup's memory limit. On a node with 1,500 mounts (every pod has some) that alone costs 10 ms, and grows with the node. The
 * plugin needs no such limit, so for it, and only for it, the file is not there; the agent and the command line see it as ever.
 * Measured: docs/adr/0002. Linked in by --wrap=fopen (twill.csproj); it runs before there is any managed code, hence C.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

FILE *__real_fopen(const char *path, const char *mode);
FILE *__real_fopen64(const char *path, const char *mode);

static int skipped(const char *path)
{
    if (strcmp(path, "/proc/self/mountinfo") != 0 || getenv("CNI_COMMAND") == NULL)
        return 0;
    errno = ENOENT;
    return 1;
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
    return skipped(path) ? NULL : __real_fopen(path, mode);
}

FILE *__wrap_fopen64(const char *path, const char *mode)
{
    return skipped(path) ? NULL : __real_fopen64(path, mode);
}
