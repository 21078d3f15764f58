using Twill.Linux.Netlink;
using Twill.Linux.Route;

namespace Twill.Fabric.Apply;

/// <summary>Keeps a copy of the one link that was asked for.</summary>
internal struct OneLink : INetlinkReader
{
    internal Link? Link { get; private set; }

    public void Restart() => Link = null;

    public void Read(in NetlinkMessage message) => Link = new LinkView(message).ToLink();
}

/// <summary>Keeps copies of the links that are one network's, or of all networks: host ends and ifb devices, by their names.</summary>
internal struct OurLinks(string? tag) : INetlinkReader
{
    internal List<Link> Links { get; } = [];

    /// <summary>Group numbers in use on this node, by anybody's links.</summary>
    internal HashSet<uint> Groups { get; } = [];

    public readonly void Restart()
    {
        Links.Clear();
        Groups.Clear();
    }

    public readonly void Read(in NetlinkMessage message)
    {
        var view = new LinkView(message);
        Groups.Add(view.Group);
        if (view.Name.Length != 15 || view.Name[0] != (byte)'t' || (view.Name[1] != (byte)'w' && view.Name[1] != (byte)'i')) return;
        if (!view.Kind.SequenceEqual("veth"u8) && !view.Kind.SequenceEqual("ifb"u8)) return;
        if (tag is not null && !AsciiEquals(view.Name.Slice(2, tag.Length), tag)) return;
        Links.Add(view.ToLink());
    }

    private static bool AsciiEquals(ReadOnlySpan<byte> ascii, string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (ascii[i] != text[i]) return false;
        }

        return true;
    }
}
