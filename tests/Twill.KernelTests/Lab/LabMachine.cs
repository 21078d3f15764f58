using System.Globalization;
using System.Text;
using Twill.Linux.Sys;

namespace Twill.KernelTests.Lab;

/// <summary>
/// A machine for one test: a network namespace and a mount namespace of its own with an empty /run, so that a lab in it meets nobody
/// else's names. Held by bind mounts, not by a process; ends with the test.
/// </summary>
internal sealed class LabMachine : IDisposable
{
    private const int TimeoutMs = 120_000;
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"twill-lab-test-{Environment.ProcessId}-{Guid.NewGuid():N}");

    /// <remarks>Mounts below /run are taken off the copy: where their owners remove a mount point, the kernel takes it from every mount namespace.</remarks>
    internal LabMachine()
    {
        Directory.CreateDirectory(_directory);
        Must(Shell($$"""
            mount -t tmpfs tmpfs {{_directory}} && mount --make-private {{_directory}} && touch {{_directory}}/mnt {{_directory}}/net &&
            unshare --mount={{_directory}}/mnt --net={{_directory}}/net --propagation private sh -c 'grep -o " /run/netns[^ ]*" /proc/self/mounts | xargs -r umount -l; mount -t tmpfs tmpfs /run && ip link set lo up'
            """));
    }

    internal static string Twill { get; } = Environment.GetEnvironmentVariable("TWILL_BIN") is { Length: > 0 } path ? path : FindArtifact();

    /// <summary>Runs twill inside.</summary>
    internal ChildProcess.Outcome Run(params string[] arguments) => Inside([Twill, .. arguments]);

    /// <summary>Runs it, and it must end with 0.</summary>
    internal string Ok(params string[] arguments) => Must(Run(arguments));

    /// <summary>Runs a shell line inside; $T is twill.</summary>
    internal ChildProcess.Outcome Line(string line) => Inside(["/bin/sh", "-c", line]);

    internal string LineOk(string line) => Must(Line(line));

    /// <summary>Everything of the machine's network that a lab could leave something in.</summary>
    internal string Dump()
    {
        string text = LineOk("""
            ip -d link; ip addr; ip route show table all; ip -6 route show table all; ip rule; ip -6 rule; ip neigh; nft list ruleset
            sysctl -a 2>/dev/null | grep '^net\.' | grep -v -e conntrack_count -e nf_conntrack_buckets | sort
            grep ' /run' /proc/self/mounts; ls -laR /run; ip netns list
            """);

        // Times of directories change with what was in them.
        return string.Join('\n', text.Split('\n').Where(l => !l.StartsWith("total ", StringComparison.Ordinal)).Select(l => l.EndsWith(" .", StringComparison.Ordinal) || l.EndsWith(" ..", StringComparison.Ordinal) ? l[..10] : l));
    }

    internal static string Must(ChildProcess.Outcome outcome)
        => outcome.ExitCode == 0 ? outcome.OutputText : throw new InvalidOperationException($"exit {outcome.ExitCode}{(outcome.TimedOut ? " (timed out)" : "")}\n{outcome.OutputText}\n{outcome.ErrorText}");

    public void Dispose()
    {
        _ = Run("lab", "down");
        _ = Shell($"umount {_directory}/mnt; umount {_directory}/net; umount {_directory}; rmdir {_directory}");
    }

    private ChildProcess.Outcome Inside(IEnumerable<string> command) => Execute("nsenter", [$"--mount={_directory}/mnt", $"--net={_directory}/net", "--", .. command]);

    private static ChildProcess.Outcome Shell(string line) => Execute("sh", ["-c", line]);

    private static ChildProcess.Outcome Execute(string program, string[] arguments)
        => ChildProcess.Run("/usr/bin/env", [program, .. arguments], ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", $"T={Twill}"], Encoding.UTF8.GetBytes(""), TimeoutMs);

    private static string FindArtifact()
    {
        for (string? directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            string candidate = Path.Combine(directory, "artifacts", "twill");
            if (File.Exists(candidate)) return candidate;
        }

        throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"no artifacts/twill above {AppContext.BaseDirectory}; build it with `make publish`, or name one in TWILL_BIN"));
    }
}
