using System.Net;

namespace Twill.Cni;

/// <summary>A route in a result or in the ipam section.</summary>
/// <param name="Dst">Destination.</param>
/// <param name="Gw">Next hop; null means the gateway of the subnet.</param>
/// <param name="Mtu">Path MTU in bytes.</param>
/// <param name="AdvMss">Maximal segment size to advertise, in bytes.</param>
/// <param name="Priority">Metric; lower wins.</param>
/// <param name="Table">Routing table id; null is the main table.</param>
/// <param name="Scope">rtm_scope: 0 universe, 253 link, 254 host.</param>
/// <remarks>Only 1.1.0 carries the fields from Mtu on. Source: CNI SPEC.md 1.1.0, section 5 "ADD Success".</remarks>
public sealed record CniRoute(IpCidr Dst, IPAddress? Gw = null, int? Mtu = null, int? AdvMss = null, uint? Priority = null, uint? Table = null, byte? Scope = null)
{
    internal static CniRoute Read(ref JsonInput json)
    {
        IpCidr? dst = null;
        var route = new CniRoute(default(IpCidr));
        json.Object();
        while (json.NextKey(out var key))
        {
            switch (key)
            {
                case "dst":
                    dst = json.Cidr();
                    break;
                case "gw":
                    route = route with { Gw = json.AddressOrNull() };
                    break;
                case "mtu":
                    route = route with { Mtu = json.Int32(0, int.MaxValue) };
                    break;
                case "advmss":
                    route = route with { AdvMss = json.Int32(0, int.MaxValue) };
                    break;
                case "priority":
                    route = route with { Priority = json.UInt32() };
                    break;
                case "table":
                    route = route with { Table = json.UInt32() };
                    break;
                case "scope":
                    route = route with { Scope = (byte)json.Int32(0, byte.MaxValue) };
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        return route with { Dst = dst ?? throw json.Invalid("dst is missing") };
    }
}
