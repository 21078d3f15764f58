// spawn: runs plugins as a container runtime does, and times each whole process.
//
// Reads jobs on stdin, runs them, writes one record per job on stdout. A job is a list of steps run one after another, as a
// runtime runs a chain: the configuration on the step's stdin, CNI_* in its environment, its stdout read to the end. Its time is
// from before the first step's fork to after end of file on the last step's stdout and waitpid(2), what a runtime waits for.
// The processes run in this one's namespaces: start it inside the node's.
//
//   input    W <workers> <quiet 0|1> <count 0|1>
//            J <steps> <name of a link that must be gone at the end, or ->
//            S <path bytes> <argv bytes> <env bytes> <stdin bytes> <previous 0|1>      followed by those bytes
//   output   R <ns> <start ns> <exit> <steps run> <user us> <system us> <minor faults> <gone 1|0|-1> <processes> <execs> <threads>
//              <system calls> <out bytes> <err bytes> <histogram bytes>                followed by those bytes
//
// argv and env are NUL-terminated strings one behind another. previous: "prevResult" with the stdout of the step before is put
// into the JSON object on stdin. quiet: before each job membarrier(2) waits for a whole RCU grace period, so that what the kernel
// put off while removing the last pod is done and not charged to the next. count: the job runs under ptrace(2); its time means
// nothing, the counts do.
//
// cc -O2 -static -o spawn spawn.c (the counts of a 64-bit x86 or arm kernel; PTRACE_GET_SYSCALL_INFO: Linux 5.3)
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <net/if.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_STEPS = 16, MAX_ARGS = 64, MAX_WORKERS = 256, MAX_OUTPUT = 1 << 16, MAX_SYSCALL = 512 };

struct step { char *path, *argv_block, *env_block, *input; size_t argv_bytes, env_bytes, input_bytes; int previous; };

struct job {
    struct step steps[MAX_STEPS];
    int step_count;
    char gone_name[IFNAMSIZ];
    long long ns, start;
    int exit_code, steps_run, gone;
    long user_us, system_us, faults;
    long processes, execs, threads, calls;
    char *out; size_t out_bytes;
    char *err; size_t err_bytes;
    long histogram[MAX_SYSCALL];
};

static struct job *jobs;
static int job_count, next_job, quiet, counting, look_socket;

static void die(const char *what) { fprintf(stderr, "spawn: %s: %s\n", what, strerror(errno)); exit(1); }

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC_RAW, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void *take(size_t bytes) {
    char *p = malloc(bytes + 1);
    if (!p) die("malloc");
    if (bytes && fread(p, 1, bytes, stdin) != bytes) { errno = EPROTO; die("input ends early"); }
    p[bytes] = 0;
    return p;
}

static int split(char *block, size_t bytes, char **into) {
    int n = 0;
    for (char *p = block; p < block + bytes && n < MAX_ARGS; p += strlen(p) + 1) into[n++] = p;
    into[n] = NULL;
    return n;
}

// Follows the child and all it starts, counting; returns its wait status.
static int trace(pid_t child, struct job *job, struct rusage *usage) {
    int status, result = 0;
    if (waitpid(child, &status, 0) < 0 || !WIFSTOPPED(status)) die("traced child did not stop");
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    if (ptrace(PTRACE_SETOPTIONS, child, 0, options) < 0) die("PTRACE_SETOPTIONS");
    if (ptrace(PTRACE_SYSCALL, child, 0, 0) < 0) die("PTRACE_SYSCALL");
    job->processes++;
    for (;;) {
        struct rusage one;
        pid_t pid = wait4(-1, &status, __WALL, &one);
        if (pid < 0) { if (errno == EINTR) continue; return result; } // ECHILD: all gone
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            if (pid == child) { result = status; *usage = one; }
            continue;
        }
        int signal = WSTOPSIG(status), event = status >> 16;
        if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK) job->processes++;
        else if (event == PTRACE_EVENT_CLONE) job->threads++;
        else if (event == PTRACE_EVENT_EXEC) job->execs++;
        else if (signal == (SIGTRAP | 0x80)) {
            struct __ptrace_syscall_info info;
            if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) > 0 && info.op == PTRACE_SYSCALL_INFO_ENTRY) {
                job->calls++;
                if (info.entry.nr < MAX_SYSCALL) job->histogram[info.entry.nr]++;
            }
        }
        int deliver = event || signal == (SIGTRAP | 0x80) || signal == SIGSTOP || signal == SIGTRAP ? 0 : signal;
        ptrace(PTRACE_SYSCALL, pid, 0, (long)deliver);
    }
}

static void run_step(struct job *job, struct step *step) {
    char *argv[MAX_ARGS + 1], *envp[MAX_ARGS + 1];
    split(step->argv_block, step->argv_bytes, argv);
    split(step->env_block, step->env_bytes, envp);
    char *input = step->input;
    size_t input_bytes = step->input_bytes;
    if (step->previous && job->out_bytes) {
        while (job->out_bytes && (job->out[job->out_bytes - 1] == '\n' || job->out[job->out_bytes - 1] == ' ')) job->out_bytes--;
        static const char key[] = "{\"prevResult\":";
        input = malloc(sizeof key + job->out_bytes + step->input_bytes + 2);
        if (!input) die("malloc");
        char *p = mempcpy(input, key, sizeof key - 1);
        p = mempcpy(p, job->out, job->out_bytes);
        *p++ = ',';
        p = mempcpy(p, step->input + 1, step->input_bytes - 1);
        input_bytes = (size_t)(p - input);
    }
    job->out_bytes = 0;

    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0) die("pipe2");
    int err = memfd_create("stderr", MFD_CLOEXEC);
    if (err < 0) die("memfd_create");
    // A pipe holds 64 KiB: the whole configuration is in it before the plugin is born.
    if (write(in[1], input, input_bytes) != (ssize_t)input_bytes) die("configuration larger than a pipe");

    pid_t pid = counting ? fork() : vfork();
    if (pid < 0) die("fork");
    if (pid == 0) {
        if (dup2(in[0], 0) < 0 || dup2(out[1], 1) < 0 || dup2(err, 2) < 0) _exit(126);
        signal(SIGPIPE, SIG_DFL);
        if (counting) { close(in[1]); ptrace(PTRACE_TRACEME, 0, 0, 0); raise(SIGSTOP); }
        execve(step->path, argv, envp);
        _exit(127);
    }
    close(in[0]);
    close(in[1]);
    close(out[1]);
    struct rusage usage = { 0 };
    int status = 0;
    if (counting) status = trace(pid, job, &usage); // a result is far smaller than a pipe: it waits there
    for (;;) {
        ssize_t n = read(out[0], job->out + job->out_bytes, MAX_OUTPUT - job->out_bytes);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        job->out_bytes += (size_t)n;
    }
    if (!counting) while (wait4(pid, &status, 0, &usage) < 0) if (errno != EINTR) die("wait4");
    job->ns = now() - job->start;

    close(out[0]);
    job->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    job->steps_run++;
    job->user_us += usage.ru_utime.tv_sec * 1000000L + usage.ru_utime.tv_usec;
    job->system_us += usage.ru_stime.tv_sec * 1000000L + usage.ru_stime.tv_usec;
    job->faults += usage.ru_minflt;
    off_t size = lseek(err, 0, SEEK_END);
    if (size > 0) {
        if (size > 65536) size = 65536;
        job->err = realloc(job->err, job->err_bytes + (size_t)size);
        if (job->err && pread(err, job->err + job->err_bytes, (size_t)size, 0) == size) job->err_bytes += (size_t)size;
    }
    close(err);
    if (input != step->input) free(input);
}

static void run_job(struct job *job) {
    job->out = malloc(MAX_OUTPUT);
    if (!job->out) die("malloc");
    memset(job->out, 0, MAX_OUTPUT); // touched now, not while the clock runs
    if (quiet) syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
    job->start = now();
    for (int i = 0; i < job->step_count; i++) {
        run_step(job, &job->steps[i]);
        if (job->exit_code != 0) break;
    }
    job->gone = -1;
    if (job->gone_name[0]) {
        struct ifreq request = { 0 };
        memcpy(request.ifr_name, job->gone_name, IFNAMSIZ);
        job->gone = ioctl(look_socket, SIOCGIFINDEX, &request) < 0 && errno == ENODEV;
    }
}

static void *work(void *unused) {
    (void)unused;
    for (;;) {
        int i = __atomic_fetch_add(&next_job, 1, __ATOMIC_RELAXED);
        if (i >= job_count) return NULL;
        run_job(&jobs[i]);
    }
}

int main(void) {
    int workers = 1, capacity = 0;
    char kind;
    signal(SIGPIPE, SIG_IGN);
    setpgid(0, 0); // Ctrl-C is for the bench: it ends between two calls, never in the middle of one
    look_socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (look_socket < 0) die("socket");
    while (scanf(" %c", &kind) == 1) {
        if (kind == 'W') {
            if (scanf("%d %d %d", &workers, &quiet, &counting) != 3 || workers < 1 || workers > MAX_WORKERS) { errno = EPROTO; die("W"); }
        } else if (kind == 'J') {
            if (job_count == capacity) {
                capacity = capacity ? capacity * 2 : 64;
                jobs = realloc(jobs, (size_t)capacity * sizeof *jobs);
                if (!jobs) die("realloc");
            }
            struct job *job = memset(&jobs[job_count++], 0, sizeof *job);
            int steps;
            if (scanf("%d %15s", &steps, job->gone_name) != 2 || steps < 1 || steps > MAX_STEPS) { errno = EPROTO; die("J"); }
            if (!strcmp(job->gone_name, "-")) job->gone_name[0] = 0;
            for (; job->step_count < steps; job->step_count++) {
                struct step *s = &job->steps[job->step_count];
                size_t path;
                if (scanf(" S %zu %zu %zu %zu %d", &path, &s->argv_bytes, &s->env_bytes, &s->input_bytes, &s->previous) != 5 || getchar() != '\n') { errno = EPROTO; die("S"); }
                s->path = take(path);
                s->argv_block = take(s->argv_bytes);
                s->env_block = take(s->env_bytes);
                s->input = take(s->input_bytes);
            }
        } else { errno = EPROTO; die("input"); }
    }

    // The plugins' stdin and stdout are pipes of their own; ours must not reach them.
    fcntl(0, F_SETFD, FD_CLOEXEC);
    if (workers == 1 || counting) work(NULL);
    else {
        pthread_t threads[MAX_WORKERS];
        for (int i = 0; i < workers; i++) if (pthread_create(&threads[i], NULL, work, NULL)) die("pthread_create");
        for (int i = 0; i < workers; i++) pthread_join(threads[i], NULL);
    }

    for (int i = 0; i < job_count; i++) {
        struct job *j = &jobs[i];
        char *histogram = NULL;
        size_t histogram_bytes = 0;
        FILE *h = open_memstream(&histogram, &histogram_bytes);
        if (!h) die("open_memstream");
        for (int n = 0; n < MAX_SYSCALL; n++) if (j->histogram[n]) fprintf(h, "%d:%ld ", n, j->histogram[n]);
        fclose(h);
        printf("R %lld %lld %d %d %ld %ld %ld %d %ld %ld %ld %ld %zu %zu %zu\n", j->ns, j->start, j->exit_code, j->steps_run, j->user_us, j->system_us, j->faults,
               j->gone, j->processes, j->execs, j->threads, j->calls, j->out_bytes, j->err_bytes, histogram_bytes);
        fwrite(j->out, 1, j->out_bytes, stdout);
        fwrite(j->err, 1, j->err_bytes, stdout);
        fwrite(histogram, 1, histogram_bytes, stdout);
        free(histogram);
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
