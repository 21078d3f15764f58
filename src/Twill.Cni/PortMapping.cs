using System.Net;

namespace Twill.Cni;

/// <summary>A port of the host that should lead to a port of the pod.</summary>
/// <param name="HostPort">1 to 65535; an entry with 0 is dropped while reading.</param>
/// <param name="ContainerPort">1 to 65535.</param>
/// <param name="Protocol">tcp, udp or sctp, in lower case; tcp where none was given.</param>
/// <param name="HostIp">The host's address; null means all of them.</param>
/// <remarks>Source: CONVENTIONS.md, capability "portMappings"; the reference portmap plugin refuses host port 0, runtimes send it.</remarks>
public sealed record PortMapping(int HostPort, int ContainerPort, string Protocol, IPAddress? HostIp)
{
    internal static List<PortMapping> ReadList(ref JsonInput json)
    {
        var list = new List<PortMapping>();
        json.Array();
        while (json.NextItem())
        {
            var item = Read(ref json);
            if (item.HostPort != 0)
                list.Add(item);
        }

        return list;
    }

    private static PortMapping Read(ref JsonInput json)
    {
        var item = new PortMapping(0, 0, "tcp", null);
        json.Object();
        while (json.NextKey(out var key))
        {
            switch (key)
            {
                case "hostPort":
                    item = item with { HostPort = json.Int32(0, ushort.MaxValue) };
                    break;
                case "containerPort":
                    item = item with { ContainerPort = json.Int32(1, ushort.MaxValue) };
                    break;
                case "protocol":
                    var name = json.String().ToLowerInvariant();
                    item = item with { Protocol = name is "tcp" or "udp" or "sctp" ? name : throw json.Invalid("expected tcp, udp or sctp") };
                    break;
                case "hostIP":
                    item = item with { HostIp = json.AddressOrNull() };
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        return item.ContainerPort == 0 ? throw json.Invalid("containerPort is missing") : item;
    }

    public override string ToString() => $"{HostPort}->{ContainerPort}/{Protocol}";
}
