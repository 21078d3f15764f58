using System.Text.Json.Nodes;
using Twill.KernelTests.Harness;

namespace Twill.KernelTests.Callers;

/// <summary>A directory of plugins that write down how they are called and then become the real ones.</summary>
internal sealed class Spy
{
    private readonly string _log;

    /// <param name="directory">Where the plugins are put; as the runtime sees it.</param>
    /// <param name="shared">A directory for the log, under the same name for test and runtime.</param>
    /// <param name="run">Runs a shell script where the runtime runs.</param>
    internal Spy(string directory, string shared, Action<string> run)
    {
        _log = Path.Combine(shared, "calls");
        Directory.CreateDirectory(_log);
        foreach (string plugin in (string[])["twill", "bridge", "host-local", "portmap", "bandwidth", "firewall", "tuning", "loopback"])
        {
            string real = plugin == "twill" ? Artifacts.Plugin : Artifacts.Reference(plugin);
            string script = Path.Combine(shared, $"spy-{plugin}");
            File.WriteAllText(script, $$"""
                #!/bin/sh
                in={{_log}}/in.$$.{{plugin}}.$CNI_COMMAND
                cat > $in
                echo "$CNI_COMMAND|{{plugin}}|$CNI_CONTAINERID|$CNI_NETNS|$CNI_IFNAME|$CNI_ARGS|$in" >> {{_log}}/log
                exec {{real}} < $in

                """);
            run($"mkdir -p {directory} && install -m 0755 {script} {directory}/{plugin}");
        }
    }

    /// <summary>All calls so far, in order.</summary>
    internal IReadOnlyList<Seen> Calls()
    {
        string log = Path.Combine(_log, "log");
        if (!File.Exists(log)) return [];
        return [.. File.ReadAllLines(log).Select(l => l.Split('|')).Select(w => new Seen(w[0], w[1], w[2], w[3], w[4], w[5], w[6]))];
    }

    internal void Forget() => File.Delete(Path.Combine(_log, "log"));

    /// <summary>"ADD twill, ADD portmap", VERSION left out: libraries ask for it before anything.</summary>
    internal string Order(string containerId) => string.Join(", ", Calls().Where(c => c.Verb != "VERSION" && c.Plugin is not ("host-local" or "loopback") && c.ContainerId == containerId).Select(c => $"{c.Verb} {c.Plugin}"));

    internal sealed record Seen(string Verb, string Plugin, string ContainerId, string NetNs, string IfName, string Args, string InputFile)
    {
        internal JsonObject Input => (JsonObject)JsonNode.Parse(File.ReadAllText(InputFile))!;
    }
}
