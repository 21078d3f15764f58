using System.Globalization;
using Twill.KernelTests.Harness;
using Twill.Linux.Sys;

namespace Twill.KernelTests.Callers;

/// <summary>A machine for a container runtime: network, mount and process namespaces of its own, with /etc, /run, /opt and /var/lib that nobody else sees.</summary>
/// <remarks>
/// The runtime uses its real paths (/etc/cni/net.d, /opt/cni/bin, /var/lib/cni), and the machine is as before: the end of the first process
/// ends all others, and with the last of them the mounts go. What remains are empty control groups, which are removed.
/// </remarks>
public sealed class PrivateHost : IDisposable
{
    /// <summary>The first process ends by itself, should the test be killed.</summary>
    private const int LifeSeconds = 300;

    private const int TimeoutMs = 60_000;

    private static readonly string[] s_environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "HOME=/root"];

    private static int s_count;

    private readonly string _directory;
    private readonly int _holder;
    private readonly string _init;
    private readonly HashSet<string> _groups;

    public PrivateHost()
    {
        Network = new HostNamespace();
        _directory = Path.Combine(Artifacts.Scratch, $"host-{Interlocked.Increment(ref s_count)}");
        Directory.CreateDirectory(_directory);
        _groups = [.. Groups()];
        string ready = Path.Combine(_directory, "ready");
        Command.Run(Command.Find("mkfifo"), ready).Succeeded();

        // The shell, process 1, waits for children that lost their parents.
        string init = $"echo > {ready}; sleep {LifeSeconds.ToString(CultureInfo.InvariantCulture)} & wait";
        string holder = $"exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc sh -c '{init}' >{_directory}/init.log 2>&1 </dev/null";
        _holder = Network.Network.Run(() => ChildProcess.Start("/bin/sh", ["-c", holder], s_environment));
        Command.Run(Command.Find("cat"), ready).Succeeded();
        _init = File.ReadAllText($"/proc/{_holder}/task/{_holder}/children").Trim();
        Shell($"""
            set -e
            for d in /run /dev/shm /var/lib /opt; do mount -t tmpfs tmpfs $d; done
            mkdir -p /run/netns /run/lock /opt/cni/bin /var/lib/cni /run/etc
            cp -a /etc/. /run/etc/
            mount --bind /run/etc /etc
            rm -rf /etc/cni /etc/containers/containers.conf* /etc/containerd
            mkdir -p /etc/cni/net.d /etc/containers /etc/containerd
            """).Succeeded();
    }

    public HostNamespace Network { get; }

    /// <summary>Files that the machine outside and inside see under the same name.</summary>
    public string Shared => _directory;

    /// <summary>Runs a program on this machine to its end.</summary>
    public ChildProcess.Outcome Run(params IReadOnlyList<string> words) => ChildProcess.Run(Command.Find("nsenter"), ["-t", _init, "-m", "-p", "-n", "--", .. words], s_environment, [], TimeoutMs);

    public ChildProcess.Outcome Shell(string script) => Run("/bin/sh", "-c", script);

    /// <summary>Puts a text where the machine sees it under this path.</summary>
    public void Write(string path, string text)
    {
        string shared = Path.Combine(_directory, $"file-{Interlocked.Increment(ref s_count)}");
        File.WriteAllText(shared, text);
        Run("install", "-D", "-m", "0644", shared, path).Succeeded();
    }

    /// <summary>Names below a directory of this machine; empty where there is none.</summary>
    public IReadOnlyList<string> Files(string directory) => Shell($"find {directory} -type f 2>/dev/null | sort").OutputText.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public void Dispose()
    {
        // Process 1 is gone only when all others are, and unshare waits for it.
        Command.Run("/bin/sh", "-c", $"kill -9 {_init}").Succeeded();
        ChildProcess.Wait(_holder);
        Network.Dispose();
        foreach (string group in Groups().Where(g => !_groups.Contains(g)).OrderByDescending(g => g.Length))
        {
            if (Path.GetFileName(group) is "default" or "libpod_parent" || group.Contains("/default/", StringComparison.Ordinal) || group.Contains("/libpod", StringComparison.Ordinal)) TryRemove(group);
        }
    }

    private static string[] Groups() => Directory.GetDirectories("/sys/fs/cgroup", "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true });

    private static void TryRemove(string group)
    {
        try
        {
            Directory.Delete(group);
        }
        catch (IOException)
        {
            // Somebody else's process is in it.
        }
    }
}
