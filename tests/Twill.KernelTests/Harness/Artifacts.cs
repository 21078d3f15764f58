using System.Security.Cryptography;

namespace Twill.KernelTests.Harness;

/// <summary>Programs that the tests drive: the published plugin, the reference plugins, small tools of our own compiled on first use.</summary>
public static class Artifacts
{
    private static readonly Lock s_lock = new();

    /// <summary>The repository: the nearest directory above the test assembly that holds twill.slnx.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The published executable: artifacts/twill, or what TWILL_BIN names.</summary>
    public static string Twill { get; } = Environment.GetEnvironmentVariable("TWILL_BIN") is { Length: > 0 } path ? Path.GetFullPath(path) : Path.Combine(Root, "artifacts", "twill");

    /// <summary>The plugin as it is installed: artifacts/twill-plugin, or what TWILL_PLUGIN_BIN names.</summary>
    public static string Plugin { get; } = Environment.GetEnvironmentVariable("TWILL_PLUGIN_BIN") is { Length: > 0 } path ? Path.GetFullPath(path) : Path.Combine(Root, "artifacts", "twill-plugin");

    /// <summary>Where Debian puts the reference plugins.</summary>
    public const string ReferenceDirectory = "/usr/lib/cni";

    /// <summary>A directory for one run's files (reports, fifos), removed when the test process ends.</summary>
    public static string Scratch { get; } = MakeScratch();

    public static string Reference(string plugin) => Path.Combine(ReferenceDirectory, plugin);

    /// <summary>A tool from tests/tools, compiled with cc; the same source is compiled once, whoever asks.</summary>
    public static string Tool(string name)
    {
        string source = Path.Combine(Root, "tests", "tools", $"{name}.c");
        string hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(source)))[..16];
        string directory = Path.Combine(Root, "artifacts", "testtools"), binary = Path.Combine(directory, $"{name}-{hash}");
        lock (s_lock)
        {
            if (File.Exists(binary)) return binary;
            Directory.CreateDirectory(directory);
            string fresh = $"{binary}.{Environment.ProcessId}";
            Command.Run(Command.Find("cc"), "-O2", "-Wall", "-Wextra", "-Werror", "-o", fresh, source).Succeeded();
            File.Move(fresh, binary, overwrite: true);
            return binary;
        }
    }

    /// <summary>Keeps a text of a run beside the executable, for pages that are made of it: artifacts/proof/NAME.</summary>
    public static void Keep(string name, string text)
    {
        string directory = Path.Combine(Root, "artifacts", "proof");
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, name), text);
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            if (File.Exists(Path.Combine(d.FullName, "twill.slnx"))) return d.FullName;
        }

        throw new InvalidOperationException($"twill.slnx is in no directory above {AppContext.BaseDirectory}");
    }

    private static string MakeScratch()
    {
        const string Prefix = "twill-proof-";
        foreach (string left in Directory.GetDirectories(Path.GetTempPath(), $"{Prefix}*"))
        {
            // Of a test process that was killed.
            if (!Directory.Exists($"/proc/{Path.GetFileName(left)[Prefix.Length..]}")) Directory.Delete(left, recursive: true);
        }

        string path = Path.Combine(Path.GetTempPath(), $"{Prefix}{Environment.ProcessId}");
        Directory.CreateDirectory(path);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(path, recursive: true);
        return path;
    }
}
