using Twill.Linux.Route;

namespace Twill.Fabric.Model;

/// <summary>A port of the node that leads to a port of the pod.</summary>
/// <param name="Protocol">IPPROTO_TCP, _UDP or _SCTP.</param>
/// <param name="Address">The node's address; null: every address of the node, of each family that the pod has. 0.0.0.0 and :: are every address of that family.</param>
public sealed record HostPort(byte Protocol, ushort Port, ushort PodPort, IpAddress? Address = null)
{
    /// <summary>"192.168.1.11:8080/tcp", "[fd00::1]:53/udp"; "8080/tcp" of every address.</summary>
    public static string TextOf(byte protocol, IpAddress? address, ushort port)
    {
        string place = address is not { } a ? $"{port}" : a.IsV6 ? $"[{a}]:{port}" : $"{a}:{port}";
        return $"{place}/{(protocol switch { Linux.Nft.Nft.TcpProtocol => "tcp", Linux.Nft.Nft.UdpProtocol => "udp", _ => "sctp" })}";
    }

    public override string ToString() => $"{TextOf(Protocol, Address, Port)} -> {PodPort}";
}
