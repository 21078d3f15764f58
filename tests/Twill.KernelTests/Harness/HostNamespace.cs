using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Twill.Linux.Netlink;
using Twill.Linux.Netns;
using Twill.Linux.Sys;

namespace Twill.KernelTests.Harness;

/// <summary>A fresh network namespace that plays the host: loopback up, forwarding off, nothing else in it, gone with this object (or the test process).</summary>
/// <remarks>
/// It has no name anywhere, so nothing is left over even after kill -9. Programs run in it are born there, so /proc/sys/net is its own.
/// Pods made by it are disposed with it.
/// </remarks>
public sealed partial class HostNamespace : IDisposable
{
    private readonly List<Pod> _pods = [];

    public HostNamespace()
    {
        Network = NetworkNamespace.Create();
        Network.Run(() =>
        {
            // A new namespace begins with what the machine's own has now, which is nobody's business here.
            Sysctl.Write("net/ipv4/ip_forward", "0");
            Sysctl.Write("net/ipv6/conf/all/forwarding", "0");
        });
        Ip("link set lo up");
    }

    public NetworkNamespace Network { get; }

    /// <summary>Whether every shaped ADD of its pods is the one in 128 that looks for forgotten devices too; else none is.</summary>
    public bool LooksAround { get; init; }

    public void Dispose()
    {
        lock (_pods)
        {
            foreach (Pod pod in _pods) pod.Dispose();
            _pods.Clear();
        }

        Network.Dispose();
    }

    /// <summary>A new pod: a named namespace below /run/netns, as runtimes make it.</summary>
    public Pod NewPod(string? containerId = null)
    {
        var pod = new Pod(containerId, LooksAround);
        lock (_pods) _pods.Add(pod);
        return pod;
    }

    public ChildProcess.Outcome Exec(string program, IReadOnlyList<string> arguments, string input = "") => Command.RunIn(Network, program[0] == '/' ? program : Command.Find(program), arguments, input);

    /// <summary>Like: ip ARGUMENTS, in the host. A failure fails the test.</summary>
    public string Ip(string arguments) => Exec("ip", arguments.Split(' ')).Succeeded();

    /// <summary>Like: nft -f - in the host.</summary>
    public string Nft(string script) => Exec("nft", ["-f", "-"], script + "\n").Succeeded();

    public HostState Look() => HostState.Read(this);

    /// <summary>Looks again after each change of a link until the host is as wished.</summary>
    /// <returns>The last look; it is as wished unless time ran out.</returns>
    public HostState LookUntil(Func<HostState, bool> wished, int timeoutMs)
    {
        const int RTNLGRP_LINK = 1;
        using NetlinkMonitor monitor = NetlinkMonitor.Open(0, [RTNLGRP_LINK], Network);
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            HostState state = Look();
            int left = timeoutMs - (int)Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (wished(state) || left <= 0) return state;
            var ignore = default(Settled.Nobody);
            monitor.Wait(Math.Min(left, 100), ref ignore);
        }
    }

    /// <inheritdoc cref="Settled.Wait"/>
    public void Settle() => Settled.Wait(Network);

    /// <summary>Everything a plugin could have changed, as text: two equal dumps mean an untouched host.</summary>
    /// <remarks>Without counters, neighbour caches, timers and carriers, which change by themselves; taken when the host has settled.</remarks>
    public string Dump()
    {
        Settle();
        var text = new StringBuilder();
        foreach (string arguments in (string[])["-d link show", "-d addr show", "-4 route show table all", "-6 route show table all", "-4 rule show", "-6 rule show", "neigh show nud permanent", "-d netconf show"])
        {
            string answer = Exec("ip", arguments.Split(' ')).Succeeded();
            text.Append("# ip ").AppendLine(arguments);
            text.AppendLine(Ephemeral().Replace(answer, ""));
        }

        text.AppendLine("# nft list ruleset").AppendLine(Exec("nft", ["-s", "list", "ruleset"]).Succeeded());
        text.AppendLine("# sysctl -a").Append(Network.Run(Sysctls));
        return text.ToString();
    }

    /// <summary>What the kernel changes by itself, a little later: timers, the carrier and what follows from it, a bridge port's state too. Whether a link is UP stays.</summary>
    [GeneratedRegex(@"\w+_timer +[0-9.]+|NO-CARRIER,?|,LOWER_UP| state (UP|DOWN|UNKNOWN|LOWERLAYERDOWN|disabled|forwarding)| linkdown|topology_change(_detected)? \d")]
    private static partial Regex Ephemeral();

    private static string Sysctls()
    {
        var text = new StringBuilder();
        foreach (string file in Directory.EnumerateFiles("/proc/sys/net", "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            // Written only, or refused: stable_secret, flush. The random seeds and counters below change by themselves.
            if (file.EndsWith("stable_secret", StringComparison.Ordinal) || file.EndsWith("/flush", StringComparison.Ordinal) || file.Contains("nf_conntrack_count", StringComparison.Ordinal)) continue;
            try
            {
                text.Append(file).Append(" = ").AppendLine(File.ReadAllText(file).Trim());
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                text.Append(file).AppendLine(" unreadable");
            }
        }

        return text.ToString();
    }
}
