/*
 * crash - runs a program and everything it starts under ptrace(2), counts the system calls that change state, and does
 * something terrible at the N-th of them.
 *
 *   crash [-n N] [-x] [-s SIGNAL | -f ERRNO | -p FIFO] [-t SECONDS] -o REPORT -- PROGRAM [ARGUMENT...]
 *
 *   without -n      nothing happens; the report has the count
 *   -n N            SIGKILL to the whole tree at the entry of the N-th point (the call does not happen)
 *   -x              at its exit instead (the call has happened)
 *   -s SIGNAL       this signal to the first process instead, and go on
 *   -f ERRNO        the N-th point fails with this errno and has no effect; go on
 *   -p FIFO         stand still at the point: "P" and a newline go into FIFO.at, go on after one byte from FIFO.go.
 *                   A run that ends without reaching the point writes "E"
 *   -t SECONDS      kill the tree after so long (report: "timeout 1")
 *
 * stdin, stdout, stderr and the environment are the program's. Exit status: that of the first process, 128 + signal if killed.
 *
 * A point is: open with O_CREAT or O_TRUNC, a write to a file (not to pipes, sockets, devices or descriptors 0 to 2), any send on a
 * netlink or unix socket, rename, unlink, link, symlink, mkdir, rmdir, truncate, fsync, chmod, chown, mount, umount, setns,
 * unshare, bind, a socket ioctl that sets, and the birth of a process (not of a thread).
 *
 * Report, one record a line:
 *   point I PID CALL DETAIL        in order
 *   exec PID PATH                  but for the first
 *   connect PID FAMILY             any connect(2), whatever its fate
 *   open PID FLAGS PATH            opened for writing
 *   note PID                       a datagram to a named unix socket: it changes nothing here, so it is no point
 *   count N / calls N / sends N (netlink) / messages N (netlink messages in them) / reads N (netlink dumps and gets among them)
 *   killed 0|1 / before S          S: status of the first process if it had already ended before the kill, else -1
 *   timeout 0|1 / maxrss KB
 *
 * x86-64 only (the failure injection rewrites registers); the rest is PTRACE_GET_SYSCALL_INFO (Linux 5.3).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_TASKS 4096

struct task {
    pid_t tid;
    int fresh;      /* its first SIGSTOP is ours */
    int at;         /* number of the point it is inside, 0: none */
    int fail;       /* the call was replaced by nothing: make it fail at its exit */
    long nr;        /* the call it is inside */
    long again;     /* number + 1 of a call that the kernel begins anew by itself (ERESTART*): its next entry is the same call */
};

static struct task tasks[MAX_TASKS];
static int task_count;
static FILE *report;
static long point_count, call_count, send_count, message_count, read_count;
static long wanted;
static int at_exit, fail_errno, send_signal;
static const char *fifo;
static pid_t first;
static int first_status = -1, first_ended, killed, timed_out, paused;
static volatile sig_atomic_t alarmed;

static void on_alarm(int s) { (void)s; alarmed = 1; }

static void die(const char *what)
{
    fprintf(stderr, "crash: %s: %s\n", what, strerror(errno));
    exit(99);
}

static struct task *task_of(pid_t tid)
{
    for (int i = 0; i < task_count; i++)
        if (tasks[i].tid == tid) return &tasks[i];
    if (task_count == MAX_TASKS) { errno = ENOMEM; die("too many tasks"); }
    struct task *t = &tasks[task_count++];
    memset(t, 0, sizeof *t);
    t->tid = tid;
    t->fresh = 1;
    return t;
}

static void forget(pid_t tid)
{
    for (int i = 0; i < task_count; i++)
        if (tasks[i].tid == tid) { tasks[i] = tasks[--task_count]; return; }
}

static size_t peek(pid_t tid, unsigned long address, void *into, size_t size)
{
    struct iovec local = { into, size }, remote = { (void *)address, size };
    ssize_t n = process_vm_readv(tid, &local, 1, &remote, 1, 0);
    return n < 0 ? 0 : (size_t)n;
}

static void peek_text(pid_t tid, unsigned long address, char *into, size_t size)
{
    /* page by page: the string may end just before an unmapped one */
    size_t have = 0;
    while (have + 1 < size) {
        size_t part = 4096 - ((address + have) & 4095);
        if (part > size - 1 - have) part = size - 1 - have;
        size_t n = peek(tid, address + have, into + have, part);
        if (n == 0) break;
        if (memchr(into + have, 0, n)) { have = strlen(into); break; }
        have += n;
    }
    into[have] = 0;
    for (char *c = into; *c; c++)
        if (*c == '\n' || *c == '\r') *c = '?';
}

static void fd_path(pid_t tid, int fd, char *into, size_t size)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/%d/fd/%d", tid, fd);
    ssize_t n = readlink(link, into, size - 1);
    into[n < 0 ? 0 : n] = 0;
}

static int pid_of_thread(pid_t tid)
{
    char path[64], line[256];
    int pid = tid;
    snprintf(path, sizeof path, "/proc/%d/status", tid);
    FILE *f = fopen(path, "re");
    if (!f) return pid;
    while (fgets(line, sizeof line, f))
        if (sscanf(line, "Tgid: %d", &pid) == 1) break;
    fclose(f);
    return pid;
}

/* domain and protocol of a socket in another process; 0 if it is none */
static int socket_kind(pid_t tid, int fd, int *protocol)
{
    int pidfd = (int)syscall(SYS_pidfd_open, pid_of_thread(tid), 0);
    if (pidfd < 0) return 0;
    int copy = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
    close(pidfd);
    if (copy < 0) return 0;
    int domain = 0;
    socklen_t length = sizeof domain;
    if (getsockopt(copy, SOL_SOCKET, SO_DOMAIN, &domain, &length) < 0) domain = 0;
    length = sizeof *protocol;
    *protocol = 0;
    if (domain) getsockopt(copy, SOL_SOCKET, SO_PROTOCOL, protocol, &length);
    close(copy);
    return domain;
}

static void line(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vfprintf(report, format, list);
    va_end(list);
    fputc('\n', report);
}

/* "protocol 0 type 16 flags 0605 x3, 412 bytes": what a netlink send carries */
static void netlink_text(pid_t tid, int protocol, unsigned long address, size_t size, char *text, size_t room)
{
    unsigned char buffer[65536];
    size_t have = peek(tid, address, buffer, size < sizeof buffer ? size : sizeof buffer), offset = 0;
    int count = 0, used = snprintf(text, room, "netlink %d, %zu bytes:", protocol, size);
    int reads = 0;
    while (offset + sizeof(struct nlmsghdr) <= have) {
        struct nlmsghdr h;
        memcpy(&h, buffer + offset, sizeof h);
        if (h.nlmsg_len < sizeof h) break;
        count++;
        /* rtnetlink: type & 3 == 2 is a get; nfnetlink: the low byte of a get depends on the subsystem, nftables' are odd below 25 */
        if (protocol == NETLINK_ROUTE ? (h.nlmsg_type & 3) == 2 : (h.nlmsg_flags & NLM_F_DUMP) != 0) reads++;
        if (count <= 12 && used < (int)room) used += snprintf(text + used, room - used, " %u/%x", h.nlmsg_type, h.nlmsg_flags);
        offset += (h.nlmsg_len + 3) & ~3u;
    }
    message_count += count ? count : 1;
    read_count += reads;
    send_count++;
}

static int is_point(pid_t tid, const struct __ptrace_syscall_info *info, const char **name, char *detail, size_t room)
{
    const unsigned long long *a = (const unsigned long long *)info->entry.args;
    char path[512];
    detail[0] = 0;
    *name = "?";
#define CALL(text) (*name = (text), 1)
#define PATH(i) (peek_text(tid, a[i], detail, room), 1)
    switch (info->entry.nr) {
    case SYS_open: case SYS_openat: case SYS_creat: case SYS_openat2: {
        unsigned long p = info->entry.nr == SYS_open || info->entry.nr == SYS_creat ? a[0] : a[1];
        unsigned long long flags = info->entry.nr == SYS_open ? a[1] : info->entry.nr == SYS_openat ? a[2] : 0;
        if (info->entry.nr == SYS_creat) flags = O_CREAT | O_WRONLY | O_TRUNC;
        if (info->entry.nr == SYS_openat2) peek(tid, a[2], &flags, sizeof flags);
        peek_text(tid, p, detail, room);
        if ((flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC))) line("open %d %llo %s", tid, flags, detail);
        return (flags & (O_CREAT | O_TRUNC)) != 0 && strncmp(detail, "/dev/", 5) != 0 && CALL("create");
    }
    case SYS_write: case SYS_pwrite64: case SYS_writev: case SYS_pwritev: case SYS_pwritev2: {
        int protocol;
        if ((int)a[0] <= 2) return 0;
        fd_path(tid, (int)a[0], path, sizeof path);
        if (strncmp(path, "socket:", 7) == 0) {
            int domain = socket_kind(tid, (int)a[0], &protocol);
            if (domain != AF_NETLINK && domain != AF_UNIX) return 0;
            if (domain == AF_NETLINK && info->entry.nr == SYS_write) netlink_text(tid, protocol, a[1], a[2], detail, room);
            else if (domain == AF_NETLINK) send_count++, message_count++;
            return CALL("write-socket");
        }
        if (path[0] != '/' || strncmp(path, "/dev/", 5) == 0 || strstr(path, "/eventfd")) return 0;
        snprintf(detail, room, "%s", path);
        return CALL("write");
    }
    case SYS_sendto: case SYS_sendmsg: case SYS_sendmmsg: {
        int protocol, domain = socket_kind(tid, (int)a[0], &protocol);
        if (domain != AF_NETLINK && domain != AF_UNIX) return 0;
        if (domain == AF_UNIX && info->entry.nr == SYS_sendto && a[4] != 0) return line("note %d", tid), 0;
        if (domain == AF_UNIX) return snprintf(detail, room, "unix"), CALL("send");
        unsigned long address = a[1], size = a[2];
        if (info->entry.nr != SYS_sendto) {
            struct msghdr h;
            struct iovec v;
            memset(&h, 0, sizeof h);
            memset(&v, 0, sizeof v);
            peek(tid, a[1], &h, sizeof h);
            peek(tid, (unsigned long)h.msg_iov, &v, sizeof v);
            address = (unsigned long)v.iov_base;
            size = v.iov_len;
        }
        netlink_text(tid, protocol, address, size, detail, room);
        return CALL("send");
    }
    case SYS_rename: return PATH(1) && CALL("rename");
    case SYS_renameat: case SYS_renameat2: return PATH(3) && CALL("rename");
    case SYS_unlink: return PATH(0) && CALL("unlink");
    case SYS_unlinkat: return PATH(1) && CALL("unlink");
    case SYS_link: case SYS_symlink: return PATH(1) && CALL("link");
    case SYS_linkat: return PATH(3) && CALL("link");
    case SYS_symlinkat: return PATH(2) && CALL("link");
    case SYS_mkdir: return PATH(0) && CALL("mkdir");
    case SYS_mkdirat: return PATH(1) && CALL("mkdir");
    case SYS_rmdir: return PATH(0) && CALL("rmdir");
    case SYS_mknod: return PATH(0) && CALL("mknod");
    case SYS_mknodat: return PATH(1) && CALL("mknod");
    case SYS_truncate: return PATH(0) && CALL("truncate");
    case SYS_ftruncate: return fd_path(tid, (int)a[0], detail, room), strncmp(detail, "/memfd:", 7) != 0 && CALL("truncate");
    case SYS_fsync: case SYS_fdatasync: return fd_path(tid, (int)a[0], detail, room), CALL("fsync");
    case SYS_chmod: case SYS_chown: case SYS_lchown: return PATH(0) && CALL("chmod");
    case SYS_fchmodat: case SYS_fchownat: return PATH(1) && CALL("chmod");
    case SYS_fchmod: case SYS_fchown: return fd_path(tid, (int)a[0], detail, room), CALL("chmod");
    case SYS_mount: return PATH(1) && CALL("mount");
    case SYS_umount2: return PATH(0) && CALL("umount");
    case SYS_setns: return snprintf(detail, room, "%llx", a[1]), CALL("setns");
    case SYS_unshare: return snprintf(detail, room, "%llx", a[0]), CALL("unshare");
    case SYS_bind: {
        struct sockaddr_un u;
        memset(&u, 0, sizeof u);
        peek(tid, a[1], &u, a[2] < sizeof u ? a[2] : sizeof u);
        if (u.sun_family == AF_UNIX && u.sun_path[0] == 0)
            snprintf(detail, room, "@%.*s", (int)(a[2] > 3 ? (a[2] > 110 ? 107 : a[2] - 3) : 0), u.sun_path + 1);
        else
            snprintf(detail, room, "family %u", u.sun_family);
        return CALL("bind");
    }
    case SYS_connect: {
        unsigned short family = 0;
        peek(tid, a[1], &family, sizeof family);
        line("connect %d %u", tid, family);
        return 0;
    }
    case SYS_ioctl: {
        /* SIOCSIF*, SIOCADD*, SIOCBR*, SIOCETHTOOL...: those that set; the gets of this range are odd or known */
        unsigned long r = a[1];
        if (r < 0x8900 || r > 0x89ff) return 0;
        static const unsigned short gets[] = { 0x8904, 0x8906, 0x8907, 0x8910, 0x8912, 0x8913, 0x8915, 0x8917, 0x8919, 0x891b, 0x891d, 0x891f, 0x8921, 0x8927, 0x8933, 0x8938, 0x8942 };
        for (size_t i = 0; i < sizeof gets / sizeof *gets; i++)
            if (gets[i] == r) return 0;
        return snprintf(detail, room, "%lx", r), CALL("ioctl");
    }
    case SYS_fork: case SYS_vfork: return CALL("fork");
    case SYS_clone: return !(a[0] & CLONE_THREAD) && CALL("fork");
    case SYS_clone3: {
        unsigned long long flags = 0;
        peek(tid, a[0], &flags, sizeof flags);
        return !(flags & CLONE_THREAD) && CALL("fork");
    }
    default: return 0;
    }
}

static void write_fifo(const char *text)
{
    char name[4096];
    snprintf(name, sizeof name, "%s.at", fifo);
    int fd = open(name, O_WRONLY | O_CLOEXEC);
    if (fd < 0) die(name);
    if (write(fd, text, strlen(text)) < 0) die(name);
    close(fd);
}

static void pause_here(void)
{
    char name[4096], c;
    paused = 1;
    fflush(report);
    write_fifo("P\n");
    snprintf(name, sizeof name, "%s.go", fifo);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) die(name);
    while (read(fd, &c, 1) < 0 && errno == EINTR && !alarmed) continue;
    close(fd);
}

static void note_end(pid_t tid, int status)
{
    forget(tid);
    if (tid == first && !first_ended) {
        first_ended = 1;
        first_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
}

/* SIGKILL to all, and wait until the last is gone: what the caller sees afterwards is final. */
static void kill_tree(void)
{
    int status;
    killed = 1;
    /* it may have ended without our having heard of it yet */
    if (!first_ended && waitpid(first, &status, __WALL | WNOHANG) == first && (WIFEXITED(status) || WIFSIGNALED(status))) note_end(first, status);
    line("before %d", first_ended ? first_status : -1);
    for (int i = 0; i < task_count; i++) kill(tasks[i].tid, SIGKILL);
    while (1) {
        pid_t tid = waitpid(-1, &status, __WALL);
        if (tid < 0 && errno == EINTR) continue;
        if (tid < 0) return;
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            note_end(tid, status);
            continue;
        }
        kill(tid, SIGKILL); /* born in the meantime */
        ptrace(PTRACE_CONT, tid, 0, 0);
    }
}

/* Does what was asked for. Returns 1 if the tree is gone. */
static int strike(struct task *t, int exiting)
{
    if (fifo) { if (!paused) pause_here(); return 0; }
    if (send_signal) { kill(first, send_signal); return 0; }
    if (fail_errno) {
        if (exiting) return 0;
        struct user_regs_struct regs;
        if (ptrace(PTRACE_GETREGS, t->tid, 0, &regs) < 0) die("PTRACE_GETREGS");
        regs.orig_rax = (unsigned long long)-1;
        if (ptrace(PTRACE_SETREGS, t->tid, 0, &regs) < 0) die("PTRACE_SETREGS");
        t->fail = 1;
        return 0;
    }
    kill_tree();
    return 1;
}

static int on_syscall(struct task *t)
{
    struct __ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, t->tid, sizeof info, &info) < 0) return 0;
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        const char *name;
        char detail[512];
        int same = t->again == (long)info.entry.nr + 1 || (t->again && info.entry.nr == SYS_restart_syscall);
        t->again = 0;
        if (same) return 0;
        call_count++;
        t->at = 0;
        t->nr = (long)info.entry.nr;
        if (!is_point(t->tid, &info, &name, detail, sizeof detail)) return 0;
        t->at = (int)++point_count;
        line("point %ld %d %s %s", point_count, t->tid, name, detail);
        return point_count == wanted && !at_exit ? strike(t, 0) : 0;
    }
    if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
        if (t->fail) {
            struct user_regs_struct regs;
            if (ptrace(PTRACE_GETREGS, t->tid, 0, &regs) == 0) {
                regs.rax = (unsigned long long)(long long)-fail_errno;
                ptrace(PTRACE_SETREGS, t->tid, 0, &regs);
            }
            t->fail = 0;
        }
        /* -ERESTARTSYS, NOINTR, NOHAND, _RESTARTBLOCK: rtnl_trylock() of some sysctls does it thousands of times under load */
        if (info.exit.rval >= -516 && info.exit.rval <= -512 && info.exit.rval != -515) { t->again = t->nr + 1; return 0; }
        int at = t->at;
        t->at = 0;
        return at && at == wanted && at_exit ? strike(t, 1) : 0;
    }
    return 0;
}

static void trace(void)
{
    while (1) {
        int status, signal = 0;
        pid_t tid = waitpid(-1, &status, __WALL);
        if (alarmed && !killed) { timed_out = 1; kill_tree(); return; }
        if (tid < 0 && errno == EINTR) continue;
        if (tid < 0) return; /* ECHILD: all gone */
        if (WIFEXITED(status) || WIFSIGNALED(status)) { note_end(tid, status); continue; }
        if (!WIFSTOPPED(status)) continue;
        struct task *t = task_of(tid);
        int stop = WSTOPSIG(status), event = status >> 16;
        if (stop == (SIGTRAP | 0x80)) {
            if (on_syscall(t)) return;
        } else if (event == PTRACE_EVENT_EXEC) {
            char path[4096], link[64];
            snprintf(link, sizeof link, "/proc/%d/exe", tid);
            ssize_t n = readlink(link, path, sizeof path - 1);
            path[n < 0 ? 0 : n] = 0;
            line("exec %d %s", tid, path);
        } else if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE) {
            unsigned long child = 0;
            ptrace(PTRACE_GETEVENTMSG, tid, 0, &child);
            task_of((pid_t)child);
        } else if (stop == SIGSTOP && t->fresh) {
            t->fresh = 0;
        } else if (event == 0) {
            signal = stop;
        }
        if (ptrace(PTRACE_SYSCALL, tid, 0, signal) < 0 && errno != ESRCH) die("PTRACE_SYSCALL");
    }
}

int main(int argc, char **argv)
{
    const char *output = NULL;
    long seconds = 0;
    int option;
    while ((option = getopt(argc, argv, "+n:xs:f:p:t:o:")) != -1) {
        switch (option) {
        case 'n': wanted = atol(optarg); break;
        case 'x': at_exit = 1; break;
        case 's': send_signal = atoi(optarg); break;
        case 'f': fail_errno = atoi(optarg); break;
        case 'p': fifo = optarg; break;
        case 't': seconds = atol(optarg); break;
        case 'o': output = optarg; break;
        default: return 98;
        }
    }
    if (!output || optind >= argc) { fprintf(stderr, "usage: crash [-n N] [-x] [-s SIGNAL | -f ERRNO | -p FIFO] [-t SECONDS] -o REPORT -- PROGRAM...\n"); return 98; }
    if (!(report = fopen(output, "we"))) die(output);

    first = fork();
    if (first < 0) die("fork");
    if (first == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        execv(argv[optind], argv + optind);
        fprintf(stderr, "crash: %s: %s\n", argv[optind], strerror(errno));
        _exit(97);
    }
    int status;
    if (waitpid(first, &status, __WALL) != first || !WIFSTOPPED(status)) die("waitpid");
    task_of(first)->fresh = 0;
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    if (ptrace(PTRACE_SETOPTIONS, first, 0, options) < 0) die("PTRACE_SETOPTIONS");

    /* Our own copies of the pipes would keep the reader waiting for an end that the program has already reached. */
    int null = open("/dev/null", O_RDWR);
    if (null < 0) die("/dev/null");
    dup2(null, 0);
    dup2(null, 1);
    if (null > 2) close(null);
    if (seconds > 0) {
        struct sigaction action = { .sa_handler = on_alarm };
        sigaction(SIGALRM, &action, NULL);
        struct itimerval timer = { { 0, 100000 }, { seconds, 0 } }; /* repeated: one may come just before waitpid */
        setitimer(ITIMER_REAL, &timer, NULL);
    }
    if (ptrace(PTRACE_SYSCALL, first, 0, 0) < 0) die("PTRACE_SYSCALL");
    trace();

    if (!killed) line("before -1");
    line("count %ld", point_count);
    line("calls %ld", call_count);
    line("sends %ld", send_count);
    line("messages %ld", message_count);
    line("reads %ld", read_count);
    line("killed %d", killed);
    line("timeout %d", timed_out);
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    line("maxrss %ld", usage.ru_maxrss);
    fclose(report);
    if (fifo && !paused) write_fifo("E\n");
    return first_status < 0 ? 96 : first_status;
}
