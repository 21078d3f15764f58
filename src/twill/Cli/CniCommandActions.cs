using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Twill.Caller;
using Twill.Cni;
using Twill.Linux.Netns;
using Twill.Linux.Sys;

namespace Twill.Cli;

/// <summary>What `twill cni` does: call, then print.</summary>
internal static class CniCommandActions
{
    internal static int Add(CniCommandInput input, bool json) => Guard("add", () =>
    {
        NetworkCaller caller = Caller(input);
        AttachmentRequest request = Request(input);
        using NetworkNamespace? network = NetworkNamespace.TryOpen(request.NetNs, out Errno errno);
        if (network is null) throw new CallerException(CallerFault.Missing, $"{Namespace(input)} is no network namespace ({errno.Name}): `ip netns add NAME` makes one{Known()}");
        long start = Stopwatch.GetTimestamp();
        CniResult result = caller.Add(request);
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        Remark(caller);
        if (json)
        {
            Terminal.Answer(Encoding.UTF8.GetString(result.Write(caller.Network.CniVersion)));
            return ExitCode.Ok;
        }

        Terminal.Answer(CniCommandText.Attached(caller, request, result, time));
        Terminal.Say($"next: twill cni check {input.Conf} {input.NetNs} {Terminal.Style.Dot} twill cni del {input.Conf} {input.NetNs}{(input.NetNs.Contains('/', StringComparison.Ordinal) ? "" : $" {Terminal.Style.Dot} ip netns exec {input.NetNs} ip addr")}");
        return ExitCode.Ok;
    });

    internal static int Del(CniCommandInput input) => Guard("del", () =>
    {
        NetworkCaller caller = Caller(input);
        AttachmentRequest request = Request(input);
        bool cached = caller.Del(request);
        Remark(caller);
        Terminal.Answer($"{request} is detached from network {caller.Network.Name}: {CniCommandText.Times(caller)}\n");
        if (!cached && input.CacheDirectory is not null) Terminal.Say("no result of an ADD was cached: it may never have been attached, or somebody else did it; DEL was sent nevertheless");
        return ExitCode.Ok;
    });

    internal static int Check(CniCommandInput input) => Guard("check", () =>
    {
        NetworkCaller caller = Caller(input);
        AttachmentRequest request = Request(input);
        bool asked = caller.Check(request);
        Remark(caller);
        Terminal.Answer(asked
            ? $"{request} is as network {caller.Network.Name} made it: {CniCommandText.Times(caller)}\n"
            : $"nothing was asked: network {caller.Network.Name} {(caller.Network.DisableCheck ? "has \"disableCheck\"" : $"is run as CNI {caller.Network.CniVersion}, which has no CHECK; it came with 0.4.0")}\n");
        return ExitCode.Ok;
    });

    internal static int Gc(CniCommandInput input, IReadOnlyList<string> named, bool yes) => Guard("gc", () =>
    {
        NetworkCaller caller = Caller(input);
        string network = caller.Network.Name;
        var valid = new List<CniAttachment>();
        var gone = new List<CniAttachment>();
        foreach (string text in named)
        {
            string[] parts = text.Split(':');
            valid.Add(new CniAttachment(parts[0], parts[1]));
        }

        if (input.CacheDirectory is { } directory) Sort(new ResultCache(directory).List(network), gone);
        // Containers that a runtime attached to a network of this name live as well; its stale ones are its own affair.
        Sort(new ResultCache(ResultCache.RuntimesDirectory).List(network), null);
        if (caller.Network.DisableGc)
        {
            Terminal.Answer($"nothing was asked: network {network} has \"disableGC\"\n");
            return ExitCode.Ok;
        }

        if (!yes)
        {
            Terminal.Answer(CniCommandText.GarbagePlan(caller, valid, gone));
            Terminal.Say("nothing was done. Whatever of this network is not in the list of the living would lose its interface, whoever made it: if the list is complete, say --yes");
            return ExitCode.Ok;
        }

        (IReadOnlyList<CniAttachment> deleted, bool collected) = caller.Gc(valid);
        Remark(caller);
        Terminal.Answer(CniCommandText.Collected(caller, valid, deleted, collected));
        return ExitCode.Ok;

        void Sort(IReadOnlyList<CachedAttachment> cached, List<CniAttachment>? dead)
        {
            foreach (CachedAttachment one in cached)
            {
                if (one.IsAlive && !valid.Contains(one.Key)) valid.Add(one.Key);
                else if (!valid.Contains(one.Key)) dead?.Add(one.Key);
            }
        }
    });

    internal static int Status(CniCommandInput input) => Guard("status", () =>
    {
        NetworkCaller caller = Caller(input);
        bool asked = caller.Status();
        Remark(caller);
        Terminal.Answer(asked
            ? $"network {caller.Network.Name} would take a pod now: {CniCommandText.Times(caller)}\n"
            : $"nothing was asked: network {caller.Network.Name} is run as CNI {caller.Network.CniVersion}, and STATUS came with 1.1.0; its {caller.Network.Plugins.Count} plugins are installed\n");
        return ExitCode.Ok;
    });

    private static NetworkCaller Caller(CniCommandInput input) => new(NetworkFile.Load(input.Conf), new PluginFinder(input.CniPath), input.CacheDirectory is { } directory ? new ResultCache(directory) : null);

    private static AttachmentRequest Request(CniCommandInput input)
    {
        string path = input.NetNs.Contains('/', StringComparison.Ordinal) ? Path.GetFullPath(input.NetNs) : NetworkNamespace.NamedPath(input.NetNs);
        return new AttachmentRequest(input.ContainerId ?? IdOf(path), path, input.IfName) { Args = input.Args, CapabilityArgs = Capability(input.Capability) };
    }

    /// <summary>The namespace's name; of /proc/123/ns/net, which all processes share, the number.</summary>
    private static string IdOf(string path) => path.Split('/') is ["", "proc", var pid, "ns", "net"] ? $"pid-{pid}" : Path.GetFileName(path);

    private static byte[] Capability(string text)
    {
        if (text.Length == 0) return [];
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object ? Encoding.UTF8.GetBytes(text) : throw new CallerException(CallerFault.Input, $"--capability {CniException.Quote(text)}: expected a JSON object, e.g. {{\"ips\": [\"10.88.0.7\"]}}");
        }
        catch (JsonException e)
        {
            throw new CallerException(CallerFault.Input, $"--capability {CniException.Quote(text)} is not JSON: {e.Message}");
        }
    }

    private static string Namespace(CniCommandInput input) => input.NetNs.Contains('/', StringComparison.Ordinal) ? input.NetNs : $"{input.NetNs} ({NetworkNamespace.NamedPath(input.NetNs)})";

    private static string Known() => NetworkNamespace.ListNamed() is { Length: > 0 and <= 20 } names ? $"; there are {string.Join(", ", names)}" : "";

    private static void Remark(NetworkCaller caller)
    {
        foreach (string remark in caller.Remarks) Terminal.Say(remark);
    }

    private static int Guard(string verb, Func<int> action)
    {
        try
        {
            if (!StandardStreams.IsRoot) return Complain(ExitCode.NotAllowed, $"`twill cni {verb}` runs plugins that change the network, and only root may: sudo twill cni {verb}");
            return action();
        }
        catch (CallerException e)
        {
            return Complain(CodeOf(e.Fault), e.Message);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return Complain(ExitCode.Problem, $"the cache of results cannot be used: {e.Message} Name another with --cache-dir, or do without: --no-cache");
        }
    }

    private static int CodeOf(CallerFault fault) => fault switch
    {
        CallerFault.Input => ExitCode.Usage,
        CallerFault.Missing => ExitCode.NotFound,
        CallerFault.TimeOut => ExitCode.TimeOut,
        _ => ExitCode.Problem,
    };

    private static int Complain(int code, string text)
    {
        Terminal.Say($"twill: {text}");
        return code;
    }
}
