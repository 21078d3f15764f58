namespace Twill.Linux.Sys;

/// <summary>A program that outlives whoever started it, and writes to a file.</summary>
public static unsafe partial class ChildProcess
{
    /// <summary>Starts a program in a session of its own, in the calling thread's network namespace. Its stdin is /dev/null, its stdout and stderr are appended to a file.</summary>
    /// <param name="path">An absolute path; no search.</param>
    /// <param name="arguments">argv without argv[0].</param>
    /// <param name="environment">NAME=value strings, its whole environment.</param>
    /// <param name="logPath">Made where it is not there, readable by its owner only.</param>
    /// <returns>Its process id.</returns>
    /// <exception cref="LinuxException">ENOENT, EACCES, ENOEXEC: it could not be started.</exception>
    public static int StartDaemon(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, string logPath)
    {
        using var log = File.OpenHandle(logPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        return SpawnService(path, arguments, environment, (int)log.DangerousGetHandle(), (int)log.DangerousGetHandle());
    }
}
