using System.Diagnostics;
using System.Text.Json.Nodes;
using Twill.Linux.Netlink;
using Twill.Linux.Netns;
using Twill.Linux.Sys;

namespace Twill.KernelTests.Harness;

/// <summary>What the kernel does to a namespace by itself after links came up: link-local addresses, and the check that nobody else has them.</summary>
public static class Settled
{
    private const int MaxMs = 5000, PollMs = 100;

    /// <summary>Waits until no IPv6 address is tentative and none is still to come, so that a dump stays equal by itself; five seconds at most.</summary>
    public static void Wait(NetworkNamespace network)
    {
        const int RTNLGRP_IPV6_IFADDR = 9;
        using NetlinkMonitor monitor = NetlinkMonitor.Open(0, [RTNLGRP_IPV6_IFADDR], network);
        long start = Stopwatch.GetTimestamp();
        while (!IsReached(network) && Stopwatch.GetElapsedTime(start).TotalMilliseconds < MaxMs)
        {
            var ignore = default(Nobody);
            monitor.Wait(PollMs, ref ignore);
        }
    }

    /// <remarks>A link gets its link-local address when the kernel has noticed its carrier, up to a second later; a bridge has one with its first port.</remarks>
    private static bool IsReached(NetworkNamespace network)
    {
        JsonNode[] links = [.. Ask(network, "addr")];
        if (links.SelectMany(AddressesOf).Any(a => (bool?)a["tentative"] == true)) return false;
        HashSet<string> makers = [.. Ask(network, "link").Where(l => (string?)l["inet6_addr_gen_mode"] == "eui64").Select(NameOf)], bridges = [.. links.Where(l => Has(l, "UP")).Select(l => (string?)l["master"] ?? "")];
        return links.Where(MakesOne).All(l => AddressesOf(l).Any(a => (string?)a["scope"] == "link") || network.Run(() => Sysctl.Read($"net/ipv6/conf/{NameOf(l)}/disable_ipv6")) != "0");

        bool MakesOne(JsonNode link) => Has(link, "UP") && !Has(link, "LOOPBACK") && (Has(link, "LOWER_UP") || bridges.Contains(NameOf(link))) && link["master"] is null && makers.Contains(NameOf(link));
    }

    private static IEnumerable<JsonNode> Ask(NetworkNamespace network, string what) => JsonNode.Parse(Command.RunIn(network, Command.Find("ip"), ["-j", "-d", what, "show"]).Succeeded())!.AsArray().Select(l => l!);

    private static IEnumerable<JsonNode> AddressesOf(JsonNode link) => (link["addr_info"]?.AsArray() ?? []).Select(a => a!).Where(a => (string?)a["family"] == "inet6");

    private static bool Has(JsonNode link, string flag) => link["flags"]!.AsArray().Any(f => (string?)f == flag);

    private static string NameOf(JsonNode link) => (string)link["ifname"]!;

    /// <summary>Somebody who only wants to be woken.</summary>
    internal struct Nobody : INetlinkReader
    {
        public readonly void Restart()
        {
        }

        public readonly void Read(in NetlinkMessage message)
        {
        }
    }
}
