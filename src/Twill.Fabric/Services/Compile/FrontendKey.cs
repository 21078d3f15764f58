using Twill.Fabric.Services.Model;
using Twill.Linux.Nft;
using Twill.Linux.Route;

namespace Twill.Fabric.Services.Compile;

/// <summary>What a client connects to: the key of every map of the table.</summary>
public readonly record struct FrontendKey(IpAddress Address, ServiceProtocol Protocol, ushort Port)
{
    /// <summary>Address, protocol and port as a concatenated key.</summary>
    public NftBytes Bytes() => NftBytes.Concat(NftBytes.Of(Address), NftBytes.U8((byte)Protocol), NftBytes.U16Be(Port));

    public override string ToString() => $"{new Backend(Address, Port)}/{Protocol.ToString().ToLowerInvariant()}";
}
