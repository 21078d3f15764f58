/*
 * A CNI plugin runs for a millisecond and a half, and the .NET runtime spends a third of that on preparing for a long life. What of it the
 * plugin has no use for is left out here, for it and only for it: the agent and the command line start as ever. Linked in by --wrap
 * (twill.csproj); all of it runs before there is any managed code, hence C. Measured, each with and without: docs/adr/0002.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/platform/x86.h>
#include <sys/resource.h>
#include <unistd.h>

#define STACK_BYTES (8UL << 20) /* of a main thread whose limit is larger, or none */

static int is_plugin(void)
{
    return getenv("CNI_COMMAND") != NULL;
}

/*
 * Files about the machine's memory. /proc/self/mountinfo, for the control group's limit: read twice, in pieces of 1 KiB, 10 ms on a
 * node with 1,500 mounts, and every pod has some. /proc/meminfo: the kernel adds up all CPUs for it.
 */
static int is_spared(const char *path)
{
    if ((strcmp(path, "/proc/self/mountinfo") != 0 && strcmp(path, "/proc/meminfo") != 0) || !is_plugin())
        return 0;
    errno = ENOENT;
    return 1;
}

FILE *__real_fopen(const char *path, const char *mode);
FILE *__real_fopen64(const char *path, const char *mode);

FILE *__wrap_fopen(const char *path, const char *mode)
{
    return is_spared(path) ? NULL : __real_fopen(path, mode);
}

FILE *__wrap_fopen64(const char *path, const char *mode)
{
    return is_spared(path) ? NULL : __real_fopen64(path, mode);
}

/* Memory nodes, which one heap of some kilobytes does not care about. */
DIR *__real_opendir(const char *path);

DIR *__wrap_opendir(const char *path)
{
    if (strcmp(path, "/sys/devices/system/node") != 0 || !is_plugin())
        return __real_opendir(path);
    errno = ENOENT;
    return NULL;
}

/* CPUs, from a file; those that we may run on are as good an answer. */
long __real_sysconf(int name);

long __wrap_sysconf(int name)
{
    cpu_set_t set;
    if (name != _SC_NPROCESSORS_ONLN || !is_plugin() || sched_getaffinity(0, sizeof set, &set) != 0)
        return __real_sysconf(name);
    return CPU_COUNT(&set);
}

/* Where the main thread's stack is: libc reads all of /proc/self/maps for it, and has known the upper end since the start. */
extern void *__libc_stack_end;
int __real_pthread_getattr_np(pthread_t thread, pthread_attr_t *attributes);

int __wrap_pthread_getattr_np(pthread_t thread, pthread_attr_t *attributes)
{
    struct rlimit limit;
    if (!is_plugin() || gettid() != getpid() || !pthread_equal(thread, pthread_self()) || getrlimit(RLIMIT_STACK, &limit) != 0)
        return __real_pthread_getattr_np(thread, attributes);
    size_t page = (size_t)__real_sysconf(_SC_PAGESIZE);
    size_t size = limit.rlim_cur > STACK_BYTES ? STACK_BYTES : limit.rlim_cur & ~(page - 1);
    size_t top = ((size_t)__libc_stack_end + page - 1) & ~(page - 1);
    int error = pthread_attr_init(attributes);
    return error != 0 ? error : pthread_attr_setstack(attributes, (void *)(top - size), size);
}

/* The executable's own path, by which a static libc finds libraries beside it: a directory of /proc made for one question. Weak: a libc may name it otherwise. */
__attribute__((weak)) const char *__real__dl_get_origin(void);

const char *__wrap__dl_get_origin(void)
{
    return is_plugin() || __real__dl_get_origin == NULL ? (const char *)-1 : __real__dl_get_origin();
}

/* Whether a core dump shall hold the heap's reserve: forty bytes of flags for which the kernel splits mappings. */
int __real_madvise(void *address, size_t length, int advice);

int __wrap_madvise(void *address, size_t length, int advice)
{
    if ((advice == MADV_DONTDUMP || advice == MADV_DODUMP) && is_plugin())
        return 0;
    return __real_madvise(address, length, advice);
}

/*
 * The finalizer's thread. Nothing in a plugin's run waits for a finalizer, its descriptors are closed or end with it; but a second thread
 * is another stack, and at the end the kernel waits until it has left its CPU. Under load that is the difference between 1 and 2.7 ms.
 */
int __real_PalStartFinalizerThread(void *start, void *context);

int __wrap_PalStartFinalizerThread(void *start, void *context)
{
    return is_plugin() ? 1 : __real_PalStartFinalizerThread(start, context);
}

/*
 * What this CPU can do. A virtual machine leaves for its host at each CPUID, eight times here, 4 us each; libc has asked already. A plugin
 * has no use for more than what the executable was compiled for: x86-64-v2, as IlcInstructionSet is not set.
 */
extern int g_requiredCpuFeatures;
int __real_minipal_getcpufeatures(void);

int __wrap_minipal_getcpufeatures(void)
{
    if (!is_plugin() || !CPU_FEATURE_ACTIVE(SSE4_2) || !CPU_FEATURE_ACTIVE(POPCNT))
        return __real_minipal_getcpufeatures();
    return g_requiredCpuFeatures;
}
