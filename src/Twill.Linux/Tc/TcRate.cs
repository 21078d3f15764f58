using System.Buffers.Binary;
using Twill.Linux.Uapi;

namespace Twill.Linux.Tc;

/// <summary>Rates in the units of the kernel's schedulers. Like: tc_calc_xmittime and tc_calc_rtable of iproute2's tc/tc_core.c.</summary>
/// <remarks>
/// A tick is 64 ns: PSCHED_SHIFT 6 in include/net/pkt_sched.h, told to user space by /proc/net/psched, the same on every kernel
/// since 2.6.31.
/// </remarks>
public static class TcRate
{
    public const double TicksPerSecond = 1e9 / 64;

    /// <summary>Largest packet of a rate table where nobody says otherwise, as tc has it.</summary>
    private const int TableMtu = 2047;

    /// <summary>How long <paramref name="bytes"/> take at the rate, in ticks, rounded up; as many as fit 32 bits.</summary>
    public static uint Ticks(ulong bytesPerSecond, uint bytes)
    {
        // In tc's order, microseconds first: another order rounds otherwise in the last digit.
        double ticks = 1e6 * (bytes / (double)bytesPerSecond) * (TicksPerSecond / 1e6);
        return (uint)Math.Min(Math.Ceiling(ticks), uint.MaxValue);
    }

    /// <summary>The reverse: bytes that pass in so many ticks.</summary>
    public static uint Bytes(ulong bytesPerSecond, uint ticks) => (uint)Math.Min(Math.Round(ticks / TicksPerSecond * bytesPerSecond), uint.MaxValue);

    /// <summary>struct tc_ratespec for a rate; the table's cells are so large that 256 of them cover a packet.</summary>
    internal static TcRateSpec Spec(ulong bytesPerSecond)
    {
        byte cellLog = 0;
        while (TableMtu >> cellLog > 255) cellLog++;
        return new TcRateSpec
        {
            cell_log = cellLog,
            linklayer = PktSchedUapi.TC_LINKLAYER_ETHERNET,
            cell_align = -1,
            rate = bytesPerSecond > uint.MaxValue ? uint.MaxValue : (uint)bytesPerSecond,
        };
    }

    /// <summary>The rate table: how long packets of each size take. The kernel computes it itself since 3.8, but demands one of old callers.</summary>
    internal static void WriteTable(Span<byte> table, in TcRateSpec spec, ulong bytesPerSecond)
    {
        for (int i = 0; i < PktSchedUapi.TC_RTAB_SIZE / 4; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(table[(i * 4)..], Ticks(bytesPerSecond, (uint)(i + 1) << spec.cell_log));
    }
}
