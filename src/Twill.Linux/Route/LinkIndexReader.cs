using Twill.Linux.Netlink;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>Keeps a link's own index and its peer's.</summary>
internal struct LinkIndexReader : INetlinkReader
{
    internal bool Found { get; private set; }

    internal IfIndex Index { get; private set; }

    internal IfIndex LinkedIndex { get; private set; }

    public void Restart() => this = default;

    public void Read(in NetlinkMessage message)
    {
        if (message.Type != RtnetlinkUapi.RTM_NEWLINK) return;
        var link = new LinkView(message);
        Index = link.Index;
        LinkedIndex = link.LinkedIndex ?? default;
        Found = true;
    }
}
