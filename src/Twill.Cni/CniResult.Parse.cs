using System.Net;

namespace Twill.Cni;

public sealed partial record CniResult
{
    /// <summary>Reads a result in any of the four forms.</summary>
    /// <param name="utf8">The object, e.g. a delegated plugin's stdout.</param>
    /// <param name="requested">The request's version, for a result that does not say its own.</param>
    /// <param name="what">What the object is called in messages.</param>
    /// <exception cref="CniException">Code 6: not JSON. Code 7: not a result, with field and value.</exception>
    /// <remarks>
    /// A cniVersion inside decides over the request's, as in libcni's fixupResultVersion. An index that points nowhere is kept:
    /// others' results are not ours to correct, and <see cref="Write"/> would refuse it.
    /// </remarks>
    public static CniResult Parse(ReadOnlySpan<byte> utf8, SpecVersion requested, string what = "result")
    {
        var version = OwnVersion(utf8, what) ?? requested;
        var old = version.ResultForm == ResultForm.Ip4Ip6;
        var result = new CniResult();
        var routes = new List<CniRoute>();
        var ips = new List<CniIp>();
        var json = new JsonInput(utf8, what);
        json.Object();
        while (json.NextKey(out var key))
        {
            switch (key)
            {
                case "ip4" when old:
                    ReadOldIp(ref json, isIPv4: true, ips, routes);
                    break;
                case "ip6" when old:
                    ReadOldIp(ref json, isIPv4: false, ips, routes);
                    break;
                case "interfaces" when !old:
                    result = result with { Interfaces = ReadInterfaces(ref json) };
                    break;
                case "ips" when !old:
                    ips.Clear();
                    json.Array();
                    while (json.NextItem())
                        ips.Add(ReadIp(ref json));
                    break;
                case "routes" when !old:
                    routes.Clear();
                    json.Array();
                    while (json.NextItem())
                        routes.Add(CniRoute.Read(ref json));
                    break;
                case "dns":
                    result = result with { Dns = CniDns.Read(ref json) };
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        json.End();
        // Of the old form ip6 may come first in the text; ours has IPv4 first, as libcni converts it.
        if (old && ips.Count == 2 && !ips[0].Address.IsIPv4)
            ips.Reverse();
        return result with { Ips = ips, Routes = routes };
    }

    private static SpecVersion? OwnVersion(ReadOnlySpan<byte> utf8, string what)
    {
        SpecVersion? version = null;
        var json = new JsonInput(utf8, what);
        json.Object();
        while (json.NextKey(out var key))
        {
            if (key != "cniVersion")
                json.Skip();
            else if (json.StringOrNull() is { } text)
                version = SpecVersion.TryParse(text, out var known) ? known : throw json.Invalid("is not a version we can read");
        }

        return version;
    }

    private static List<CniInterface> ReadInterfaces(ref JsonInput json)
    {
        var list = new List<CniInterface>();
        json.Array();
        while (json.NextItem())
        {
            var item = new CniInterface("");
            json.Object();
            while (json.NextKey(out var key))
            {
                switch (key)
                {
                    case "name":
                        item = item with { Name = json.String() };
                        break;
                    case "mac":
                        item = item with { Mac = json.StringOrNull() };
                        break;
                    case "mtu":
                        item = item with { Mtu = json.Int32(0, int.MaxValue) };
                        break;
                    case "sandbox":
                        item = item with { Sandbox = json.StringOrNull() };
                        break;
                    case "socketPath":
                        item = item with { SocketPath = json.StringOrNull() };
                        break;
                    case "pciID":
                        item = item with { PciId = json.StringOrNull() };
                        break;
                    default:
                        json.Skip();
                        break;
                }
            }

            list.Add(item.Name.Length > 0 ? item : throw json.Invalid("name is missing"));
        }

        return list;
    }

    private static CniIp ReadIp(ref JsonInput json)
    {
        IpCidr? address = null;
        IPAddress? gateway = null;
        int? index = null;
        var version = "";
        json.Object();
        while (json.NextKey(out var key))
        {
            switch (key)
            {
                case "address":
                    address = json.Cidr();
                    break;
                case "gateway":
                    gateway = json.AddressOrNull();
                    break;
                case "interface":
                    index = json.Int32(int.MinValue, int.MaxValue);
                    break;
                case "version":
                    version = json.String();
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        if (address is not { } cidr)
            throw json.Invalid("address is missing");
        if (version.Length > 0 && version != VersionOf(cidr))
            throw json.Invalid($"version {CniException.Quote(version)} is not that of {cidr}");
        return new CniIp(cidr, gateway, index);
    }

    private static void ReadOldIp(ref JsonInput json, bool isIPv4, List<CniIp> ips, List<CniRoute> routes)
    {
        IpCidr? address = null;
        IPAddress? gateway = null;
        json.Object();
        while (json.NextKey(out var key))
        {
            switch (key)
            {
                case "ip":
                    address = json.Cidr();
                    break;
                case "gateway":
                    gateway = json.AddressOrNull();
                    break;
                case "routes":
                    json.Array();
                    while (json.NextItem())
                        routes.Add(CniRoute.Read(ref json));
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        if (address is not { } cidr)
            throw json.Invalid("ip is missing");
        if (cidr.IsIPv4 != isIPv4)
            throw json.Invalid($"{cidr} is of the other family");
        ips.RemoveAll(ip => ip.Address.IsIPv4 == isIPv4);
        ips.Add(new CniIp(cidr, gateway));
    }

    private static string VersionOf(IpCidr cidr) => cidr.IsIPv4 ? "4" : "6";
}
