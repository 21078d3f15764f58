using System.Buffers.Binary;
using Twill.Fabric.Model;
using Twill.Linux.Nft;
using Twill.Linux.Route;

namespace Twill.Fabric.HostPorts;

/// <summary>One element of one map: this port of the node leads there, for as long as its holder lives.</summary>
/// <param name="Address">The node's address; null: each one of the target's family.</param>
/// <param name="Holder">Null: the element bears no holder of ours, so nobody vouches for it.</param>
public sealed record HostPortEntry(byte Protocol, IpAddress? Address, ushort Port, IpAddress Target, ushort TargetPort, HostPortHolder? Holder)
{
    public NftSet Map => Address is null ? HostPortTable.Any(Target.IsV6) : HostPortTable.At(Target.IsV6);

    public NftElement Element => Key.To(NftBytes.Concat(NftBytes.Of(Target), NftBytes.U16Be(TargetPort))) with { Comment = Holder?.Comment };

    /// <summary>What the packet loads: [ip daddr .] meta l4proto . th dport.</summary>
    private NftElement Key => Address is { } address
        ? NftElement.Of(NftBytes.Of(address), NftBytes.U8(Protocol), NftBytes.U16Be(Port))
        : NftElement.Of(NftBytes.U8(Protocol), NftBytes.U16Be(Port));

    /// <summary>An element as it was read.</summary>
    public static HostPortEntry Read(NftSet map, NftElement element)
    {
        ReadOnlySpan<byte> key = element.Key.Span, data = element.Data.GetValueOrDefault().Span;
        int length = HostPortTable.IsV6(map) ? 16 : 4;
        bool at = map.Key.Fields.Length == 3;
        int behind = at ? length : 0;
        return new HostPortEntry(
            key[behind],
            at ? IpAddress.Read(key[..length]) : null,
            BinaryPrimitives.ReadUInt16BigEndian(key[(behind + 4)..]),
            IpAddress.Read(data[..length]),
            BinaryPrimitives.ReadUInt16BigEndian(data[length..]),
            HostPortHolder.Parse(element.Comment));
    }

    /// <summary>Whether one packet could be meant by both: the same port of the same family, of the same address or with one that is every address.</summary>
    public bool Clashes(HostPortEntry other)
        => Protocol == other.Protocol && Port == other.Port && Target.IsV6 == other.Target.IsV6 && (Address is null || other.Address is null || Address == other.Address);

    public override string ToString() => $"{HostPort.TextOf(Protocol, Address, Port)} -> {(Target.IsV6 ? $"[{Target}]" : Target)}:{TargetPort}";
}
