using System.Net.Sockets;
using System.Threading.Channels;
using Twill.Agent.Answers;
using Twill.Agent.Http;
using Twill.Agent.Journal;
using Twill.Agent.LoadBalancers;
using Twill.Agent.Services;
using Twill.Agent.Sources;
using Twill.Agent.View;
using Twill.Cli;
using Twill.Fabric.Model;
using Twill.Linux.Sys;
using Twill.Plugin;

namespace Twill.Agent;

/// <summary>The agent of one node: learns the nodes from a source, has a keeper hold the network to them, tells the runtime when pods can come.</summary>
/// <remarks>
/// Three kinds of threads: the keeper's own, which alone changes the network; the pool's, for source and answers; this one, which
/// watches the keeper and waits for the end. There is no shut-down code that matters: kill -9 is the normal stop (DESIGN I8).
/// </remarks>
internal sealed partial class AgentProgram(AgentSettings settings, AgentLog log, TimeProvider time, Notify notify)
{
    /// <summary>So often everything that nobody tells us about is looked at again: the CNI list, the pods' blocks; milliseconds.</summary>
    internal const int TickMs = 10_000;

    private readonly EventJournal _journal = new(time);
    private readonly RepairTally _repairs = new();
    private readonly RunTally _runs = new();
    private readonly TaskCompletionSource<int> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<bool> _stirred = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly long _start = time.GetTimestamp();
    private ISource<ClusterNode> _source = null!;
    private AgentServices? _services;
    private AgentLoadBalancers? _balancers;

    /// <returns>An exit code; the network stays as it is.</returns>
    /// <exception cref="AgentException">Another agent works here; a file, an address or a socket cannot be used.</exception>
    internal int Run()
    {
        if (!StandardStreams.IsRoot) throw new AgentException(ExitCode.NotAllowed, "the agent changes this node's network, and only root may: sudo twill agent");
        Sysctl.Root = settings.ProcSys;
        using Descriptor mark = OneAgent.Begin(settings.Socket);
        using AgentSources sources = SourceFactory.Open(settings, time, told => Tell("source", told));
        _source = sources.Nodes;
        using AgentServices? services = settings.Services ? new AgentServices(settings, sources.Services, time, Hear, Die) : null;
        _services = services;
        if (services is null) LeaveServices();
        else NoteOtherProxies();
        using AgentLoadBalancers? balancers = services is not null && settings.LoadBalancerPools.Count > 0 ? new AgentLoadBalancers(settings, sources.Leases, sources.Grants, Hear, Die) : null;
        _balancers = balancers;
        var answers = new AgentAnswers(Facts, () => KernelReader.Read(settings.CniDirectory), _journal, _repairs, _runs);
        var local = new LocalServer(answers.OverSocket);
        Listen($"socket {settings.Socket}", () =>
        {
            if (local.ListenUnix(settings.Socket) is { } owner) throw new AgentException($"socket {settings.Socket} belongs to process {owner} ({OneAgent.CommandLineOf(owner)}): choose another with --socket");
        });
        if (settings.Listen is { } endPoint) Listen($"address {endPoint}", () => new LocalServer(answers.OverTcp).ListenTcp(endPoint));
        Tell("start", $"twill {AboutText.Version} keeps node {settings.Node}; nodes from {_source.Description}; backend {settings.Backend}; until they are known nothing is changed");
        Observe();
        notify.Ready($"waiting for {_source.Description}");
        using var end = new CancellationTokenSource();
        _ = Guarded(() => _source.RunAsync(Stir, end.Token));
        if (services is not null) _ = Guarded(() => services.RunAsync(Stir, end.Token));
        if (balancers is not null) _ = Guarded(() => balancers.AssignAsync(end.Token));
        _ = Guarded(() => ConductAsync(end.Token));
        Watch();
        return _ended.Task.Result;
    }

    /// <summary>Ends <see cref="Run"/>. From any thread.</summary>
    internal void End(int code) => _ended.TrySetResult(code);

    private static void Listen(string where, Action listen)
    {
        try
        {
            listen();
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            throw new AgentException($"cannot listen on {where}: {e.Message}; who has it: `ss -lxtp`");
        }
    }

    /// <summary>What nobody expected to throw ends the agent: systemd starts it again, and the network does not notice.</summary>
    private async Task Guarded(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Die(e);
        }
    }

    private void Die(Exception e)
    {
        log.Error("died", $"a bug in twill, the network stays as it is: {e}");
        End(ExitCode.Internal);
    }

    /// <summary>Tells the service manager that we live, as long as the keeper's thread goes round.</summary>
    private void Watch()
    {
        if (Notify.WatchdogInterval is not { } interval)
        {
            _ended.Task.Wait();
            return;
        }

        var pulse = new AgentPulse();
        while (!_ended.Task.Wait(interval))
        {
            if (pulse.Feel(_keeper)) notify.Alive();
            else log.Error("hangs", $"the keeper's thread has made no progress for {interval.TotalSeconds:0} s; the service manager starts the agent again");
        }
    }

    /// <summary>Makes <see cref="ConductAsync"/> look at everything. From any thread; many calls in a row are one.</summary>
    private void Stir() => _stirred.Writer.TryWrite(true);

    private void Tell(string kind, string text, string? by = null, double? ms = null, bool warn = false)
    {
        _journal.Add(kind, text, by, ms);
        if (warn) log.Warning(kind, text);
        else log.Information(kind, text);
    }

    private NodeFacts Facts()
    {
        SourceReading<ClusterNode> reading = _source.Reading;
        return new NodeFacts
        {
            Settings = settings,
            ProcessId = Environment.ProcessId,
            Uptime = (long)time.GetElapsedTime(_start).TotalSeconds,
            SourceName = _source.Description,
            Reading = reading,
            SourceSince = reading.Since == 0 ? (long)time.GetElapsedTime(_start).TotalSeconds : (long)time.GetElapsedTime(reading.Since).TotalSeconds,
            Frame = _keeper?.Frame,
            Whole = () => _keeper?.Plan,
            SetSizes = () => _keeper?.SetSizes ?? [],
            Counters = _keeper?.Counters ?? new(),
            Underlay = _keeper?.Underlay?.ToString() ?? "",
            Ready = _ready,
            ListPath = ListPath,
            Services = _services is { } services ? new ServiceFacts(services.Reading, services.Plan, services.IsInPlace, services.Counters, _balancers?.View ?? []) : null,
            Problems = Problems(reading),
            Lag = Lag(reading),
            Paths = _paths?.Readings ?? [],
            LastEvent = _journal.Last,
        };
    }
}
