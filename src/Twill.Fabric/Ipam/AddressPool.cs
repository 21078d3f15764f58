using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Fabric.Ipam;

/// <summary>A network's addresses: a pod gets one from each set. Pure; who has which is the kernel's business.</summary>
public sealed class AddressPool
{
    private AddressPool(RangeSet[] sets) => Sets = sets;

    public IReadOnlyList<RangeSet> Sets { get; }

    /// <summary>The subnet and gateway of each set's first range: what the bridge must serve before any address is chosen.</summary>
    public IReadOnlyList<PodAddress> Gateways
    {
        get
        {
            var gateways = new PodAddress[Sets.Count];
            for (int i = 0; i < gateways.Length; i++) gateways[i] = new PodAddress(Sets[i].Ranges[0].Subnet, Sets[i].Ranges[0].Gateway);
            return gateways;
        }
    }

    /// <exception cref="FabricException">No set at all, or sets that overlap.</exception>
    public static AddressPool Create(IReadOnlyList<RangeSet> sets)
    {
        if (sets.Count == 0) throw new FabricException(FabricFault.Configuration, "no address range is configured: give \"ipam\" a \"subnet\" or \"ranges\"");
        for (int i = 0; i < sets.Count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                foreach (AddressRange a in sets[i].Ranges)
                {
                    foreach (AddressRange b in sets[j].Ranges)
                    {
                        if (a.First <= b.Last && b.First <= a.Last) throw new FabricException(FabricFault.Configuration, $"range sets {j} and {i} overlap: {b.Subnet} and {a.Subnet}");
                    }
                }
            }
        }

        return new AddressPool([.. sets]);
    }

    /// <summary>Divides requested addresses among the sets.</summary>
    /// <returns>For each set the requested address, or null: free choice.</returns>
    /// <exception cref="FabricException">A request that no set can honour, or two for one set: a wish is honoured or refused, never ignored.</exception>
    public IpAddress?[] Assign(IReadOnlyList<IpAddress> requested)
    {
        var assigned = new IpAddress?[Sets.Count];
        foreach (IpAddress address in requested)
        {
            int home = -1;
            string why = $"it is in none of {string.Join("; ", Sets)}";
            for (int i = 0; i < Sets.Count && home < 0; i++)
            {
                if (Sets[i].RangeOf(address) is not { } range) continue;
                string? refusal = range.WhyNotOnRequest(address);
                if (refusal is not null) why = refusal;
                else if (assigned[i] is { } other) why = $"{other} is requested from the same ranges ({Sets[i]}), and a pod gets one";
                else home = i;
            }

            if (home < 0) throw new FabricException(FabricFault.Configuration, $"requested address {address} cannot be given: {why}");
            assigned[home] = address;
        }

        return assigned;
    }
}
