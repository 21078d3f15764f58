namespace Twill.Topo.Compare;

/// <summary>One thing that two states of a network do not have in common.</summary>
/// <param name="Kind">"pod", "node", "interface", "address", "route", "sysctl", "rule", ...</param>
/// <param name="Object">The thing, as the picture and ip(8) name it.</param>
/// <param name="In">The namespace; empty where the thing is one itself.</param>
/// <param name="Was">Null: it is new.</param>
/// <param name="Is">Null: it has gone.</param>
internal sealed record StateChange(string Kind, string Object, string In, string? Was, string? Is)
{
    internal char Sign => Was is null ? '+' : Is is null ? '-' : '~';

    /// <summary>As one line: "- route 10.244.2.0/24 via 192.168.1.12 dev eth0 on node1".</summary>
    internal string ToText(string arrow)
    {
        string where = In.Length == 0 ? "" : $" on {In}";
        return Sign == '~' ? $"~ {Kind} {Object}{where}: {Was} {arrow} {Is}" : $"{Sign} {Kind} {Object}{where}";
    }
}
