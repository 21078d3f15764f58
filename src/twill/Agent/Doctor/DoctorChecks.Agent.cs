using System.Text.Json;
using Twill.Agent.View;

namespace Twill.Agent.Doctor;

/// <summary>What was installed, and the agent.</summary>
internal static partial class DoctorChecks
{
    private const UnixFileMode Executes = UnixFileMode.UserExecute, SetsId = UnixFileMode.SetUser | UnixFileMode.SetGroup, OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private static IEnumerable<DoctorCheck> Configuration()
    {
        yield return new DoctorCheck("TWD015", "configuration", "The runtime's directory has a configuration of ours.", f => f.Report.Kernel.Cni.Ours is null
            ? new Finding($"{f.Report.ListPath} is missing: the runtime does not call twill", f.Report.Agent is null ? "start the agent (systemctl start twill): it writes the file when the node is ready" : "the agent writes it when the node is ready: see TWD021") : null);
        yield return new DoctorCheck("TWD016", "configuration", "Ours is the first configuration there.", f => f.Report.Kernel.Cni is { Ours: { } ours, OursIsFirst: false, Files: [var first, ..] } cni
            ? new Finding($"{Path.Combine(cni.Directory, first)} sorts before {ours}: new pods get that network", $"mv {Path.Combine(cni.Directory, first)} {Path.Combine(cni.Directory, $"{first}.off")}") { Mending = new Mending.Move(Path.Combine(cni.Directory, first), Path.Combine(cni.Directory, $"{first}.off")) } : null);
        yield return new DoctorCheck("TWD017", "configuration", "The plugin is installed and executable.", f => f.PluginMode is not { } mode
            ? new Finding($"{f.PluginPath} is missing: the runtime cannot call twill", "twill install")
            : (mode & Executes) == 0 ? new Finding($"{f.PluginPath} is not executable", $"chmod 0755 {f.PluginPath}") { Mending = new Mending.SetMode(f.PluginPath, PluginMode, mode) } : null);
        yield return new DoctorCheck("TWD018", "configuration", "Nobody can become root by the plugin.", f => f.PluginMode is { } mode && (mode & (SetsId | OthersWrite)) != 0
            ? new Finding($"{f.PluginPath} {((mode & SetsId) != 0 ? "runs as its owner whoever starts it" : "may be written by others, and root runs it")}", $"chmod 0755 {f.PluginPath}") { Mending = new Mending.SetMode(f.PluginPath, PluginMode, mode) } : null);
        yield return new DoctorCheck("TWD019", "configuration", "Routes of ours have their name in `ip route`.", f => f.HasProtocolName ? null
            : new Finding($"{f.ProtocolPath} is missing: `ip route` prints proto 77 instead of proto twill", "twill install") { IsWarning = true, Mending = new Mending.WriteFile(f.ProtocolPath, "77\ttwill\n") });
    }

    private static IEnumerable<DoctorCheck> AgentOfNode()
    {
        yield return new DoctorCheck("TWD020", "agent", "An agent runs.", f => f.Report.Agent is null
            ? new Finding("no agent runs: pods work, but nodes that come or move are not followed, and nothing is repaired", "systemctl start twill; journalctl -u twill says why it ended") : null);
        yield return new DoctorCheck("TWD021", "agent", "The node is ready.", f => f.Report.Agent is { } agent && !agent.GetProperty("ready").GetBoolean()
            ? new Finding($"the node is not ready, so new pods wait: {Join(agent)}", "twill watch tells what it waits for") : null);
        yield return new DoctorCheck("TWD022", "agent", "The source of nodes can be asked.", f => f.Report.Agent is { } agent && agent.GetProperty("source") is var source && !source.GetProperty("connected").GetBoolean()
            ? new Finding($"{source.GetProperty("name").GetString()} is away for {StatusText.Duration(source.GetProperty("sinceSeconds").GetInt64())}: {source.GetProperty("problem").GetString()}; the network stays as it was", "see whether the source lives and this node reaches it") : null);
        yield return new DoctorCheck("TWD023", "agent", "Every node of the list is accepted.", f => f.Report.Agent is { } agent && agent.GetProperty("ready").GetBoolean() && agent.GetProperty("source").GetProperty("connected").GetBoolean() && agent.GetProperty("problems").EnumerateArray().Select(p => p.GetString()!).FirstOrDefault(p => !p.Contains("sorts before", StringComparison.Ordinal)) is { } problem
            ? new Finding(problem, "the sentence says what to change") : null);
        yield return new DoctorCheck("TWD024", "agent", "Nobody fights with the agent.", f => f.Report.Agent is { } agent && agent.GetProperty("counters").GetProperty("held").GetInt64() is > 0 and var held
            ? new Finding($"{held} repairs had to wait, since somebody changes the same thing again and again", "twill watch names it where the kernel tells; stop that program, or keep it off our objects") { IsWarning = true } : null);
    }

    private const UnixFileMode PluginMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private static string Join(JsonElement agent) => agent.GetProperty("problems").GetArrayLength() == 0 ? "its network is just being put in place" : string.Join("; ", agent.GetProperty("problems").EnumerateArray().Select(p => p.GetString()));
}
