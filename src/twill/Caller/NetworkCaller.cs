using System.Collections;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Twill.Cni;
using Twill.Linux.Sys;

namespace Twill.Caller;

/// <summary>Runs a network's plugins as a container runtime does: in order, each with the result of the one before, backwards on DEL.</summary>
/// <remarks>
/// Plugins run in the calling thread's network namespace. Not for use by two threads at once.
/// Source: CNI SPEC.md 1.1.0, section 3; libcni api.go: AddNetworkList, DelNetworkList, CheckNetworkList, GCNetworkList, GetStatusNetworkList.
/// </remarks>
internal sealed partial class NetworkCaller(NetworkConfigList list, PluginFinder finder, ResultCache? cache)
{
    /// <summary>A plugin that does not end within this time is killed.</summary>
    internal int TimeoutMs { get; init; } = 120_000;

    internal NetworkConfigList Network { get; } = list;

    /// <summary>Every call so far, in order.</summary>
    internal List<PluginAnswer> Calls { get; } = [];

    /// <summary>What plugins said on stderr although they succeeded.</summary>
    internal List<string> Remarks { get; } = [];

    /// <summary>ADD of all plugins, in order.</summary>
    /// <returns>The last plugin's result.</returns>
    /// <exception cref="CallerException">The first failure; what had been made before it is undone.</exception>
    internal CniResult Add(AttachmentRequest request)
    {
        request.Validate();
        if (cache?.Get(Network.Name, request) is { } cached)
        {
            throw new CallerException(CallerFault.Input, $"{request} is attached to network {Network.Name} already, in {(cached.NetNs.Length > 0 ? cached.NetNs : "an unknown namespace")} "
                + $"({cache.PathOf(Network.Name, request)}): `twill cni del` first, or choose another --ifname or --container-id");
        }

        CniResult? previous = null;
        byte[] output = [];
        for (int i = 0; i < Network.Plugins.Count; i++)
        {
            try
            {
                output = Call(CniVerb.Add, i, request, new PluginInput { PrevResult = previous, CapabilityArgs = request.CapabilityArgs });
                previous = Parse(output, i);
            }
            catch (CallerException e)
            {
                throw new CallerException(e.Fault, $"cannot attach {request} to network {Network.Name}: {e.Message}{Undo(request, i, previous)}") { Answer = e.Answer };
            }
        }

        CniResult result = previous ?? new CniResult();
        cache?.Put(Network, request, output);
        return result;
    }

    /// <summary>DEL of all plugins, backwards, with what ADD returned; the first failure ends it and keeps the cached result.</summary>
    /// <returns>Whether a cached result was there.</returns>
    internal bool Del(AttachmentRequest request)
    {
        request.Validate();
        CachedAttachment? cached = Cached(request);
        AttachmentRequest asked = cached is null ? request : Complete(request, cached);
        var input = new PluginInput { PrevResult = cached is null ? null : ResultOf(cached), CapabilityArgs = asked.CapabilityArgs };
        for (int i = Network.Plugins.Count - 1; i >= 0; i--)
        {
            try
            {
                Call(CniVerb.Del, i, asked, input);
            }
            catch (CallerException e)
            {
                throw new CallerException(e.Fault, $"cannot detach {request} from network {Network.Name}: {e.Message}. DEL may be repeated as often as you like: {(i == 0 ? "the others were done" : $"{i} plugins before it wait for it")}") { Answer = e.Answer };
            }
        }

        cache?.Remove(Network.Name, request);
        return cached is not null;
    }

    /// <summary>CHECK of all plugins, in order.</summary>
    /// <returns>False: this list's version has no CHECK, or disables it; nothing was asked.</returns>
    internal bool Check(AttachmentRequest request)
    {
        request.Validate();
        if (!Network.Allows(CniVerb.Check)) return false;
        CachedAttachment cached = cache?.Get(Network.Name, request) ?? throw new CallerException(CallerFault.Missing,
            $"{request} is not attached to network {Network.Name}, as far as {(cache is null ? "anybody knows without a cache" : cache.PathOf(Network.Name, request))} says: CHECK compares with the result of the ADD, `twill cni add` makes one");
        AttachmentRequest asked = Complete(request, cached);
        var input = new PluginInput { PrevResult = ResultOf(cached), CapabilityArgs = asked.CapabilityArgs };
        for (int i = 0; i < Network.Plugins.Count; i++)
        {
            try
            {
                Call(CniVerb.Check, i, asked, input);
            }
            catch (CallerException e)
            {
                throw new CallerException(e.Fault, $"{request} is not as network {Network.Name} made it: {e.Message}. `twill cni del` and `twill cni add` make it anew") { Answer = e.Answer };
            }
        }

        return true;
    }

    /// <summary>STATUS of all plugins, in order; with a list older than 1.1.0 only whether they are installed.</summary>
    /// <returns>False: this list's version has no STATUS; nothing was asked.</returns>
    internal bool Status()
    {
        for (int i = 0; i < Network.Plugins.Count; i++)
        {
            try
            {
                if (Network.Allows(CniVerb.Status)) Call(CniVerb.Status, i, null, new PluginInput());
                else finder.Find(Network.Plugins[i].Type, i + 1, Network.Plugins.Count);
            }
            catch (CallerException e)
            {
                throw new CallerException(e.Fault, $"network {Network.Name} cannot take pods now: {e.Message}") { Answer = e.Answer };
            }
        }

        return Network.Allows(CniVerb.Status);
    }

    /// <summary>After the ADD of plugin <paramref name="failed"/> (from 0) the ones before it get DEL; it has undone itself.</summary>
    /// <remarks>Where the first failed nothing is undone: it may be a second ADD, and a DEL would take the first one's interface.</remarks>
    private string Undo(AttachmentRequest request, int failed, CniResult? previous)
    {
        if (failed == 0) return "";
        var problems = new List<string>();
        for (int i = failed; i >= 0; i--)
        {
            try
            {
                Call(CniVerb.Del, i, request, new PluginInput { PrevResult = previous, CapabilityArgs = request.CapabilityArgs });
            }
            catch (CallerException e)
            {
                // The one that failed on ADD may be missing altogether.
                if (i < failed) problems.Add(e.Message);
            }
        }

        return problems.Count == 0 ? ". What the plugins before it had made was undone" : $". And it could not be undone: {string.Join("; ", problems)}";
    }

    /// <summary>One plugin, one verb.</summary>
    /// <returns>Its stdout.</returns>
    private byte[] Call(CniVerb verb, int index, AttachmentRequest? request, PluginInput input)
    {
        PluginConfig plugin = Network.Plugins[index];
        int position = index + 1, count = Network.Plugins.Count;
        string path = finder.Find(plugin.Type, position, count), what = $"plugin {plugin.Type} ({path}), {position} of {count}";
        byte[] stdin;
        try
        {
            stdin = Network.BuildStdin(plugin, verb, input);
        }
        catch (CniException e)
        {
            throw new CallerException(CallerFault.Input, $"{what} cannot be given its configuration: {e.Message}");
        }

        long start = Stopwatch.GetTimestamp();
        ChildProcess.Outcome outcome;
        try
        {
            outcome = ChildProcess.Run(path, [], Variables(verb, request), stdin, TimeoutMs);
        }
        catch (LinuxException e)
        {
            throw new CallerException(CallerFault.Plugin, $"{what} could not be started: {e.Errno.Name} {e.Errno.Text}");
        }

        PluginAnswer answer = Answer(verb, plugin.Type, path, position, Stopwatch.GetElapsedTime(start), outcome);
        Calls.Add(answer);
        if (outcome.TimedOut) throw new CallerException(CallerFault.TimeOut, $"{what} did not end within {TimeoutMs / 1000} s of {answer.Verb} and was killed") { Answer = answer };
        if (answer.Ok)
        {
            if (outcome.Error.Length > 0) Remarks.Add($"{plugin.Type}: {outcome.ErrorText.Trim()}");
            return outcome.Output;
        }

        throw new CallerException(CallerFault.Plugin, answer.Code >= 0
            ? $"{what} answered {answer.Verb} with code {answer.Code}: {answer.Message}{Advice(answer.Code)}"
            : $"{what} ended with {answer.ExitCode.ToString(CultureInfo.InvariantCulture)} at {answer.Verb} without an error object{(answer.Message.Length > 0 ? $": {answer.Message}" : "")}")
        { Answer = answer };
    }

    private static PluginAnswer Answer(CniVerb verb, string type, string path, int position, TimeSpan time, ChildProcess.Outcome outcome)
    {
        if (outcome.ExitCode == 0) return new PluginAnswer(verb.ToText(), type, path, position, time, 0, 0, "");
        // libcni looks at stdout, and at stderr only where that is empty.
        byte[] said = outcome.Output.Length > 0 ? outcome.Output : outcome.Error;
        if (!CniError.TryParse(said, out CniError? error)) return new PluginAnswer(verb.ToText(), type, path, position, time, outcome.ExitCode, -1, Encoding.UTF8.GetString(said).Trim());
        return new PluginAnswer(verb.ToText(), type, path, position, time, outcome.ExitCode, error.Code, error.Details.Length > 0 ? $"{error.Msg} ({error.Details})" : error.Msg);
    }

    private string Advice(int code) => code switch
    {
        CniErrorCode.IncompatibleVersion => $"; the list is run as {Network.CniVersion}: write a \"cniVersion\" that all its plugins speak",
        CniErrorCode.TryAgainLater => "; try again later",
        _ => "",
    };

    private List<string> Variables(CniVerb verb, AttachmentRequest? request)
    {
        var list = new List<string>();
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            if (!((string)entry.Key).StartsWith("CNI_", StringComparison.Ordinal)) list.Add($"{entry.Key}={entry.Value}");
        }

        list.Add($"CNI_COMMAND={verb.ToText()}");
        list.Add($"CNI_PATH={finder.SearchPath}");
        if (request is null) return list;
        list.Add($"CNI_CONTAINERID={request.ContainerId}");
        list.Add($"CNI_NETNS={request.NetNs}");
        list.Add($"CNI_IFNAME={request.IfName}");
        list.Add($"CNI_ARGS={request.Args}");
        return list;
    }

    private CniResult Parse(byte[] output, int index)
    {
        try
        {
            return CniResult.Parse(output, Network.CniVersion, $"the result of plugin {Network.Plugins[index].Type}");
        }
        catch (CniException e)
        {
            throw new CallerException(CallerFault.Plugin, $"plugin {Network.Plugins[index].Type}, {index + 1} of {Network.Plugins.Count}, printed no result: {e.Message}");
        }
    }

    private CachedAttachment? Cached(AttachmentRequest request)
    {
        try
        {
            return cache?.Get(Network.Name, request);
        }
        catch (CallerException e)
        {
            // DEL must free with or without it, as libcni does.
            Remarks.Add(e.Message);
            return null;
        }
    }

    private CniResult ResultOf(CachedAttachment cached)
    {
        try
        {
            return CniResult.Parse(cached.Result.Span, Network.CniVersion, "the cached result");
        }
        catch (CniException e)
        {
            throw new CallerException(CallerFault.Input, $"the cached result of {cached.IfName} of container {cached.ContainerId} is damaged: {e.Message}");
        }
    }

    /// <summary>What the caller did not say again is as it was at ADD.</summary>
    private static AttachmentRequest Complete(AttachmentRequest request, CachedAttachment cached) => request with
    {
        NetNs = request.NetNs.Length > 0 ? request.NetNs : cached.NetNs,
        Args = request.Args.Length > 0 ? request.Args : cached.Args,
        CapabilityArgs = request.CapabilityArgs.IsEmpty ? cached.CapabilityArgs : request.CapabilityArgs,
    };
}
