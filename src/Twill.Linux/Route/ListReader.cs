using Twill.Linux.Netlink;

namespace Twill.Linux.Route;

/// <summary>Copies what a message says.</summary>
internal delegate T MessageParser<T>(in NetlinkMessage message);

/// <summary>Collects a dump's messages of one type as records.</summary>
internal readonly struct ListReader<T>(ushort type, MessageParser<T> parse) : INetlinkReader
{
    internal List<T> Items { get; } = [];

    public void Restart() => Items.Clear();

    public void Read(in NetlinkMessage message)
    {
        if (message.Type == type && parse(message) is { } item) Items.Add(item);
    }
}
