using System.Text;
using Twill.Linux.Netlink;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>How a request names a link: by index, or by name or alternative name. Converts from both.</summary>
/// <remarks>
/// A name lets a message follow the link's creation in the same batch, where the index is not known yet. But the kernel goes on
/// after a refused creation: a later message by name then reaches whoever has the name.
/// </remarks>
public readonly record struct LinkKey
{
    /// <summary>UTF-8 bytes a name holds at most, without the terminating NUL; alternative names hold more.</summary>
    public const int MaxNameBytes = IfUapi.IFNAMSIZ - 1;

    /// <inheritdoc cref="MaxNameBytes"/>
    public const int MaxAltNameBytes = IfUapi.ALTIFNAMSIZ - 1;

    private LinkKey(IfIndex index, string? name)
    {
        Index = index;
        Name = name;
    }

    /// <summary>0 where the key is a name.</summary>
    public IfIndex Index { get; }

    public string? Name { get; }

    public static implicit operator LinkKey(IfIndex index) => new(index, null);

    public static implicit operator LinkKey(string name) => new(default, name);

    public override string ToString() => Name ?? $"#{Index}";

    internal void WriteName(NetlinkBatch batch)
    {
        if (Name is not null) batch.String(Encoding.UTF8.GetByteCount(Name) <= MaxNameBytes ? IfLinkUapi.IFLA_IFNAME : IfLinkUapi.IFLA_ALT_IFNAME, Name);
    }
}
