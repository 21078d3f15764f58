using System.Collections;
using Twill.Cni;
using Twill.Linux.Sys;

namespace Twill.Plugin;

/// <summary>Another plugin that gives out addresses, executed as the specification says (section 4, delegation).</summary>
/// <remarks>Same environment, the complete configuration on stdin, its stderr is ours. Its failure is ours, in its words.</remarks>
internal sealed class IpamDelegate(CniInvocation invocation, NetworkConfig config)
{
    /// <summary>A plugin that does not end within this time is killed.</summary>
    private const int TimeoutMs = 120_000;

    private string Type => config.Ipam.Type ?? "";

    internal CniResult Add()
    {
        string path = Find();
        try
        {
            byte[] output = Execute("ADD", path);
            CniResult result = CniResult.Parse(output, config.CniVersion, $"result of IPAM plugin {Type}");
            if (result.Ips.Count > 0) return result;
            throw new CniException(CniErrorCode.DelegateFailed, $"IPAM plugin {Type} gave no address; an attachment without addresses has no \"ipam\" section at all");
        }
        catch
        {
            // It may have reserved something before it failed, or before it said what we cannot read (specification, section 4).
            TryDel();
            throw;
        }
    }

    internal void Del() => Execute("DEL");

    internal void TryDel()
    {
        try
        {
            Del();
        }
        catch (CniException e)
        {
            StandardStreams.Write(2, System.Text.Encoding.UTF8.GetBytes($"twill: {e.Message}\n"));
        }
    }

    internal void Check() => Execute("CHECK");

    internal void Gc() => Execute("GC");

    internal void Status() => Execute("STATUS");

    /// <exception cref="CniException">Not found on CNI_PATH (4 family), or its own error.</exception>
    private byte[] Execute(string verb) => Execute(verb, Find());

    private byte[] Execute(string verb, string path)
    {
        var environment = new List<string>();
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            if ((string)entry.Key != "CNI_COMMAND") environment.Add($"{entry.Key}={entry.Value}");
        }

        environment.Add($"CNI_COMMAND={verb}");
        ChildProcess.Outcome outcome;
        try
        {
            outcome = ChildProcess.Run(path, [], environment, config.Raw.Span, TimeoutMs, inheritError: true);
        }
        catch (LinuxException e)
        {
            throw new CniException(CniErrorCode.DelegateFailed, $"IPAM plugin {Type} ({path}) could not be started: {e.Errno.Name} {e.Errno.Text}");
        }

        if (outcome.TimedOut) throw new CniException(CniErrorCode.TryAgainLater, $"IPAM plugin {Type} ({path}) did not end within {TimeoutMs / 1000} s of {verb} and was killed");
        if (outcome.ExitCode == 0) return outcome.Output;
        if (CniError.TryParse(outcome.Output, out CniError? error)) throw error.ToException();
        throw new CniException(CniErrorCode.DelegateFailed, $"IPAM plugin {Type} ({path}) ended with {outcome.ExitCode} at {verb} and gave no error object", outcome.OutputText);
    }

    private string Find()
    {
        if (Type.Length == 0 || Type.Contains('/', StringComparison.Ordinal) || Type is "." or "..") throw new CniException(CniErrorCode.InvalidConfig, $"ipam.type {CniException.Quote(Type)} is not the name of a plugin");
        foreach (string directory in invocation.Path.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            string path = Path.Combine(directory, Type);
            if (File.Exists(path)) return path;
        }

        throw new CniException(CniErrorCode.InvalidEnvironment, $"IPAM plugin {CniException.Quote(Type)} is in none of the directories of CNI_PATH ({(invocation.Path.Length == 0 ? "empty" : invocation.Path)})");
    }
}
