using Twill.Linux.Nft;

namespace Twill.Trace;

/// <summary>The 16 words of 4 bytes that a rule calculates in. Source: struct nft_regs, include/net/netfilter/nf_tables.h.</summary>
internal sealed class RuleRegisters
{
    private readonly byte[] _bytes = new byte[64];

    internal ReadOnlySpan<byte> Get(NftRegister register, int length) => _bytes.AsSpan(At(register), length);

    /// <summary>Writes whole words; what is behind the value in the last one is zero.</summary>
    internal void Set(NftRegister register, ReadOnlySpan<byte> value)
    {
        Span<byte> place = _bytes.AsSpan(At(register), Math.Min((value.Length + 3) & ~3, _bytes.Length - At(register)));
        place.Clear();
        value[..Math.Min(value.Length, place.Length)].CopyTo(place);
    }

    internal void Set(NftRegister register, uint hostOrder) => Set(register, BitConverter.GetBytes(hostOrder));

    internal void Set(NftRegister register, byte value) => Set(register, [value]);

    /// <summary>Registers 1 to 4 have 16 bytes, those from 8 on have 4.</summary>
    private static int At(NftRegister register) => register.Number < 8 ? (int)(register.Number - 1) * 16 : (int)(register.Number - 8) * 4;
}
