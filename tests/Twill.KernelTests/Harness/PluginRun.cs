using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Twill.Linux.Sys;

namespace Twill.KernelTests.Harness;

/// <summary>One call of a CNI plugin: what a runtime would put into environment and stdin. Change it by `with`.</summary>
/// <remarks>A null variable is not set at all; an empty one is set and empty.</remarks>
public sealed record PluginRun(string Command)
{
    public string Binary { get; init; } = Artifacts.Plugin;

    public string? ContainerId { get; init; }

    public string? NetNs { get; init; }

    public string? IfName { get; init; } = "eth0";

    public string? Args { get; init; }

    public string? CniPath { get; init; } = Artifacts.ReferenceDirectory;

    /// <summary>Further NAME=value strings.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    public ReadOnlyMemory<byte> Input { get; init; }

    public int TimeoutMs { get; init; } = 20_000;

    /// <summary>The configuration as JSON becomes stdin.</summary>
    public PluginRun WithConfig(JsonNode config) => this with { Input = Encoding.UTF8.GetBytes(config.ToJsonString()) };

    public PluginRun Of(Pod pod, string ifName = "eth0") => this with { ContainerId = pod.ContainerId, NetNs = pod.Path, IfName = ifName };

    public IReadOnlyList<string> Variables()
    {
        var list = new List<string>(Environment) { $"CNI_COMMAND={Command}" };
        Put("CNI_CONTAINERID", ContainerId);
        Put("CNI_NETNS", NetNs);
        Put("CNI_IFNAME", IfName);
        Put("CNI_ARGS", Args);
        Put("CNI_PATH", CniPath);
        if (!Environment.Any(e => e.StartsWith("PATH=", StringComparison.Ordinal))) list.Add("PATH=/usr/sbin:/usr/bin:/sbin:/bin");
        return list;

        void Put(string name, string? value)
        {
            if (value is not null) list.Add($"{name}={value}");
        }
    }

    /// <summary>Runs it in the host's namespace.</summary>
    public PluginOutcome In(HostNamespace host) => Through(host, Binary, []);

    /// <summary>Runs it by another program: a tracer, a shell.</summary>
    public PluginOutcome Through(HostNamespace host, string program, IReadOnlyList<string> arguments)
    {
        IReadOnlyList<string> variables = Variables();
        byte[] input = Input.ToArray();
        long start = Stopwatch.GetTimestamp();
        ChildProcess.Outcome outcome = host.Network.Run(() => ChildProcess.Run(program, arguments, variables, input, TimeoutMs));
        return new PluginOutcome(this, outcome.ExitCode, outcome.OutputText, outcome.ErrorText, outcome.TimedOut, Stopwatch.GetElapsedTime(start));
    }

    /// <summary>Runs it by /bin/sh; the script says "$0" where the plugin is meant.</summary>
    public PluginOutcome InShell(HostNamespace host, string script) => Through(host, "/bin/sh", ["-c", script, Binary]);
}
