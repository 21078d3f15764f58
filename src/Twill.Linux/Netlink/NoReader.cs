namespace Twill.Linux.Netlink;

/// <summary>Reads nothing: for whom the acknowledgement, or the event itself, is enough.</summary>
public readonly struct NoReader : INetlinkReader
{
    public void Restart()
    {
    }

    public void Read(in NetlinkMessage message)
    {
    }
}
