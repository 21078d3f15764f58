using System.Net;
using System.Net.Sockets;
using Twill.Linux.Netns;
using Twill.Linux.Route;
using Xunit;

namespace Twill.KernelTests.Fabric;

/// <summary>What programs in two pods say to each other: TCP and UDP, small, as large as a packet, and in pieces that somebody has to cut.</summary>
internal static class Conversation
{
    internal const int LargeBytes = 400_000;

    private const int TimeoutMs = 10_000, SOL_SOCKET = 1, SO_SNDBUFFORCE = 32, SO_RCVBUFFORCE = 33, BufferBytes = 8 << 20, UDP_SEGMENT = 103, SegmentBytes = 1000, Segmented = 10_500;

    /// <summary>Each byte sent is received, once.</summary>
    internal static void Hold(NetworkNamespace from, NetworkNamespace to, IpAddress address)
    {
        OverTcp(from, to, address, 1);
        OverTcp(from, to, address, LargeBytes);
        OverUdp(from, to, address, 1, 1);
        OverUdp(from, to, address, 1300, 1);
        OverUdp(from, to, address, Segmented, (Segmented + SegmentBytes - 1) / SegmentBytes);
    }

    internal static void OverTcp(NetworkNamespace from, NetworkNamespace to, IpAddress address, int bytes)
    {
        AddressFamily family = address.IsV6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        using Socket server = to.Run(() => new Socket(family, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = TimeoutMs }), client = from.Run(() => new Socket(family, SocketType.Stream, ProtocolType.Tcp) { SendTimeout = TimeoutMs });

        // A piece is at most half the window: one that has still to grow would make all of them small.
        server.SetRawSocketOption(SOL_SOCKET, SO_RCVBUFFORCE, BitConverter.GetBytes(BufferBytes));
        client.SetRawSocketOption(SOL_SOCKET, SO_SNDBUFFORCE, BitConverter.GetBytes(BufferBytes));
        server.Bind(new IPEndPoint(address.ToIPAddress(), 0));
        server.Listen(1);
        client.Connect(server.LocalEndPoint!);
        using Socket accepted = server.Accept();
        accepted.ReceiveTimeout = TimeoutMs;
        byte[] sent = Pattern(bytes), received = new byte[bytes];
        SocketException? refused = null;
        var sender = new Thread(() =>
        {
            try
            {
                client.Send(sent);
            }
            catch (SocketException e)
            {
                refused = e;
            }
        })
        { IsBackground = true };
        sender.Start();
        for (int at = 0, n; at < bytes; at += n) Assert.NotEqual(0, n = accepted.Receive(received, at, bytes - at, SocketFlags.None));
        sender.Join();
        Assert.Null(refused);
        Assert.True(sent.AsSpan().SequenceEqual(received));
    }

    private static void OverUdp(NetworkNamespace from, NetworkNamespace to, IpAddress address, int bytes, int packets)
    {
        AddressFamily family = address.IsV6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        using Socket server = to.Run(() => new Socket(family, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = TimeoutMs }), client = from.Run(() => new Socket(family, SocketType.Dgram, ProtocolType.Udp));
        server.Bind(new IPEndPoint(address.ToIPAddress(), 0));
        client.Connect(server.LocalEndPoint!);
        if (packets > 1) client.SetRawSocketOption((int)ProtocolType.Udp, UDP_SEGMENT, BitConverter.GetBytes(SegmentBytes));
        byte[] sent = Pattern(bytes), received = new byte[bytes];
        client.Send(sent);
        int at = 0;
        for (int i = 0; i < packets; i++) at += server.Receive(received, at, bytes - at, SocketFlags.None);
        Assert.True(sent.AsSpan().SequenceEqual(received));
    }

    private static byte[] Pattern(int bytes)
    {
        byte[] pattern = new byte[bytes];
        for (int i = 0; i < bytes; i++) pattern[i] = (byte)((i * 7) + (i >> 8) + 1);
        return pattern;
    }
}
