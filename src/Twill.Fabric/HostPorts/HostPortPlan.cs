using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Fabric.HostPorts;

/// <summary>Which elements a pod's wishes mean. Pure.</summary>
public static class HostPortPlan
{
    /// <exception cref="FabricException">Configuration: one port is to lead to two; or a port of an address of a family that the pod has not.</exception>
    public static IReadOnlyList<HostPortEntry> EntriesFor(IReadOnlyList<HostPort> ports, IReadOnlyList<PodAddress> addresses, HostPortHolder holder)
    {
        var entries = new List<HostPortEntry>(ports.Count);
        foreach (HostPort port in ports)
        {
            foreach (bool v6 in (ReadOnlySpan<bool>)[false, true])
            {
                if (port.Address is { } only && only.IsV6 != v6) continue;
                IpAddress? place = port.Address is { } one && one.Value != UInt128.Zero ? one : null;
                if (FirstOf(addresses, v6) is { } target) Add(entries, new HostPortEntry(port.Protocol, place, port.Port, target, port.PodPort, holder));
                else if (place is not null) throw new FabricException(FabricFault.Configuration, $"host port {port} is of an {(v6 ? "IPv6" : "IPv4")} address, but the pod has no address of that family: leave hostIP out, or give the network a range of it");
            }
        }

        return entries;
    }

    private static void Add(List<HostPortEntry> entries, HostPortEntry entry)
    {
        foreach (HostPortEntry other in entries)
        {
            if (other == entry) return; // said twice
            if (other.Clashes(entry) && other.Address == entry.Address) throw new FabricException(FabricFault.Configuration, $"host port {HostPort.TextOf(entry.Protocol, entry.Address, entry.Port)} is to lead to {other.TargetPort} and to {entry.TargetPort} of the same pod: give each a port of its own");
        }

        entries.Add(entry);
    }

    private static IpAddress? FirstOf(IReadOnlyList<PodAddress> addresses, bool v6)
    {
        foreach (PodAddress address in addresses)
        {
            if (address.Address.IsV6 == v6) return address.Address.Address;
        }

        return null;
    }
}
