using Twill.KernelTests.Harness;

namespace Twill.KernelTests.Callers;

/// <summary>The configuration files of docs/runtimes.md; the tests run them as they are, and the page holds them as they are.</summary>
internal static class Shipped
{
    internal const string Bridge = "cni-tw0";
    internal const string Network = "twillnet";

    /// <summary>nftables tables that the reference plugins behind us make.</summary>
    internal static string[] TablesOfOthers { get; } = ["ip nat", "ip filter", "ip6 nat", "ip6 filter", "ip mangle", "ip6 mangle", "ip raw", "ip6 raw"];

    internal static string Directory { get; } = Path.Combine(Artifacts.Root, "tests", "Twill.KernelTests", "Callers", "Config");

    internal static string Read(string name) => File.ReadAllText(Path.Combine(Directory, name));

    internal static string ConfList => Read("10-twillnet.conflist");
}
