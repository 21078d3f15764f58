using Twill.Fabric.Model;
using Twill.Fabric.Services.Model;

namespace Twill.Fabric.Services.Compile;

/// <summary>The number under which a client's endpoint is remembered: of the endpoint itself, so that it outlives changes of the others.</summary>
internal static class AffinityIds
{
    internal const uint Mask = 0x7fff_ffff;

    internal static uint[] Of(ReadOnlySpan<Backend> backends)
    {
        var ids = new uint[backends.Length];
        var taken = new Dictionary<uint, int>(backends.Length);
        int[] order = new int[backends.Length];
        for (int i = 0; i < order.Length; i++) order[i] = i;
        Backend[] sorted = backends.ToArray();
        Array.Sort(sorted, order); // two of the same hash: the smaller keeps it, whatever their indexes
        for (int i = 0; i < sorted.Length; i++)
        {
            uint id = (uint)Hash64.Of(sorted[i].ToString()) & Mask;
            while (!taken.TryAdd(id, i)) id = (id + 1) & Mask; // ends: there are more numbers than endpoints
            ids[order[i]] = id;
        }

        return ids;
    }
}
