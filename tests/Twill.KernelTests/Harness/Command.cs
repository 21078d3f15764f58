using Twill.Linux.Netns;
using Twill.Linux.Sys;

namespace Twill.KernelTests.Harness;

/// <summary>A program run to its end by a test, in the caller's namespace or another.</summary>
public static class Command
{
    public const int TimeoutMs = 30_000;

    private static readonly string[] s_environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"];

    /// <summary>Absolute path of a program in PATH.</summary>
    public static string Find(string program)
    {
        foreach (string directory in "/usr/sbin:/usr/bin:/sbin:/bin".Split(':'))
        {
            string path = Path.Combine(directory, program);
            if (File.Exists(path)) return path;
        }

        throw new InvalidOperationException($"this test needs {program}: build/deps.sh test");
    }

    public static ChildProcess.Outcome Run(string path, params string[] arguments) => ChildProcess.Run(path, arguments, s_environment, [], TimeoutMs);

    public static ChildProcess.Outcome RunIn(NetworkNamespace network, string path, IReadOnlyList<string> arguments, string input = "")
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(input);
        return network.Run(() => ChildProcess.Run(path, arguments, s_environment, bytes, TimeoutMs));
    }

    /// <summary>The outcome's stdout; a failure becomes the test's.</summary>
    public static string Succeeded(this ChildProcess.Outcome outcome)
        => outcome.ExitCode == 0 && !outcome.TimedOut ? outcome.OutputText : throw new InvalidOperationException($"exit {outcome.ExitCode}{(outcome.TimedOut ? ", timed out" : "")}: {outcome.ErrorText}{outcome.OutputText}");
}
