using System.Text;

namespace Twill.Fabric.Model;

/// <summary>What a host end says about itself in its alias, for people and for GC: network, pod, addresses.</summary>
/// <remarks>Like: ip link show, the line "alias twill net=lab pod=default/web-0 if=eth0 ip=10.244.1.2/24".</remarks>
public static class Identity
{
    /// <summary>IFALIASZ less the terminating NUL.</summary>
    public const int MaxBytes = 255;

    private const string Head = "twill net=";
    private const string ShapedMark = " shaped";

    public static string Of(string network, Owner owner, string podName, IReadOnlyList<PodAddress> addresses, bool shaped = false)
    {
        var text = new StringBuilder(Head).Append(network);
        if (shaped) text.Append(ShapedMark);
        if (podName.Length > 0) text.Append(" pod=").Append(podName);
        text.Append(" if=").Append(owner.IfName);
        for (int i = 0; i < addresses.Count; i++) text.Append(i == 0 ? " ip=" : ",").Append(addresses[i].Address);
        string alias = text.ToString();
        return Encoding.UTF8.GetByteCount(alias) <= MaxBytes ? alias : alias[..(MaxBytes / 4)];
    }

    /// <summary>Whether what the pod sends passes an ifb device.</summary>
    public static bool SaysShaped(string alias) => alias.StartsWith(Head, StringComparison.Ordinal) && alias.Contains(ShapedMark, StringComparison.Ordinal);

    /// <summary>Whether an alias is one of ours; then the network it names.</summary>
    public static bool TryNetwork(ReadOnlySpan<char> alias, out ReadOnlySpan<char> network)
    {
        network = [];
        if (!alias.StartsWith(Head, StringComparison.Ordinal)) return false;
        network = alias[Head.Length..];
        int end = network.IndexOf(' ');
        if (end >= 0) network = network[..end];
        return true;
    }
}
