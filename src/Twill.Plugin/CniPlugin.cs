using System.Diagnostics;
using Twill.Cni;
using Twill.Linux.Sys;

namespace Twill.Plugin;

/// <summary>One run as a CNI plugin: environment and stdin in, one result or error object out, and the process ends.</summary>
/// <remarks>
/// No daemon, no API server, no file and, with our own address management, no other program (DESIGN I2). When the runtime has its answer, the
/// agent is told how the run ended (<see cref="RunNote"/>), for its metrics; whether it hears it is nobody's matter.
/// </remarks>
internal static class CniPlugin
{
    /// <summary>Most bytes of configuration. GC with 100,000 attachments needs 12 MB.</summary>
    private const int MaxInputBytes = 16 * 1024 * 1024;

    /// <summary>How long the runtime may be silent in the middle of its configuration.</summary>
    private const int MaxSilenceMs = 2000;

    private const int StandardOutput = 1, StandardError = 2;

    /// <returns>The exit code: 0 exactly on success.</returns>
    internal static int Run()
    {
        long start = Stopwatch.GetTimestamp();
        ReadOnlyMemory<byte> input = default;
        CniInvocation? invocation = null;
        try
        {
            invocation = CniInvocation.Read(Environment.GetEnvironmentVariable);
            if (invocation is null) return About();
            Errno readError = StandardStreams.ReadInput(MaxInputBytes, MaxSilenceMs, out input);
            if (readError != Errno.None && invocation.Verb is not (CniVerb.Del or CniVerb.Version)) throw InputFailure(readError);

            byte[] output = Dispatch(invocation, input);
            bool told = StandardStreams.Write(StandardOutput, output);
            RunNote.Send(invocation.Verb, told ? 0 : CniErrorCode.IOFailure, start);
            if (told) return 0;
            if (invocation.Verb is CniVerb.Add) PluginDel.Undo(invocation);
            return 1;
        }
        catch (Exception e)
        {
            CniException error = ErrorMapping.ToCni(e);
            StandardStreams.Write(StandardOutput, CniError.Write(error, NetworkConfig.PeekVersion(input.Span)));
            RunNote.Send(invocation?.Verb, error.Code, start);
            return 1;
        }
    }

    private static byte[] Dispatch(CniInvocation invocation, ReadOnlyMemory<byte> input)
    {
        if (invocation.Verb is CniVerb.Version) return CniVersionInfo.Write(input.Span);
        NetworkConfig config;
        try
        {
            config = NetworkConfig.Read(input.Span, invocation.Verb);
        }
        catch (CniException) when (invocation.Verb is CniVerb.Del)
        {
            // Freeing needs no configuration: the kernel knows what belongs to this container.
            PluginDel.Undo(invocation);
            PluginDel.Undo(invocation, asIpam: true);
            throw;
        }

        Note(config.Problem ?? config.PrevResultProblem ?? invocation.ArgsProblem);
        if (config.Type == LoopbackPlugin.Type) return Loopback(invocation, config);
        bool asIpam = IpamPlugin.IsMeant(config);
        switch (invocation.Verb)
        {
            case CniVerb.Add: return asIpam ? IpamPlugin.Add(invocation, config) : PluginAdd.Run(invocation, config);
            case CniVerb.Del: PluginDel.Run(invocation, config, asIpam); break;
            case CniVerb.Check: PluginCheck.Run(invocation, config, asIpam); break;
            case CniVerb.Gc: PluginGc.Run(invocation, config); break;
            default: PluginStatus.Run(invocation, config); break;
        }

        return [];
    }

    private static byte[] Loopback(CniInvocation invocation, NetworkConfig config)
    {
        switch (invocation.Verb)
        {
            case CniVerb.Add: return LoopbackPlugin.Add(invocation, config);
            case CniVerb.Del: LoopbackPlugin.Del(invocation); break;
            case CniVerb.Check: LoopbackPlugin.Check(invocation); break;
            default: break; // STATUS: always ready; GC: there is nothing to collect
        }

        return [];
    }

    /// <summary>What DEL and GC pass over, as freeing must not depend on it, is said on stderr, where the runtime's log has it.</summary>
    private static void Note(CniException? problem)
    {
        if (problem is not null) StandardStreams.Write(StandardError, System.Text.Encoding.UTF8.GetBytes($"twill: passed over: {problem.Message}\n"));
    }

    private static CniException InputFailure(Errno errno) => errno switch
    {
        Errno.EFBIG => new CniException(CniErrorCode.IOFailure, $"the configuration on stdin is larger than {MaxInputBytes / (1024 * 1024)} MiB"),
        Errno.ETIMEDOUT => new CniException(CniErrorCode.IOFailure, $"stdin stayed silent for {MaxSilenceMs / 1000} s and was not closed: the configuration never came to its end"),
        _ => new CniException(CniErrorCode.IOFailure, $"cannot read the configuration on stdin: {errno.Name} {errno.Text}"),
    };

    private static int About()
    {
        StandardStreams.Write(StandardError, System.Text.Encoding.UTF8.GetBytes(AboutText.Text));
        return 0;
    }
}
