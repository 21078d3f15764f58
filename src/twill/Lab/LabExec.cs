using System.Collections;
using Twill.Cli;
using Twill.Lab.Agents;
using Twill.Linux.Netns;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Lab;

/// <summary>Becomes a command inside a namespace of the lab: no process of ours stays behind, signals and exit code are the command's own.</summary>
internal static class LabExec
{
    /// <summary>What stands for --socket.</summary>
    private const string SocketVariable = "TWILL_SOCKET";

    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <returns>Only when it fails.</returns>
    internal static int Run(string name, string[] command, string verb = "exec")
    {
        LabActions.RequireRoot(verb);
        Acquaint(name);
        string path = Find(command[0]);
        using NetworkNamespace network = Open(name);
        var environment = new List<string>();
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables()) environment.Add($"{entry.Key}={entry.Value}");
        network.EnterForGood();
        Errno errno = ChildProcess.Replace(path, command[1..], environment);

        // This thread is in the pod's namespace for good: nothing but the end may follow.
        Terminal.Say($"twill: cannot run {path} in {name}: {errno.Name} {errno.Text}");
        return errno == Errno.EACCES ? ExitCode.NotAllowed : ExitCode.Problem;
    }

    /// <summary>The caller's own shell inside, with a prompt that says where it is.</summary>
    /// <returns>Only when it fails.</returns>
    internal static int Shell(string name)
    {
        string shell = Environment.GetEnvironmentVariable("SHELL") is ['/', ..] own && File.Exists(own) ? own : "/bin/sh";
        Environment.SetEnvironmentVariable("PS1", $"({name}) # ");
        Environment.SetEnvironmentVariable("TWILL_LAB", name);

        // Start files would give it the prompt that it has outside.
        string[] quiet = Path.GetFileName(shell) switch { "bash" => ["--noprofile", "--norc"], "zsh" => ["-f"], _ => [] };
        return Run(name, [shell, .. quiet], "shell");
    }

    /// <summary>Inside, `twill` is this very program, and on a node with an agent it asks that one.</summary>
    private static void Acquaint(string name)
    {
        string path = Environment.GetEnvironmentVariable("PATH") is { Length: > 0 } own ? own : DefaultPath;
        if (Path.GetFileName(Environment.ProcessPath) == "twill") Environment.SetEnvironmentVariable("PATH", $"{Path.GetDirectoryName(Environment.ProcessPath)}:{path}");
        if (Environment.GetEnvironmentVariable(SocketVariable) is null && File.Exists(LabAgents.SocketOf(name))) Environment.SetEnvironmentVariable(SocketVariable, LabAgents.SocketOf(name));
    }

    private static NetworkNamespace Open(string name)
    {
        NetworkNamespace? network = name.Contains('/', StringComparison.Ordinal) ? null : NetworkNamespace.TryOpen(NetworkNamespace.NamedPath(name), out _);
        if (network is not null)
        {
            using RouteSocket socket = RouteSocket.Open(network);
            if (socket.TryGetLink(IfIndex.Loopback, out Link? lo) && LabMark.Parse(name, lo.Alias) is not null) return network;
            network.Dispose();
        }

        IReadOnlyList<LabMark> marks = LabInventory.Read().Marks;
        if (marks.Count == 0) throw new LabException(ExitCode.NotFound, "there is no lab on this machine: `twill lab up` makes one");
        string[] some = [.. marks.OrderByDescending(m => m.Kind).Take(12).Select(m => m.Name)];
        throw new LabException(ExitCode.NotFound, $"the lab has no {name}; it has {string.Join(", ", some)}{(marks.Count > some.Length ? $" and {marks.Count - some.Length} more" : "")}");
    }

    /// <summary>As execvp(3) searches.</summary>
    private static string Find(string command)
    {
        if (command.Contains('/', StringComparison.Ordinal)) return command;
        foreach (string directory in (Environment.GetEnvironmentVariable("PATH") is { Length: > 0 } path ? path : DefaultPath).Split(':'))
        {
            string candidate = Path.Combine(directory.Length == 0 ? "." : directory, command);
            if (File.Exists(candidate)) return candidate;
        }

        throw new LabException(ExitCode.NotFound, $"cannot run {command}: no directory of PATH has it; the lab's namespaces share this machine's files, so install it here or name it by its path");
    }
}
