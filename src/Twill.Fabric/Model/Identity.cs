using System.Text;

namespace Twill.Fabric.Model;

/// <summary>What a host end says about itself in its alias, for people and for GC: network, pod, addresses.</summary>
/// <remarks>Like: ip link show, the line "alias twill net=lab pod=default/web-0 if=eth0 ip=10.244.1.2/24".</remarks>
public static class Identity
{
    /// <summary>IFALIASZ less the terminating NUL.</summary>
    public const int MaxBytes = 255;

    private const string Head = "twill net=";
    private const int MaxPlainNetwork = 100;
    private const string ShapedMark = " shaped";
    private const string PortsMark = " ports";

    public static string Of(string network, Owner owner, string podName, IReadOnlyList<PodAddress> addresses, bool shaped = false, bool ports = false)
    {
        var text = new StringBuilder(Head).Append(KeyOf(network));
        if (shaped) text.Append(ShapedMark);
        if (ports) text.Append(PortsMark);
        if (podName.Length > 0) text.Append(" pod=").Append(podName);
        text.Append(" if=").Append(owner.IfName);
        for (int i = 0; i < addresses.Count; i++) text.Append(i == 0 ? " ip=" : ",").Append(addresses[i].Address);
        return Cut(text.ToString());
    }

    /// <summary>Whether an alias is a host end's of ours.</summary>
    public static bool IsOurs(string alias) => alias.StartsWith(Head, StringComparison.Ordinal);

    /// <summary>Whether what the pod sends passes an ifb device.</summary>
    public static bool SaysShaped(string alias) => alias.StartsWith(Head, StringComparison.Ordinal) && alias.Contains(ShapedMark, StringComparison.Ordinal);

    /// <summary>Whether ports of the node lead to the pod.</summary>
    public static bool SaysPorts(string alias) => alias.StartsWith(Head, StringComparison.Ordinal) && alias.Contains(PortsMark, StringComparison.Ordinal);

    /// <summary>What a person calls the pod, as an alias has it; else its addresses; else nothing.</summary>
    public static string NameIn(string alias)
    {
        foreach (string mark in (string[])[" pod=", " ip="])
        {
            int at = alias.IndexOf(mark, StringComparison.Ordinal);
            if (at < 0) continue;
            int end = alias.IndexOf(' ', at + mark.Length);
            return end < 0 ? alias[(at + mark.Length)..] : alias[(at + mark.Length)..end];
        }

        return "";
    }

    /// <summary>Whether an alias is one of ours and says this network, or another.</summary>
    /// <returns>Null: it is no alias of ours.</returns>
    public static bool? SaysNetwork(ReadOnlySpan<char> alias, string network)
    {
        if (!alias.StartsWith(Head, StringComparison.Ordinal)) return null;
        ReadOnlySpan<char> named = alias[Head.Length..];
        int end = named.IndexOf(' ');
        return (end < 0 ? named : named[..end]).SequenceEqual(KeyOf(network));
    }

    /// <summary>A network's name as aliases have it: in full, or where it is long as 65 bits of hash.</summary>
    private static string KeyOf(string network) => network.Length <= MaxPlainNetwork ? network : $"#{Hash64.Base32(Hash64.Of(network), 13)}";

    /// <summary>As much of the text as an alias holds; what matters stands at its beginning.</summary>
    private static string Cut(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) <= MaxBytes) return text;
        int length = Math.Min(text.Length, MaxBytes);
        while (Encoding.UTF8.GetByteCount(text.AsSpan(0, length)) > MaxBytes || char.IsHighSurrogate(text[length - 1])) length--;
        return text[..length];
    }
}
