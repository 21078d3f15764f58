using Twill.Fabric.Model;
using Twill.Fabric.Services.Model;

namespace Twill.Fabric.Services.Compile;

/// <summary>The number under which a client's endpoint is remembered: of the endpoint itself, so that it outlives changes of the others.</summary>
/// <remarks>
/// A class of a queue, as it passes through the packet's priority: above those people give and below those the kernel gives by itself
/// (8000:), and with four low bits 0, as an ordinary packet has them. So no queue takes the first packet of a connection for another.
/// </remarks>
internal static class AffinityIds
{
    private const uint FirstMajor = 0x4000, Majors = 0x4000, Minors = 0xfff, Count = Majors * Minors;

    internal static uint[] Of(ReadOnlySpan<Backend> backends)
    {
        var ids = new uint[backends.Length];
        var taken = new HashSet<uint>(backends.Length);
        int[] order = new int[backends.Length];
        for (int i = 0; i < order.Length; i++) order[i] = i;
        Backend[] sorted = backends.ToArray();
        Array.Sort(sorted, order); // two of the same hash: the smaller keeps it, whatever their indexes
        for (int i = 0; i < sorted.Length; i++)
        {
            uint number = (uint)(Hash64.Of(sorted[i].ToString()) % Count);
            while (!taken.Add(number)) number = (number + 1) % Count; // ends: there are more numbers than endpoints
            ids[order[i]] = ClassOf(number);
        }

        return ids;
    }

    private static uint ClassOf(uint number) => ((FirstMajor + (number / Minors)) << 16) | (((number % Minors) + 1) << 4);
}
