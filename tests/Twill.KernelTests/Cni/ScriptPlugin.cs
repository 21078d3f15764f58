using Twill.KernelTests.Harness;

namespace Twill.KernelTests.Cni;

/// <summary>A plugin that is a shell script: it notes each call with its environment and stdin, and does what the test says.</summary>
internal sealed class ScriptPlugin : IDisposable
{
    internal const string Success = """echo '{"cniVersion":"1.1.0","ips":[{"address":"10.88.0.77/24","gateway":"10.88.0.1"}],"routes":[{"dst":"198.51.100.0/24"}],"dns":{"nameservers":["10.88.0.53"]}}'""";

    private static int s_count;

    /// <param name="name">The plugin's type; a file of this name in <see cref="Directory"/>.</param>
    internal ScriptPlugin(string name = "script")
    {
        Directory = Path.Combine(Artifacts.Scratch, $"script-{Interlocked.Increment(ref s_count)}");
        System.IO.Directory.CreateDirectory(Directory);
        string file = Path.Combine(Directory, name);
        File.WriteAllText(file, """
            #!/bin/sh
            here=$(dirname "$0")
            echo "$CNI_COMMAND" >> "$here/calls"
            env | sort > "$here/env.$CNI_COMMAND"
            cat > "$here/stdin.$CNI_COMMAND"
            . "$here/on.$CNI_COMMAND"
            """);
        Command.Run(Command.Find("chmod"), "0755", file).Succeeded();
        foreach (string verb in (string[])["DEL", "CHECK", "GC", "STATUS"]) On(verb, "exit 0");
        On("ADD", Success);
    }

    /// <summary>For CNI_PATH.</summary>
    internal string Directory { get; }

    /// <summary>The verbs it was called with, in order.</summary>
    internal IReadOnlyList<string> Calls => File.Exists(Path.Combine(Directory, "calls")) ? File.ReadAllLines(Path.Combine(Directory, "calls")) : [];

    internal void On(string verb, string script) => File.WriteAllText(Path.Combine(Directory, $"on.{verb}"), script + "\n");

    internal string EnvironmentOf(string verb) => File.ReadAllText(Path.Combine(Directory, $"env.{verb}"));

    internal string InputOf(string verb) => File.ReadAllText(Path.Combine(Directory, $"stdin.{verb}"));

    internal void Forget() => File.Delete(Path.Combine(Directory, "calls"));

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);
}
