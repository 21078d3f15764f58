using Twill.Fabric.Ipam;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Netlink;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Fabric.Apply;

/// <summary>Claiming: making the pair under the name of a free address, and the names of the others beside it.</summary>
public sealed partial class PodAttacher
{
    private enum Refusal
    {
        /// <summary>The claim's name belongs to a link that stays.</summary>
        Taken,

        /// <summary>What stood in the way has gone: try the same again.</summary>
        Gone,
    }

    private Claim ClaimAddresses(NetworkSettings network, PodRequest request, BridgeState? bridge, AddressPool pool, IpAddress?[] wished)
    {
        int primary = 0;
        while (primary < pool.Sets.Count && pool.Sets[primary].IsV6) primary++;
        var addresses = new PodAddress[pool.Sets.Count];
        Pair pair = primary < pool.Sets.Count
            ? CreateAtFreeAddress(network, request, bridge, pool.Sets[primary], wished[primary], out addresses[primary])
            : CreateUnderOwnersName(network, request, bridge);
        try
        {
            for (int i = 0; i < addresses.Length; i++)
            {
                if (i != primary) addresses[i] = ClaimBeside(network, request.Owner, pair.Host, pool.Sets[i], wished[i], HintFor(pool, i, primary, primary < addresses.Length ? addresses[primary].Address.Address : bridge?.LastAddress));
            }
        }
        catch
        {
            PodDetacher.Undo(host, pair.Host, pair.HostName, request.Owner.HostMac);
            throw;
        }

        return new Claim(pair.Host, pair.Pod, pair.HostName, pair.Mtu, addresses);
    }

    private Claim ClaimWithoutPool(NetworkSettings network, PodRequest request, BridgeState? bridge)
    {
        Pair pair = CreateUnderOwnersName(network, request, bridge);
        return new Claim(pair.Host, pair.Pod, pair.HostName, pair.Mtu, request.GivenAddresses);
    }

    private readonly record struct Pair(IfIndex Host, IfIndex Pod, string HostName, int Mtu);

    /// <summary>A further address starts where the first one is in its range, so that both go round together.</summary>
    /// <param name="pool">The network's ranges.</param>
    /// <param name="index">The set that the hint is for.</param>
    /// <param name="primary">The set of the first address; beyond the last where there is none.</param>
    /// <param name="reference">The first address, or without one the address last given out.</param>
    private static IpAddress? HintFor(AddressPool pool, int index, int primary, IpAddress? reference)
    {
        if (reference is not { } r || primary >= pool.Sets.Count || pool.Sets[primary].RangeOf(r) is not { } home) return reference;
        AddressRange range = pool.Sets[index].Ranges[0];
        UInt128 offset = r.Value - home.First.Value;
        return offset == 0 || offset >= range.Span ? null : range.First with { Value = range.First.Value + offset - UInt128.One };
    }

    private Pair CreateAtFreeAddress(NetworkSettings network, PodRequest request, BridgeState? bridge, RangeSet set, IpAddress? wished, out PodAddress address)
    {
        string tag = network.Tag;
        var walk = new CandidateWalk(host, tag, set, bridge is { IsOurs: true } ours ? ours.LastAddress : Somewhere(set, request.Owner), request.Owner);
        int races = 0;
        while (true)
        {
            (IpAddress candidate, AddressRange range) = wished is { } w ? (w, set.RangeOf(w)!) : walk.Next();
            string name = ClaimName.Of(tag, candidate);
            address = new PodAddress(new IpPrefix(candidate, range.Subnet.Length), range.Gateway);
            if (TryCreate(network, request, bridge, name, request.Mac ?? PodPlan.MacOf(candidate), out Pair pair)) return pair;

            while (Explain(network, request, name) == Refusal.Gone)
            {
                if (++races > MaxRaces) throw Raced(request);
                if (TryCreate(network, request, bridge, name, request.Mac ?? PodPlan.MacOf(candidate), out pair)) return pair;
            }

            if (wished is not null) throw AddressTaken(candidate, name);
            walk.MarkTaken(candidate);
        }
    }

    /// <summary>For an attachment without an IPv4 address of ours: the name is the owner's, addresses are claimed beside it.</summary>
    private Pair CreateUnderOwnersName(NetworkSettings network, PodRequest request, BridgeState? bridge)
    {
        string name = ClaimName.OfOwner(network.Tag, request.Owner);
        MacAddress mac = PodPlan.PodMacOf(network, request, request.GivenAddresses);
        for (int race = 0; race < MaxRaces; race++)
        {
            if (TryCreate(network, request, bridge, name, mac, out Pair pair)) return pair;
            if (Explain(network, request, name) == Refusal.Taken) throw new FabricException(FabricFault.InterfaceTaken, $"{request.Owner} is attached already: interface {name} exists ({host.FindLink(name)?.Alias}); DEL it first");
        }

        throw Raced(request);
    }

    /// <summary>Claims a further address by an alternative name on the host end.</summary>
    private PodAddress ClaimBeside(NetworkSettings network, Owner owner, IfIndex hostEnd, RangeSet set, IpAddress? wished, IpAddress? hint)
    {
        string tag = network.Tag;
        var walk = new CandidateWalk(host, tag, set, hint, owner);
        while (true)
        {
            (IpAddress candidate, AddressRange range) = wished is { } w ? (w, set.RangeOf(w)!) : walk.Next();
            string name = ClaimName.Of(tag, candidate);
            NetlinkBatch batch = host.Netlink.NewBatch();
            LinkRequests.AddAltName(batch, hostEnd, name);
            NetlinkOutcome outcome = host.Netlink.Execute(batch);
            if (outcome.Ok) return new PodAddress(new IpPrefix(candidate, range.Subnet.Length), range.Gateway);
            if (outcome.Errno != Errno.EEXIST) outcome.ThrowIfFailed($"cannot claim {candidate}");
            if (wished is not null)
            {
                if (host.FindLink(name) is { } holder && HostEnd.TryReclaim(host, holder, owner)) continue;
                throw AddressTaken(candidate, name);
            }

            walk.MarkTaken(candidate);
        }
    }

    /// <returns>False: EEXIST, one of the two names is taken.</returns>
    private bool TryCreate(NetworkSettings network, PodRequest request, BridgeState? bridge, string name, MacAddress podMac, out Pair pair)
    {
        int mtu = network.Bridge.Mtu ?? bridge?.Mtu ?? Mtu.Ethernet.Value;
        NetlinkBatch batch = host.Netlink.NewBatch();
        LinkRequests.CreateVeth(batch, new VethSpec
        {
            Name = name,
            Mac = request.Owner.HostMac,
            Mtu = new Mtu(mtu),
            Master = bridge?.Index,
            Up = bridge is not null && !Shaping.RaisesHostEnd(request.Bandwidth),
            PeerName = request.Owner.IfName,
            PeerNamespace = request.Namespace,
            PeerMac = podMac,
            PeerMtu = new Mtu(mtu),
            GsoMaxSize = network.Bridge.GsoMaxSize,

            // Left to itself the kernel makes a queue for each possible CPU and then switches off all but the first, which waits for
            // every CPU, on both ends, under the lock of all network changes. This is the same pair without the detour.
            TxQueues = 1,
            RxQueues = 1,
        }, echo: true);
        var echo = default(OneLink);
        NetlinkOutcome outcome = host.Netlink.Execute(batch, ref echo);
        pair = default;
        if (outcome.Errno == Errno.EEXIST) return false;
        if (outcome.Errno == Errno.EINVAL && outcome.KernelText is null) throw new FabricException(FabricFault.Namespace, $"cannot make {request.Owner.IfName} in {request.Namespace.Name}: {outcome.Errno.Name}; is MTU {mtu} sensible{(network.Bridge.GsoMaxSize is { } gso ? $", does this kernel take \"gsoMaxSize\" {gso} (Linux 6.3 for more than {Segments.UsualMax})" : "")}, and is {request.Namespace.Name} a live network namespace?");
        outcome.ThrowIfFailed($"cannot make the pair {name} - {request.Owner.IfName} in {request.Namespace.Name} on bridge {network.Bridge.Name}");

        // Kernels before 6.2 do not echo.
        Link made = echo.Link ?? host.FindLink(name) ?? throw new FabricException(FabricFault.Busy, $"{name} was deleted as soon as it was made, by a DEL or GC at the same time");
        pair = new Pair(made.Index, made.LinkedIndex ?? throw new NetlinkProtocolException($"veth {name} without a peer"), name, mtu);
        return true;
    }

    /// <summary>Why the kernel said EEXIST: the claim's name here, or the interface's name in the pod.</summary>
    /// <exception cref="FabricException">The pod has that interface, and it is not the remains of an ADD that died.</exception>
    private Refusal Explain(NetworkSettings network, PodRequest request, string name)
    {
        if (host.FindLink(name) is { } holder)
        {
            // Not finished and nobody at work on it: an ADD that was killed. Ours by name and kind, or somebody else's altogether.
            return holder.Kind == "veth" && ClaimName.IsHostEnd(holder.Name, network.Tag) && HostEnd.TryReclaim(host, holder, request.Owner) ? Refusal.Gone : Refusal.Taken;
        }

        return ExplainInside(request);
    }

    /// <inheritdoc cref="Explain"/>
    private Refusal ExplainInside(PodRequest request)
    {
        using RouteSocket pod = RouteSocket.Open(request.Namespace);
        if (pod.FindLink(request.Owner.IfName) is not { } inside) return Refusal.Gone;
        if (inside.Kind == "veth" && inside.LinkedIndex is { } index && host.FindLink(index) is { Kind: "veth" } outside && outside.LinkedIndex == inside.Index && outside.Name.StartsWith(ClaimName.Prefix, StringComparison.Ordinal))
        {
            // Our own mark is held by ourselves: what carries our owner's address and no owner is an earlier run's that died.
            if (outside.Mac == request.Owner.HostMac && !outside.TryGetOwner(out _))
            {
                host.RemoveLink(outside.Index);
                return Refusal.Gone;
            }

            throw new FabricException(FabricFault.InterfaceTaken, $"{request.Owner.IfName} exists already in {request.Namespace.Name}: attached by {outside.Name} ({outside.Alias}); DEL that attachment first");
        }

        throw new FabricException(FabricFault.InterfaceTaken, $"{request.Owner.IfName} exists already in {request.Namespace.Name}, made by somebody else (kind {(inside.Kind.Length == 0 ? "unknown" : inside.Kind)}); it was left as it is");
    }

    /// <summary>Where a bridge keeps no hint: a place in the first range that depends on the owner, so that reuse is delayed as well as can be.</summary>
    private static IpAddress Somewhere(RangeSet set, Owner owner)
    {
        AddressRange range = set.Ranges[0];
        return range.First with { Value = range.First.Value + (Hash64.Of(owner.Key) % range.Span) };
    }

    private FabricException AddressTaken(IpAddress address, string name)
        => new(FabricFault.AddressTaken, $"requested address {address} is in use by {host.FindLink(name)?.Alias ?? "an interface that has just gone"}");

    private static FabricException Raced(PodRequest request) => new(FabricFault.Busy, $"{request.Owner} lost {MaxRaces} races for a name; try again");
}
