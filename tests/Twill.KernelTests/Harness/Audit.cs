using System.Globalization;
using System.Net;

namespace Twill.KernelTests.Harness;

/// <summary>Compares what a host holds with the attachments that should be there. Nothing of Fabric is used: the names are read by their documented form.</summary>
/// <remarks>
/// A host end is a veth named tw + 5 letters of network + 8 hexadecimal digits (or x + 7 letters), a further address of it is an alternative
/// name, its owner the alternative name twill:ID:IFNAME. An ifb is named ti + the rest, its owner twill-ifb:ID:IFNAME.
/// Everything else in the host but lo, the bridge and what the test put there is a leak.
/// </remarks>
public static class Audit
{
    private const int HeadLength = 7;
    private const int MaxPlainId = 101;

    /// <param name="known">Links that belong: bridges, what the test made itself.</param>
    /// <param name="rulesOfOthers">nftables tables that are not looked at ("ip nat").</param>
    /// <returns>One line for each thing leaked, doubled or missing; empty when all is well.</returns>
    public static IReadOnlyList<string> Problems(HostState state, IReadOnlyList<Attachment> expected, IReadOnlyCollection<string> known, params string[] rulesOfOthers)
    {
        var problems = new List<string>();
        var missing = expected.ToDictionary(a => $"twill:{a}", StringComparer.Ordinal);
        var missingIfbs = expected.Where(a => a.Shaped).Select(a => $"twill-ifb:{a}").ToHashSet(StringComparer.Ordinal);
        var holders = new Dictionary<string, string>(StringComparer.Ordinal);
        var tags = new HashSet<string>(StringComparer.Ordinal);
        foreach (LinkState link in state.Links)
        {
            if (link.Name == "lo" || known.Contains(link.Name)) continue;
            string? owner = link.AltNames.FirstOrDefault(n => n.StartsWith("twill:", StringComparison.Ordinal)), ifbOwner = link.AltNames.FirstOrDefault(n => n.StartsWith("twill-ifb:", StringComparison.Ordinal));
            if (link.AltNames.Count(n => n.StartsWith("twill", StringComparison.Ordinal)) > 1) problems.Add($"{link} has two owners");
            IReadOnlyList<string> claims = Claims(link);
            foreach (string address in claims)
            {
                if (!holders.TryAdd(address, link.Name)) problems.Add($"doubled address {address}: {holders[address]} and {link.Name}");
            }

            if (link.Kind == "veth" && owner is not null && Take(missing, owner) is { } attachment)
            {
                tags.Add(link.Name[2..HeadLength]);
                if (attachment.Addresses is { } addresses && !claims.Order(StringComparer.Ordinal).SequenceEqual(addresses.Select(Canonical).Order(StringComparer.Ordinal), StringComparer.Ordinal))
                    problems.Add($"{link} holds {string.Join(' ', claims)}, {attachment} was given {string.Join(' ', addresses)}");
                if (link.Master.Length > 0 && !known.Contains(link.Master)) problems.Add($"{link} is in {link.Master}");
                continue;
            }

            if (link.Kind == "ifb" && ifbOwner is not null && missingIfbs.Remove(ifbOwner)) continue;
            problems.Add($"leaked link {link}");
        }

        problems.AddRange(missing.Values.Select(a => $"attachment {a} is missing"));
        problems.AddRange(missingIfbs.Select(a => $"ifb {a} is missing"));
        Rules(state, holders, rulesOfOthers, problems);
        foreach (var neighbour in state.Neighbours)
        {
            string address = (string?)neighbour["dst"] ?? "";
            if (!holders.ContainsKey(Canonical(address)) && !known.Contains((string?)neighbour["dev"] ?? "")) problems.Add($"leaked neighbour {neighbour.ToJsonString()}");
        }

        return problems;

        static Attachment? Take(Dictionary<string, Attachment> from, string owner)
        {
            if (from.Remove(owner, out Attachment? exact)) return exact;
            if (!owner.StartsWith("twill:#", StringComparison.Ordinal)) return null;
            // An id too long for a name stands there as a hash, which this audit does not compute.
            string? key = from.Where(p => p.Value.ContainerId.Length > MaxPlainId && owner.EndsWith($":{p.Value.IfName}", StringComparison.Ordinal)).Select(p => p.Key).FirstOrDefault();
            return key is not null && from.Remove(key, out Attachment? hashed) ? hashed : null;
        }
    }

    /// <summary>Addresses that a link's name and alternative names hold, as text.</summary>
    public static IReadOnlyList<string> Claims(LinkState link)
    {
        var list = new List<string>();
        foreach (string name in link.AltNames.Prepend(link.Name))
        {
            if (!name.StartsWith("tw", StringComparison.Ordinal) || name.Contains(':', StringComparison.Ordinal) || name.Length < HeadLength + 8) continue;
            string digits = name[HeadLength..];
            if (digits.Length == 8 && uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint v4))
                list.Add(new IPAddress([(byte)(v4 >> 24), (byte)(v4 >> 16), (byte)(v4 >> 8), (byte)v4]).ToString());
            else if (digits.Length == 33 && digits[0] == '-')
                list.Add(new IPAddress(Convert.FromHexString(digits[1..])).ToString());
        }

        return list;
    }

    private static string Canonical(string address) => IPAddress.TryParse(address, out IPAddress? parsed) ? parsed.ToString() : address;

    private static void Rules(HostState state, Dictionary<string, string> holders, string[] rulesOfOthers, List<string> problems)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var links = state.Links.Select(l => l.Name).ToHashSet(StringComparer.Ordinal);
        foreach (NftObject rule in state.Rules)
        {
            if (rulesOfOthers.Contains(rule.Table)) continue;
            if (!rule.Table.Split(' ')[1].StartsWith("twill", StringComparison.Ordinal))
            {
                problems.Add($"a rule in a table that is not ours: {rule.Text}");
                continue;
            }

            if (!seen.Add(rule.Text)) problems.Add($"doubled rule in {rule.Place}: {rule.Text}");
            foreach (string word in rule.Text.Split('"'))
            {
                if (word.Length == 15 && word.StartsWith("tw", StringComparison.Ordinal) && !links.Contains(word)) problems.Add($"rule for {word}, which is gone: {rule.Text}");
                // Gateways and subnets are the network's; a single address that a pod could have must be one that a pod has.
                if (rule.Kind is "rule" or "set" or "map" && IsPodAddress(word) && !holders.ContainsKey(Canonical(word))) problems.Add($"rule for {word}, which nobody holds: {rule.Text}");
            }
        }
    }

    /// <summary>Test networks lie in 10.88.0.0/16 and fd88::/16; .0, .1 and .255, ::0 and ::1 belong to the network.</summary>
    private static bool IsPodAddress(string word)
    {
        if (!IPAddress.TryParse(word, out IPAddress? address)) return false;
        byte[] octets = address.GetAddressBytes();
        return octets.Length == 4 ? octets[0] == 10 && octets[1] == 88 && octets[3] is not (0 or 1 or 255) : octets[0] == 0xfd && octets[1] == 0x88 && octets[15] > 1;
    }
}
