using System.Text;

namespace Twill.Linux.Nft;

/// <summary>Definitions as a script for nft -f, in the form of nft list ruleset. For people and for tests; nothing of ours reads it.</summary>
public static class NftText
{
    /// <summary>A table with what is in it; pass only what belongs to it.</summary>
    public static string Script(NftTable table, IEnumerable<NftSet> sets, IEnumerable<NftChain> chains, IEnumerable<NftRule> rules, Func<NftSet, IEnumerable<NftElement>>? elements = null)
    {
        var text = new StringBuilder();
        text.Append("table ").Append(table).Append(" {\n");
        if (table.Flags != NftTableFlags.None) text.Append("\tflags ").Append(table.Flags.ToString().ToLowerInvariant().Replace(" ", "", StringComparison.Ordinal)).Append('\n');
        if (table.Comment is not null) text.Append("\tcomment \"").Append(table.Comment).Append("\"\n");
        bool first = table.Comment is null && table.Flags == NftTableFlags.None;
        foreach (NftSet set in sets)
        {
            // nft puts an empty line between, but none behind the table's own lines.
            Append(text, set, elements?.Invoke(set));
            text.Append('\n');
            first = false;
        }

        List<NftRule> all = [.. rules];
        foreach (NftChain chain in chains)
        {
            Append(text, chain, all.Where(r => r.Chain.Name == chain.Name));
            text.Append('\n');
            first = false;
        }

        if (!first && text[^1] == '\n' && text[^2] == '\n') text.Length--;
        return text.Append("}\n").ToString();
    }

    /// <summary>"add rule inet twill postrouting ...": one line, as an administrator would type it behind nft.</summary>
    public static string Line(NftRule rule) => $"add rule {rule.Chain} {rule}";

    public static string Line(NftTable table) => table.Comment is null ? $"add table {table}" : $"add table {table} {{ comment \"{table.Comment}\"; }}";

    public static string Line(NftChain chain)
    {
        string inside = chain.Hook is { } hook ? $"{hook.ToText(chain.Table.Family)}; policy {chain.Policy ?? NftVerdict.Accept};" : "";
        if (chain.Comment is not null) inside += $"{(inside.Length == 0 ? "" : " ")}comment \"{chain.Comment}\";";
        return inside.Length == 0 ? $"add chain {chain}" : $"add chain {chain} {{ {inside} }}";
    }

    public static string Line(NftSet set) => $"add {(set.IsMap ? "map" : "set")} {set} {{ {string.Join(' ', Body(set).Select(l => $"{l};"))} }}";

    public static string Line(NftSet set, NftElement element) => $"add element {set} {{ {element.ToText(set)} }}";

    /// <summary>"1m30s", "250ms": as nft prints times.</summary>
    internal static string Duration(ulong milliseconds)
    {
        if (milliseconds == 0) return "0s";
        var text = new StringBuilder();
        void Part(ulong unitMs, string name)
        {
            if (milliseconds / unitMs != 0) text.Append(milliseconds / unitMs).Append(name);
            milliseconds %= unitMs;
        }

        Part(86_400_000, "d");
        Part(3_600_000, "h");
        Part(60_000, "m");
        Part(1000, "s");
        Part(1, "ms");
        return text.ToString();
    }

    internal static string Protocol(byte protocol) => protocol switch
    {
        Nft.Icmp => "icmp",
        2 => "igmp",
        Nft.TcpProtocol => "tcp",
        Nft.UdpProtocol => "udp",
        47 => "gre",
        50 => "esp",
        51 => "ah",
        Nft.Icmpv6 => "ipv6-icmp",
        Nft.Sctp => "sctp",
        _ => protocol.ToString(),
    };

    internal static string Icmp(byte type) => type switch
    {
        0 => "echo-reply",
        3 => "destination-unreachable",
        8 => "echo-request",
        11 => "time-exceeded",
        _ => type.ToString(),
    };

    internal static string Icmpv6(byte type) => type switch
    {
        1 => "destination-unreachable",
        2 => "packet-too-big",
        3 => "time-exceeded",
        128 => "echo-request",
        129 => "echo-reply",
        133 => "nd-router-solicit",
        134 => "nd-router-advert",
        135 => "nd-neighbor-solicit",
        136 => "nd-neighbor-advert",
        _ => type.ToString(),
    };

    private static void Append(StringBuilder text, NftSet set, IEnumerable<NftElement>? elements)
    {
        text.Append(set.IsMap ? "\tmap " : "\tset ").Append(set.Name).Append(" {\n");
        foreach (string line in Body(set)) text.Append("\t\t").Append(line).Append('\n');
        List<NftElement> all = [.. elements ?? []];
        if (all.Count > 0) text.Append("\t\telements = { ").AppendJoin(", ", all.Select(e => e.ToText(set))).Append(" }\n");
        text.Append("\t}\n");
    }

    private static List<string> Body(NftSet set)
    {
        var lines = new List<string>(8) { $"{(set.KeyExample is { } key ? $"typeof {key.Text}" : $"type {set.Key}")}{(set.DataExample is { } example ? $" : {example.Text}" : set.Data is { } data ? $" : {data}" : "")}" };
        if (set.Size != 0) lines.Add($"size {set.Size}");
        var flags = new List<string>(4);
        if (set.Constant) flags.Add("constant");
        if (set.Interval) flags.Add("interval");
        if (set.Dynamic) flags.Add("dynamic");
        // A default time to live says it already, unless the set is dynamic: as nft prints it.
        if (set.Timeout || set.TimeoutMs != 0) flags.Add("timeout");
        if (flags is not ["timeout"] || set.TimeoutMs == 0)
        {
            if (flags.Count > 0) lines.Add($"flags {string.Join(',', flags)}");
        }

        if (set.Counter) lines.Add("counter");
        if (set.TimeoutMs != 0) lines.Add($"timeout {Duration(set.TimeoutMs)}");
        if (set.AutoMerge) lines.Add("auto-merge");
        if (set.Comment is not null) lines.Add($"comment \"{set.Comment}\"");
        return lines;
    }

    private static void Append(StringBuilder text, NftChain chain, IEnumerable<NftRule> rules)
    {
        text.Append("\tchain ").Append(chain.Name).Append(" {\n");
        if (chain.Comment is not null) text.Append("\t\tcomment \"").Append(chain.Comment).Append("\"\n");
        if (chain.Hook is { } hook) text.Append("\t\t").Append(hook.ToText(chain.Table.Family)).Append("; policy ").Append(chain.Policy ?? NftVerdict.Accept).Append(";\n");
        foreach (NftRule rule in rules) text.Append("\t\t").Append(rule).Append('\n');
        text.Append("\t}\n");
    }
}
