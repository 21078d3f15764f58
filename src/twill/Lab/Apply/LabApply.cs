using System.Collections.Concurrent;
using Twill.Agent.Install;
using Twill.Fabric.Apply;
using Twill.Fabric.Model;
using Twill.Fabric.Services.Apply;
using Twill.Lab.Agents;
using Twill.Lab.Container;
using Twill.Lab.Model;
using Twill.Lab.Steps;
using Twill.Linux.Netlink;
using Twill.Linux.Netns;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Lab.Apply;

/// <summary>Does the steps: the router's first, then every node's beside the others', then what goes.</summary>
/// <remarks>
/// Everything is in namespaces of its own; the host gets names in /run/netns and nothing else. Each is marked before it is named,
/// so a kill at any point leaves only what `down` knows.
/// </remarks>
internal sealed class LabApply
{
    private const int NodeRemoveMs = 20_000;

    private readonly Action<int, int> _progress;
    private readonly Action<LabStep>? _before;
    private readonly int _total;
    private readonly ConcurrentQueue<string> _said = new();
    private int _done;

    private LabApply(int total, Action<int, int> progress, Action<LabStep>? before) => (_total, _progress, _before) = (total, progress, before);

    /// <param name="steps">As <see cref="LabDifference"/> orders them.</param>
    /// <param name="progress">Told steps done and steps in all; from any thread: it must do no more than note them.</param>
    /// <param name="before">Told each step before it is done; from any thread.</param>
    /// <returns>What containers said when they started.</returns>
    internal static IReadOnlyList<string> Run(IReadOnlyList<LabStep> steps, Action<int, int> progress, Action<LabStep>? before = null)
    {
        var apply = new LabApply(steps.Count, progress, before);
        ILookup<string, LabStep> groups = steps.ToLookup(s => s.Group, StringComparer.Ordinal);
        apply.DoAll(groups[LabNames.Router]);
        Workers.ForEach([.. groups.Where(g => g.Key != LabNames.Router && g.Key.Length > 0)], apply.DoAll);
        apply.DoAll(groups[""]);
        return [.. apply._said];
    }

    private void DoAll(IEnumerable<LabStep> steps)
    {
        using var sockets = new LabSockets();
        foreach (LabStep step in steps)
        {
            _before?.Invoke(step);
            Do(step, sockets);
            _progress(Interlocked.Increment(ref _done), _total);
        }
    }

    private void Do(LabStep step, LabSockets sockets)
    {
        switch (step)
        {
            case MakeNamespace s: Make(s); break;
            case SetMark s: sockets.Socket(s.Namespace).SetAlias(IfIndex.Loopback, s.Mark.Text); break;
            case RemoveNamespace s:
                sockets.Forget(s.Name);
                NetworkNamespace.RemoveNamed(s.Name);
                break;
            case SetServiceNames s: Set(s, sockets.Socket(s.Namespace)); break;
            case SetServices s: Services(sockets.Network(s.Node), s.Bridge, keeper => keeper.Apply(s.Snapshot)); break;
            case TellServices s: LabEtcd.Tell(sockets.Network(s.Namespace), s.Spec); break;
            case RemoveServices s: Services(sockets.Network(s.Node), s.Bridge, keeper => keeper.Remove()); break;
            case SetSysctl s: sockets.Network(s.Namespace).Run(() => Sysctl.Write(s.Key, s.Value)); break;
            case MakeLan s: sockets.Socket(s.Namespace).TryCreateBridge(new BridgeSpec { Name = s.Bridge.Name, Mac = s.Bridge.Mac, Up = true }); break;
            case MakeBridge s: NetworkGround.EnsureBridge(sockets.Network(s.Node), s.Network); break;
            case MakeCable s: Make(s, sockets); break;
            case SetUp s: sockets.Socket(s.Namespace).SetUp(s.Link.Name); break;
            case SetMaster s: sockets.Socket(s.Namespace).SetMaster(s.Link.Name, sockets.Socket(s.Namespace).GetLink(s.Link.Master!).Index); break;
            case SetMtu s: sockets.Socket(s.Namespace).SetMtu(s.Link.Name, new Mtu(s.Link.Mtu)); break;
            case RemoveLink s: sockets.Socket(s.Namespace).RemoveLink(s.Name); break;
            case AddAddress s: sockets.Socket(s.Namespace).TryAddAddress(Device(sockets, s.Namespace, s.Device), s.Address, s.Address.IsV6 ? AddressFlags.NoDad : AddressFlags.None); break;
            case RemoveAddress s: sockets.Socket(s.Namespace).RemoveAddress(Device(sockets, s.Namespace, s.Device), s.Address); break;
            case AddRoute s: sockets.Socket(s.Namespace).TryAddRoute(LabRoutes.Spec(sockets.Socket(s.Namespace), s.Route)); break;
            case ReplaceRoute s: sockets.Socket(s.Namespace).ReplaceRoute(LabRoutes.Spec(sockets.Socket(s.Namespace), s.Route)); break;
            case RemoveRoute s: sockets.Socket(s.Namespace).RemoveRoute(LabRoutes.Spec(sockets.Socket(s.Namespace), s.Route)); break;
            case RemoveNeighbour s: sockets.Socket(s.Namespace).RemoveNeighbour(Device(sockets, s.Namespace, s.Entry.Device), s.Entry.Address); break;
            case SetMasquerade s: NetworkGround.EnsureMasquerade(sockets.Network(s.Node), s.Network); break;
            case AttachPod s: LabPlugin.Attach(sockets.Network(s.Node), s); break;
            case StartContainer s: _said.Enqueue($"{s.Pod}: {PodContainers.Start(sockets.Network(s.Pod), s.Pod, s.Name)}"); break;
            case StopContainer s: PodContainers.Stop(s.Pod, s.Name); break;
            case SetDown s: sockets.Socket(s.Namespace).SetDown(s.Link.Name); break;
            case Unplug s: sockets.Socket(s.Namespace).SetMaster(s.Link.Name, null); break;
            case SetNeighbour s: sockets.Socket(s.Namespace).ReplaceNeighbour(new NeighbourSpec { Dev = Device(sockets, s.Namespace, s.Device), Address = s.Address, Mac = s.Mac, State = NeighbourState.Permanent }); break;
            case DropMasquerade s: Drop(s, sockets); break;
            case TellNodes s: Tell(s.Text); break;
            case StartEtcd s: LabEtcd.Start(sockets.Network(s.Namespace), s.Spec); break;
            case StopEtcd: LabEtcd.Stop(); break;
            case StartAgent s: LabAgents.Start(sockets.Network(s.Node), s.Node, s.Command); break;
            case StopAgent s: Stop(s, sockets); break;
            case DetachPod s: LabPlugin.Detach(sockets.Network(s.Node), s); break;
            default: throw new InvalidOperationException($"nobody does the step {step}");
        }
    }

    private static void Set(SetServiceNames step, RouteSocket router)
    {
        // A service's own name is the last: without it the others say nothing.
        foreach (string name in step.Surplus.Reverse()) router.RemoveAltName(IfIndex.Loopback, name);
        foreach (string name in step.Absent) router.TryAddAltName(IfIndex.Loopback, name);
    }

    private static void Services<T>(NetworkNamespace node, string bridge, Func<ServiceKeeper, T> what)
    {
        using var keeper = new ServiceKeeper(new BridgeSettings { Name = bridge }, node);
        what(keeper);
    }

    private static void Tell(string nodes)
    {
        Directory.CreateDirectory(LabAgents.Directory);
        AtomicFile.Write(LabAgents.NodesPath, nodes, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    private static void Stop(StopAgent step, LabSockets sockets)
    {
        LabAgents.Stop(step.Node);
        LabAgents.Forget(step.Node);
        if (!step.Leaves || step.Spec.Source != LabSource.Etcd || LabEtcd.Pid() is null) return;
        ChildProcess.Outcome outcome = sockets.Network(LabNames.Router).Run(() => ChildProcess.Run("/proc/self/exe", ["node", "remove", step.Node, "--source", $"etcd://{LabEtcd.EndpointOf(step.Spec)}"], [], [], NodeRemoveMs));
        if (outcome.ExitCode != 0) throw new LabException($"cannot take {step.Node} out of etcd: {outcome.ErrorText.Trim()}");
    }

    private static void Drop(DropMasquerade step, LabSockets sockets)
    {
        using NftSocket nft = NftSocket.Open(sockets.Network(step.Namespace));
        NftTransaction transaction = nft.NewTransaction();
        foreach (NftRuleInfo rule in step.Rules) transaction.DeleteRule(rule);
        nft.Commit(transaction).ThrowIfFailed();
    }

    private static IfIndex Device(LabSockets sockets, string network, string name) => sockets.Socket(network).GetLink(name).Index;

    private static void Make(MakeNamespace step)
    {
        using NetworkNamespace network = NetworkNamespace.Create();
        using RouteSocket socket = RouteSocket.Open(network);
        NetlinkBatch batch = socket.Netlink.NewBatch();
        LinkRequests.SetAlias(batch, IfIndex.Loopback, step.Mark.Text);
        LinkRequests.SetUp(batch, IfIndex.Loopback);
        foreach (string name in step.Mark.Names) LinkRequests.AddAltName(batch, IfIndex.Loopback, name);
        socket.Netlink.Execute(batch).ThrowIfFailed($"cannot mark network namespace {step.Mark.Name}");
        if (step.Closed)
        {
            network.Run(() =>
            {
                Sysctl.Ensure("net/ipv4/ip_forward", "0");
                if (Sysctl.Read("net/ipv6/conf/all/forwarding") is not null) Sysctl.Ensure("net/ipv6/conf/all/forwarding", "0");
            });
        }

        network.GiveName(step.Mark.Name, LabMark.Word);
    }

    private static void Make(MakeCable step, LabSockets sockets)
    {
        RouteSocket router = sockets.Socket(step.Namespace);
        router.CreateVeth(new VethSpec
        {
            Name = step.Near.Name,
            Mac = step.Near.Mac,
            Master = step.Near.Master is { } master ? router.GetLink(master).Index : null,
            Up = true,
            PeerName = step.Far.Name,
            PeerMac = step.Far.Mac,
            PeerNamespace = sockets.Network(step.FarNamespace),
            TxQueues = 1,
            RxQueues = 1,
        });
        sockets.Socket(step.FarNamespace).SetUp(step.Far.Name);
    }
}
