using Twill.Agent.Install;
using Twill.Agent.Sources;
using Twill.Agent.View;
using Twill.Fabric.Ipam;
using Twill.Fabric.Keep;
using Twill.Fabric.Model;
using Twill.Fabric.Services.Apply;
using Twill.Fabric.Services.Compile;
using Twill.Fabric.Services.Keep;
using Twill.Fabric.Services.Model;
using Twill.Linux.Nft;
using Twill.Linux.Route;

namespace Twill.Agent;

/// <summary>From what the source says to what the keeper keeps and the runtime reads.</summary>
internal sealed partial class AgentProgram
{
    /// <summary>Not everything is in place after so long: pods may come all the same, and what is missing is a problem that is told. Milliseconds.</summary>
    internal const int ReadyAnywayMs = 10_000;

    private volatile NodeKeeper? _keeper;
    private volatile bool _ready;
    private volatile string? _refusal, _listProblem;
    private IReadOnlyList<ClusterNode>? _given;
    private IReadOnlyList<IpPrefix> _blocks = [];
    private string? _sourceProblem = SourceReading<ClusterNode>.Nothing.Problem, _servicesProblem = SourceReading<ServiceDescription>.Nothing.Problem;
    private long _kept;
    private readonly AgentHeap _heap = new();
    private readonly Dictionary<string, string> _failing = new(StringComparer.Ordinal);

    private string ListPath => Path.Combine(settings.CniDirectory, NodeConfiguration.FileName);

    private async Task ConductAsync(CancellationToken token)
    {
        while (!token.IsCancellationRequested)
        {
            using (var tick = CancellationTokenSource.CreateLinkedTokenSource(token))
            {
                tick.CancelAfter(TickMs);
                try
                {
                    await _stirred.Reader.ReadAsync(tick.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (!token.IsCancellationRequested)
                {
                    // Nobody stirred: time to look at what nobody tells.
                    _heap.Rest();
                }
            }

            TellSource(_source.Reading);
            if (_source.Reading.Items is { } nodes)
            {
                Follow(nodes);
                NoteBehind(ReferenceEquals(nodes, _given) && _keeper is { IsCurrent: true });
                _services?.Follow(nodes);
                if (_services?.Snapshot is { } snapshot && _keeper?.Underlay is { } underlay) _balancers?.Follow(snapshot, nodes, underlay);
            }

            Publish();
            notify.Status(_ready ? $"{settings.Node} ready; {_given?.Count ?? 0} nodes from {_source.Description}" : $"not ready: {string.Join("; ", Problems(_source.Reading))}");
        }
    }

    /// <summary>Both work, and one would do.</summary>
    private void NoteOtherProxies()
    {
        using NftSocket nft = NftSocket.Open();
        if (OtherProxies.Find(nft) is [var other, ..]) Tell("services", $"kube-proxy's rules are on this node as well ({other}); ours come first. One of the two is enough: take kube-proxy away, or start the agent with --services off", warn: true);
    }

    /// <summary>Services are another's here: what an agent of before left of ours would be in the way.</summary>
    private void LeaveServices()
    {
        using var keeper = new ServiceKeeper(settings.BridgeSettings);
        if (keeper.Remove()) Tell("services", $"services are off: table {ServiceTable.Table} removed");
    }

    private void TellSource(SourceReading<ClusterNode> reading)
    {
        if (_services is { Reading: var services } && services.Problem != _servicesProblem)
        {
            _servicesProblem = services.Problem;
            if (services.Problem is not { } why) Tell("source", $"{_source.Description}: {services.Items?.Count ?? 0} services");
            else if (why != reading.Problem) Tell("source", $"{_source.Description}: services: {why}; what was known stays in force", warn: true);
        }

        if (reading.Problem == _sourceProblem) return;
        _sourceProblem = reading.Problem;
        if (reading.Problem is { } problem) Tell("source", $"{_source.Description}: {problem}; what was known stays in force", warn: true);
        else Tell("source", $"{_source.Description}: {reading.Items?.Count ?? 0} nodes");
    }

    private void Follow(IReadOnlyList<ClusterNode> nodes)
    {
        ClusterNode? self = nodes.FirstOrDefault(n => n.Name == settings.Node);
        string? refusal = WhyNot(self, nodes);
        if (refusal != _refusal)
        {
            _refusal = refusal;
            if (refusal is not null) Tell("refused", refusal, warn: true);
        }

        if (refusal is not null || ReferenceEquals(nodes, _given)) return;
        if (_keeper is null) Keep(self!);
        _given = nodes;
        _keeper!.Set(ClusterOf(nodes));
    }

    /// <returns>Why this list of nodes is not followed; null: it is.</returns>
    private string? WhyNot(ClusterNode? self, IReadOnlyList<ClusterNode> nodes)
    {
        if (self is null) return $"{_source.Description} has no node {settings.Node} ({nodes.Count} others): nothing is changed until it has; is --node right?";
        if (self.PodBlocks.Count == 0) return $"node {settings.Node} has no block for pods yet: nothing is changed until it has one; in Kubernetes: kube-controller-manager --allocate-node-cidrs --cluster-cidr=...";
        if (_keeper is not null) return null; // from here on the keeper remembers, and refuses a changed block itself
        using RouteSocket socket = RouteSocket.Open();
        return BlockGuard.WhyNot(socket.Links(), settings.Network, settings.Node, self.PodBlocks);
    }

    private Cluster ClusterOf(IReadOnlyList<ClusterNode> nodes) => new()
    {
        Nodes = nodes,
        Backend = settings.Backend,
        PodCidrs = settings.ClusterCidrs,
        Masquerade = settings.Masquerade,
        MasqueradeExcept = settings.Except,
    };

    private void Keep(ClusterNode self)
    {
        _blocks = self.PodBlocks;
        _kept = time.GetTimestamp();
        var keeper = new NodeKeeper(
            new KeeperSettings
            {
                Node = settings.Node,
                Device = settings.Device,
                AfterPass = Stir,
                Pods = new NetworkSettings
                {
                    Name = settings.Network,
                    Bridge = settings.BridgeSettings,
                    IsDefaultGateway = true,
                    Pool = AddressPool.Create([.. self.PodBlocks.Select(b => RangeSet.Create([AddressRange.Create(b)]))]),
                },
            },
            Hear);
        Begin("twill-keeper", keeper.Run);
        _keeper = keeper;
    }

    /// <summary>On the keeper's thread.</summary>
    private void Hear(KeeperEvent told)
    {
        switch (told.Kind)
        {
            case KeeperEventKind.Repaired:
                _repairs.Note(told);
                Tell("repair", told.ToString(), told.By, told.Ms, warn: true);
                break;
            case KeeperEventKind.Applied:
                Tell("change", told.ToString(), ms: told.Ms);
                break;
            case KeeperEventKind.Failed:
                lock (_failing)
                {
                    // Tried again and again, told once.
                    if (_failing.TryGetValue(told.Subject, out string? before) && before == told.Text) break;
                    _failing[told.Subject] = told.Text;
                }

                _journal.Add("failed", told.ToString());
                log.Error("failed", told.ToString());
                break;
            default:
                Tell(told.Kind.ToString().ToLowerInvariant(), told.ToString(), told.By, warn: told.Kind is not KeeperEventKind.Underlay);
                break;
        }
    }

    /// <summary>Writes the runtime's configuration when the network is in place, and again when it differs.</summary>
    private void Publish()
    {
        if (_keeper is not { Frame: { } plan } keeper) return;
        if (keeper.IsInPlace)
        {
            lock (_failing)
            {
                foreach (string subject in _failing.Keys.Where(s => s != ServiceLoop.Subject || _services is { IsInPlace: true }).ToList()) _failing.Remove(subject);
            }
        }
        else if (!_ready && time.GetElapsedTime(_kept).TotalMilliseconds < ReadyAnywayMs)
        {
            return;
        }

        var list = new NodeConfiguration { Network = settings.Network, Bridge = settings.Bridge, Blocks = _blocks, Mtu = plan.PodMtu, GsoMaxSize = plan.PodGsoMaxSize };
        try
        {
            if (AtomicFile.Write(ListPath, list.ToJson(), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead)) Tell("list", $"{ListPath}: written; pods get addresses of {string.Join(", ", _blocks)}, MTU {plan.PodMtu}");
            _listProblem = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string problem = $"cannot write {ListPath}: {e.Message}; the runtime cannot call us until it is there";
            if (_listProblem != problem) log.Error("list", problem);
            _listProblem = problem;
            return;
        }

        if (_ready) return;
        _ready = true;
        _paths?.Nudge();
        Tell("ready", $"node {settings.Node} is ready");
    }

    private IReadOnlyList<string> Problems(SourceReading<ClusterNode> reading)
    {
        List<string> problems = [];
        if (reading.Problem is { } problem) problems.Add($"{_source.Description}: {problem}");
        if (_services?.Reading is { Problem: { } services } && services != reading.Problem) problems.Add($"services from {_source.Description}: {services}");
        if (_refusal is { } refusal) problems.Add(refusal);
        if (_listProblem is { } list) problems.Add(list);
        problems.AddRange((_keeper?.Refused ?? []).Select(r => r.Text));
        lock (_failing) problems.AddRange(_failing.Select(f => $"{f.Key}: {f.Value}"));
        if (_ready && KernelReader.FilesOf(settings.CniDirectory) is { OursIsFirst: false } files) problems.Add(CniWords.Problem(files));
        return problems;
    }
}
