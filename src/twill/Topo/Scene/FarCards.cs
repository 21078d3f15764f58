using Twill.Linux.Route;

namespace Twill.Topo.Scene;

/// <summary>The router: its addresses on either side, and its routes to the nodes' pods where it has them.</summary>
internal sealed class RouterCard(TopologyRouter router, TopologyInternet? internet, ILookup<string, TopologyProblem> problems, LayoutOptions options) : Card(problems, 20)
{
    private const int MostRoutes = 8;

    /// <summary>The row at which the cable to the internet leaves it.</summary>
    internal int BorderRow { get; private set; }

    protected override void Content()
    {
        Put(TextRole.Name, router.Name, NodeCard.Stem + 2, router.Name, 2, onLine: true);
        Row = 1;
        PutProblems(router.Name, 3, 2);
        if (router.Lans.Count == 0) Side(router.LanKey, null, []);
        foreach (TopologyLan lan in router.Lans) Side(lan.Key, lan.Link.Name, lan.Addresses);
        PutRoutes(router.Name, [.. router.Routes.Where(r => r.Towards != internet?.Name || Bad(r.Key))], options, MostRoutes, 3);
        BorderRow = Row;
        if (router.Border is { } border)
        {
            string key = $"{router.Name}/{border.Name}";
            Side(key, border.Name, router.BorderAddresses);
        }

        Row++;
        Frame(Part.Router, router.Name);
    }

    private void Side(string key, string? device, IReadOnlyList<IpPrefix> addresses)
    {
        int after = device is null ? 2 : Put(TextRole.Port, key, 3, device, 2, bad: Bad(key));
        if (addresses.Count == 0)
        {
            Put(TextRole.Note, key, after + 1, device is null ? "no LAN" : "no address", 2);
            Row++;
        }

        foreach (IpPrefix address in addresses)
        {
            Put(TextRole.Address, key, after + 1, address.Address.ToString(), 2);
            Row++;
        }

        PutProblems(key, 3, 2);
    }
}

/// <summary>The internet, as the addresses that pods ping there.</summary>
internal sealed class InternetCard(TopologyInternet internet, ILookup<string, TopologyProblem> problems) : Card(problems, 16)
{
    protected override void Content()
    {
        Put(TextRole.Name, internet.Name, 3, internet.Name, 2, onLine: true);
        Row = 1;
        PutProblems(internet.Name, 3, 2);
        if (internet.Addresses.Count == 0)
        {
            Put(TextRole.Note, internet.Name, 3, "no address", 2);
            Row++;
        }

        foreach (IpPrefix address in internet.Addresses)
        {
            Put(TextRole.Address, internet.Name, 3, address.Address.ToString(), 2);
            Row++;
        }

        Row++;
        Frame(Part.Internet, internet.Name);
    }
}
