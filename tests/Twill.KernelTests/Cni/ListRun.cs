using System.Text;
using Twill.Cni;
using Twill.KernelTests.Harness;

namespace Twill.KernelTests.Cni;

/// <summary>A network configuration list run as libcni runs it: ADD and CHECK forwards, DEL backwards, the first error ends it; GC goes on.</summary>
internal sealed class ListRun(HostNamespace host, string conflist, string capabilityArgs = "")
{
    internal NetworkConfigList List { get; } = NetworkConfigList.Parse(Encoding.UTF8.GetBytes(conflist));

    /// <summary>The final result of the last successful ADD: what a runtime caches.</summary>
    internal PluginOutcome? Cached { get; private set; }

    /// <summary>A directory where twill is found under its own name.</summary>
    internal static string TwillDirectory { get; } = MakeDirectory();

    internal static string Path => $"{TwillDirectory}:{Artifacts.ReferenceDirectory}";

    internal PluginOutcome Add(Pod pod, string ifName = "eth0")
    {
        PluginOutcome? last = null;
        foreach (PluginConfig plugin in List.Plugins)
        {
            last = Run(plugin, CniVerb.Add, new PluginInput { PrevResult = Parsed(last) }, r => r.Of(pod, ifName));
            if (!last.Ok) return last;
        }

        return Cached = last!;
    }

    /// <returns>The first failure, or the last success.</returns>
    internal PluginOutcome Check(Pod pod, string ifName = "eth0") => Each(List.Plugins, CniVerb.Check, pod, ifName);

    internal PluginOutcome Del(Pod pod, string ifName = "eth0") => Each(List.Plugins.Reverse(), CniVerb.Del, pod, ifName);

    internal PluginOutcome Gc(params IReadOnlyList<CniAttachment> valid) => Each(CniVerb.Gc, new PluginInput { ValidAttachments = valid });

    internal PluginOutcome Status() => Each(CniVerb.Status, new PluginInput());

    internal PluginOutcome Run(PluginConfig plugin, CniVerb verb, PluginInput input, Func<PluginRun, PluginRun> of)
        => of(new PluginRun(verb.ToText())
        {
            Binary = plugin.Type == "twill" ? Artifacts.Plugin : Artifacts.Reference(plugin.Type),
            CniPath = Path,
            IfName = null,
            Input = List.BuildStdin(plugin, verb, input with { CapabilityArgs = Encoding.UTF8.GetBytes(capabilityArgs) }),
        }).In(host);

    private CniResult? Parsed(PluginOutcome? outcome) => outcome is null ? null : CniResult.Parse(Encoding.UTF8.GetBytes(outcome.Output), List.CniVersion, "result");

    private PluginOutcome Each(IEnumerable<PluginConfig> plugins, CniVerb verb, Pod pod, string ifName)
    {
        PluginOutcome? last = null;
        foreach (PluginConfig plugin in plugins)
        {
            last = Run(plugin, verb, new PluginInput { PrevResult = Parsed(Cached) }, r => r.Of(pod, ifName) with { NetNs = pod.IsThere ? pod.Path : "" });
            if (!last.Ok) return last;
        }

        return last!;
    }

    private PluginOutcome Each(CniVerb verb, PluginInput input)
    {
        PluginOutcome? worst = null;
        foreach (PluginConfig plugin in List.Plugins)
        {
            PluginOutcome outcome = Run(plugin, verb, input, r => r);
            if (worst is null or { Ok: true }) worst = outcome;
        }

        return worst!;
    }

    private static string MakeDirectory()
    {
        string directory = System.IO.Path.Combine(Artifacts.Scratch, "bin");
        Directory.CreateDirectory(directory);
        File.CreateSymbolicLink(System.IO.Path.Combine(directory, "twill"), Artifacts.Plugin);
        return directory;
    }
}
