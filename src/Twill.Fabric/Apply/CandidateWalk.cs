using Twill.Fabric.Ipam;
using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Fabric.Apply;

/// <summary>Addresses of one set to try, one after another. The kernel says which is free; this only chooses a good order.</summary>
/// <remarks>
/// The first few tries follow the hint blindly, 10 us each when taken. Whoever is refused thrice is in a crowd of ADDs with the same
/// hint: it leaps ahead, as far as its owner's hash says, so that the crowd parts. After some more a single look at all links tells which
/// addresses are held, so a full range costs one dump and not one refusal for each address.
/// </remarks>
internal sealed class CandidateWalk(RouteSocket host, string tag, RangeSet set, IpAddress? last, Owner? self)
{
    private const int StepTries = 3, BlindTries = 16;

    /// <summary>Addresses that a leap passes over, at most.</summary>
    private const int MaxLeap = 64;

    private readonly HashSet<IpAddress> _taken = [];
    private IpAddress? _last = last;
    private bool _looked;
    private Queue<Link>? _unfinished;

    /// <summary>The next address to try.</summary>
    /// <exception cref="FabricException">Every address of the set is held.</exception>
    internal (IpAddress Address, AddressRange Range) Next()
    {
        if (_taken.Count >= BlindTries && !_looked) Look();
        if (_taken.Count >= StepTries && !_looked) Leap();
        for (int step = 0; step <= _taken.Count; step++)
        {
            if (set.After(_last) is not { } next) break;
            _last = next.Address;
            if (!_taken.Contains(next.Address)) return next;
        }

        if (!_looked)
        {
            Look();
            return Next();
        }

        return FromUnfinished() ?? throw Exhausted();
    }

    /// <summary>Only looks: is there a free address, or one that an ADD that died holds?</summary>
    /// <exception cref="FabricException">Every address of the set is held.</exception>
    internal void RequireFree()
    {
        Look();
        if (_unfinished!.Count > 0) return;
        IpAddress? last = null;
        for (int step = 0; step <= _taken.Count; step++)
        {
            if (set.After(last) is not { } next) break;
            if (!_taken.Contains(next.Address)) return;
            last = next.Address;
        }

        throw Exhausted();
    }

    /// <summary>The kernel refused it: somebody holds it.</summary>
    internal void MarkTaken(IpAddress address) => _taken.Add(address);

    private void Leap()
    {
        ulong hash = Hash64.Of($"{self?.Key} {_taken.Count}");
        for (ulong left = hash % MaxLeap; left > 0 && set.After(_last) is { } next; left--) _last = next.Address;
    }

    private void Look()
    {
        _looked = true;
        _unfinished = new Queue<Link>();

        // A list that changes cut is good enough: it only spares tries, the kernel decides each claim.
        foreach (Link link in host.SeeOurLinks(tag, out _))
        {
            if (ClaimName.TryParse(link.Name, tag, out IpAddress address)) _taken.Add(address);
            foreach (string name in link.AltNames)
            {
                if (ClaimName.TryParse(name, tag, out address)) _taken.Add(address);
            }

            if (!link.TryGetOwner(out _)) _unfinished.Enqueue(link);
        }
    }

    /// <summary>An address that only an ADD that died still holds.</summary>
    private (IpAddress Address, AddressRange Range)? FromUnfinished()
    {
        while (_unfinished is not null && _unfinished.TryDequeue(out Link? link))
        {
            foreach (string name in (IEnumerable<string>)[link.Name, .. link.AltNames])
            {
                if (!ClaimName.TryParse(name, tag, out IpAddress address) || set.RangeOf(address) is not { } range || !range.IsUsable(address)) continue;
                if (HostEnd.TryReclaim(host, link, self)) return (address, range);
            }
        }

        return null;
    }

    private FabricException Exhausted()
    {
        UInt128 usable = set.CountUsable();
        int held = 0;
        foreach (IpAddress address in _taken)
        {
            if (set.RangeOf(address) is { } range && range.IsUsable(address)) held++;
        }

        return new FabricException(FabricFault.Exhausted, $"no free address in {set}: {held} of {usable} in use, each by an interface that exists on this node; delete pods, or enlarge the range (which interfaces: ip link | grep {ClaimName.Prefix}{tag})");
    }
}
