using System.Text;
using Twill.Fabric.Plan;
using Twill.Linux.Sys;

namespace Twill.Agent.Install;

/// <summary>Puts the program's files where a node needs them, and takes them away again. Each step says whether it changed anything.</summary>
internal sealed class Installer(InstallPaths paths, Action<string> say)
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Executable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Where systemd runs (sd_booted(3)).</summary>
    private const string SystemdMark = "/run/systemd/system";

    internal static bool HasSystemd => Directory.Exists(SystemdMark);

    /// <summary>For each call of systemctl, milliseconds.</summary>
    private const int SystemctlMs = 60_000;

    /// <summary>Writes the plugin, copies this program, writes the unit; nothing is started.</summary>
    /// <exception cref="AgentException">A file could not be written, or this is not the published program.</exception>
    internal void Install(AgentSettings settings)
    {
        byte[] plugin = PluginFile.Read();
        Attempt(() =>
        {
            // Before anything of ours is there: what `twill uninstall` has to come back to. Of the first installation, not of an upgrade.
            if (paths.IsMachine && !File.Exists(paths.Before)) Write(paths.Before, string.Join('\n', HostDump.Read()) + "\n", UnixFileMode.UserRead | UnixFileMode.UserWrite);
            WritePlugin(plugin);
            Tell(paths.Program, AtomicFile.Write(paths.Program, File.ReadAllBytes(Environment.ProcessPath!), Executable));
            Write(paths.Protocols, $"# Written by `twill install`: the name of twill's routes in `ip route`.\n{ClusterPlan.TwillRouteProtocol.Value}\ttwill\n", Readable);
            Write(paths.Unit, SystemdUnit.Text(InstallPaths.InstalledProgram, settings.ToArguments(), settings.CniDirectory), Readable);
        });
    }

    /// <summary>The plugin alone: where something else keeps the agent running.</summary>
    /// <exception cref="AgentException">The file could not be written, or this is not the published program.</exception>
    internal void InstallPlugin()
    {
        byte[] plugin = PluginFile.Read();
        Attempt(() => WritePlugin(plugin));
    }

    /// <summary>Starts the agent by systemd, or says how to.</summary>
    /// <returns>Whether it was started.</returns>
    internal bool Start(AgentSettings settings)
    {
        if (!paths.IsMachine || !HasSystemd)
        {
            say($"there is no systemd here; start it by: {string.Join(' ', [InstallPaths.InstalledProgram, "agent", .. settings.ToArguments()])}");
            return false;
        }

        Systemctl("daemon-reload");
        Systemctl("enable", SystemdUnit.Name);
        Systemctl("restart", SystemdUnit.Name);
        say($"{SystemdUnit.Name}: started, and enabled for the next boot");
        return true;
    }

    /// <summary>Stops the agent, if systemd runs it. The network stays.</summary>
    internal void Stop()
    {
        if (!paths.IsMachine || !HasSystemd || !File.Exists(paths.Unit)) return;
        Systemctl("disable", "--now", SystemdUnit.Name);
        say($"{SystemdUnit.Name}: stopped");
    }

    /// <summary>Removes exactly what <see cref="Install"/> and the agent wrote.</summary>
    internal void RemoveFiles(string cniDirectory, bool dryRun)
    {
        string[] files = [paths.Under(Path.Combine(cniDirectory, NodeConfiguration.FileName)), paths.Unit, paths.Protocols, .. IsOurs(paths.Loopback) ? (string[])[paths.Loopback] : [], paths.Plugin, paths.Program];
        Attempt(() =>
        {
            foreach (string file in files.Where(File.Exists))
            {
                if (!dryRun) File.Delete(file);
                say($"rm {file}");
            }

            if (dryRun) return;
            foreach (string file in files) AtomicFile.RemoveLeftOvers(file);
        });
        if (!dryRun && paths.IsMachine && HasSystemd) Systemctl("daemon-reload");
    }

    /// <summary>What the node was like before; null: nobody noted it.</summary>
    internal IReadOnlyList<string>? ReadBefore() => File.Exists(paths.Before) ? [.. File.ReadAllLines(paths.Before).Where(l => l.Length > 0)] : null;

    internal void ForgetBefore()
    {
        File.Delete(paths.Before);
        string directory = Path.GetDirectoryName(paths.Before)!;
        if (Directory.Exists(directory) && !Directory.EnumerateFileSystemEntries(directory).Any()) Directory.Delete(directory);
    }

    /// <summary>Somebody else's loopback plugin stays, and is as good.</summary>
    private void WritePlugin(byte[] plugin)
    {
        bool own = !File.Exists(paths.Loopback) || IsOurs(paths.Loopback);
        Tell(paths.Plugin, AtomicFile.Write(paths.Plugin, plugin, Executable));
        if (own) Tell(paths.Loopback, AtomicFile.Write(paths.Loopback, plugin, Executable));
    }

    /// <summary>Whether a file has the content of the plugin that is installed, of this version or an earlier one.</summary>
    private bool IsOurs(string path) => File.Exists(path) && File.Exists(paths.Plugin) && new FileInfo(path).Length == new FileInfo(paths.Plugin).Length && File.ReadAllBytes(path).AsSpan().SequenceEqual(File.ReadAllBytes(paths.Plugin));

    private void Write(string path, string content, UnixFileMode mode) => Tell(path, AtomicFile.Write(path, content, mode));

    private void Tell(string path, bool written) => say(written ? $"{path}: written" : $"{path}: as it should be");

    private static void Attempt(Action files)
    {
        try
        {
            files();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AgentException($"{e.Message} What was done until here stays: mend it and run the command again.");
        }
    }

    private static void Systemctl(params string[] words)
    {
        string program = File.Exists("/usr/bin/systemctl") ? "/usr/bin/systemctl" : "/bin/systemctl";
        ChildProcess.Outcome outcome = ChildProcess.Run(program, words, ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"], [], SystemctlMs);
        if (outcome.ExitCode != 0) throw new AgentException($"`systemctl {string.Join(' ', words)}` failed with {outcome.ExitCode}: {Encoding.UTF8.GetString(outcome.Error).Trim()}; journalctl -u {SystemdUnit.Name} may know more");
    }
}
