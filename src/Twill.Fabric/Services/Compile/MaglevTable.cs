using Twill.Fabric.Model;
using Twill.Fabric.Services.Model;

namespace Twill.Fabric.Services.Compile;

/// <summary>Maglev's look-up table: each endpoint fills its own permutation of the slots in turn, so shares are even and a change moves few.</summary>
/// <remarks>Source: Eisenbud et al., Maglev: A Fast and Reliable Software Network Load Balancer, NSDI 2016, section 3.4.</remarks>
internal static class MaglevTable
{
    /// <summary>Prime; shares differ by about 1 percent at 10 endpoints. Each slot is an element in the kernel.</summary>
    internal const int Size = 1021;

    /// <returns>For each slot the index of its endpoint.</returns>
    internal static int[] Build(ReadOnlySpan<Backend> backends)
    {
        int count = backends.Length;
        var slots = new int[Size];
        Array.Fill(slots, -1);
        if (count == 0) return slots;
        int[] order = new int[count];
        for (int i = 0; i < count; i++) order[i] = i;
        Backend[] sorted = backends.ToArray();
        Array.Sort(sorted, order); // whose turn it is must not depend on indexes
        var offset = new int[count];
        var skip = new int[count];
        var next = new int[count];
        for (int i = 0; i < count; i++)
        {
            ulong hash = Hash64.Of(sorted[i].ToString());
            offset[i] = (int)(hash % Size);
            skip[i] = (int)((hash >> 32) % (Size - 1)) + 1;
        }

        for (int filled = 0; filled < Size;)
        {
            for (int i = 0; i < count && filled < Size; i++)
            {
                int slot;
                do slot = (offset[i] + (int)((long)next[i]++ * skip[i] % Size)) % Size; // a permutation: a free slot comes within Size steps
                while (slots[slot] >= 0);
                slots[slot] = order[i];
                filled++;
            }
        }

        return slots;
    }
}
