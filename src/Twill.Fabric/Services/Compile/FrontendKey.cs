using System.Buffers.Binary;
using Twill.Fabric.Services.Model;
using Twill.Linux.Nft;
using Twill.Linux.Route;

namespace Twill.Fabric.Services.Compile;

/// <summary>What a client connects to: the key of every map of the table.</summary>
public readonly record struct FrontendKey(IpAddress Address, ServiceProtocol Protocol, ushort Port)
{
    /// <summary>Address, protocol and port as a concatenated key.</summary>
    public NftBytes Bytes() => NftBytes.Concat(NftBytes.Of(Address), NftBytes.U8((byte)Protocol), NftBytes.U16Be(Port));

    /// <summary>Reads what <see cref="Bytes"/> wrote.</summary>
    internal static FrontendKey Read(in NftBytes key)
    {
        ReadOnlySpan<byte> bytes = key.Span;
        return new FrontendKey(IpAddress.Read(bytes[..^8]), (ServiceProtocol)bytes[^8], BinaryPrimitives.ReadUInt16BigEndian(bytes[^4..]));
    }

    public override string ToString() => $"{new Backend(Address, Port)}/{Protocol.ToString().ToLowerInvariant()}";
}
