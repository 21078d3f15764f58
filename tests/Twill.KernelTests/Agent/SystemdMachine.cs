using System.Globalization;
using Twill.KernelTests.Callers;
using Twill.KernelTests.Fabric;
using Twill.KernelTests.Harness;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Agent;

/// <summary>A node whose process 1 is a real systemd: process ids, mounts, names and a cgroup of its own, directories of its own where `twill install` writes.</summary>
/// <remarks>Its unit directory has empty targets and nothing of this machine. It ends, with all that it started, when its process 1 is killed.</remarks>
internal sealed class SystemdMachine : IDisposable
{
    private const string Systemd = "/usr/lib/systemd/systemd";

    private const int PatienceMs = 20_000;

    private readonly FabricNode _node;
    private readonly string _cgroup;
    private readonly int _shell;
    private readonly int _init;

    internal SystemdMachine(FabricNode node, string folder)
    {
        _node = node;
        _cgroup = Path.Combine(Hierarchy!, string.Create(CultureInfo.InvariantCulture, $"twill-test-{Environment.ProcessId}-{node.Number}"));
        string log = Path.Combine(folder, "systemd.log");
        string inside = "set -e; mount --make-rprivate /; for d in /etc/cni /opt /usr/local/bin /etc/systemd /etc/iproute2 /var/lib /run; do mkdir -p $d; mount -t tmpfs none $d; done; mkdir -p /etc/systemd/system /etc/cni/net.d /run/netns; "
            + "for t in basic sysinit shutdown multi-user network-online; do printf '[Unit]\\nDescription=%s\\nDefaultDependencies=no\\n' $t >/etc/systemd/system/$t.target; done; "
            // Of the machine's settings systemd may change those of this network namespace alone.
            + "mount --bind /proc/sys/net /mnt; mount --bind /proc/sys /proc/sys; mount -o remount,ro,bind /proc/sys; mount --bind /mnt /proc/sys/net; umount /mnt; "
            + "umount -R /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup; "
            + $"exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin container=twill-test SYSTEMD_UNIT_PATH=/etc/systemd/system SYSTEMD_GENERATOR_PATH=/nowhere {Systemd} --system --unit=multi-user.target --log-target=console --show-status=false";
        string outside = $"mkdir -p '{_cgroup}'; echo $$ >'{_cgroup}/cgroup.procs'; exec unshare -fpmCui --mount-proc --kill-child=KILL /bin/sh -c \"$0\" >'{log}' 2>&1 </dev/null";
        _shell = node.Namespace.Run(() => ChildProcess.Start("/bin/sh", ["-c", outside, inside], ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]));
        int init = 0;
        bool up = SpinWait.SpinUntil(() => (init = ChildOf(_shell)) != 0 && Try("systemctl", "is-active", "multi-user.target").OutputText.StartsWith("active", StringComparison.Ordinal), PatienceMs);
        _init = init;
        if (up) return;
        string words = File.Exists(log) ? File.ReadAllText(log) : "";
        Dispose();
        throw new InvalidOperationException($"systemd does not start: {words}");

        ChildProcess.Outcome Try(params string[] command) => Enter(init, command);
    }

    /// <summary>Skips where there is no systemd, or no version 2 control groups to put it in.</summary>
    internal static void Need()
    {
        Requirement.Need("systemd", Systemd, "systemctl", "systemd-analyze", "unshare", "nsenter");
        if (Hierarchy is null) Assert.Skip("systemd: no cgroup2 is mounted, and systemd cannot run without");
    }

    /// <summary>Where control groups of version 2 are; null: nowhere.</summary>
    private static string? Hierarchy => File.ReadLines("/proc/mounts").Select(l => l.Split(' ')).FirstOrDefault(w => w[2] == "cgroup2")?[1];

    internal ChildProcess.Outcome Run(params string[] words) => Enter(_init, words);

    internal ChildProcess.Outcome Shell(string script) => Run("/bin/sh", "-c", script);

    /// <summary>A property of the unit, as `systemctl show -P` prints it.</summary>
    internal string Show(string property) => Run("systemctl", "show", "twill.service", "-P", property).OutputText.Trim();

    internal void Await(Func<bool> wished, string what) => Assert.True(SpinWait.SpinUntil(wished, PatienceMs), $"{what} did not happen: {Run("systemctl", "status", "--no-pager", "twill.service").OutputText}");

    public void Dispose()
    {
        Command.Run("/bin/sh", "-c", $"kill -9 {_init} {_shell}");
        ChildProcess.Wait(_shell);

        // A group can go when its last process has: systemd's services end with it, but not before.
        SpinWait.SpinUntil(() => Command.Run("/bin/sh", "-c", $"find '{_cgroup}' -depth -type d -exec rmdir {{}} + 2>/dev/null; test ! -e '{_cgroup}'").ExitCode == 0, PatienceMs);
    }

    private static ChildProcess.Outcome Enter(int init, string[] words)
        => Command.Run("/usr/bin/nsenter", ["-t", init.ToString(CultureInfo.InvariantCulture), "-m", "-p", "-n", "-C", "-u", "-i", "/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", .. words]);

    private static int ChildOf(int pid) => File.Exists($"/proc/{pid}/task/{pid}/children") && int.TryParse(File.ReadAllText($"/proc/{pid}/task/{pid}/children").Split(' ')[0], out int child) ? child : 0;
}
