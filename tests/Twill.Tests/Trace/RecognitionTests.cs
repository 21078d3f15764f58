using System.Buffers.Binary;
using Twill.Linux.Packet;
using Twill.Linux.Route;
using Twill.Linux.Tracepoint;
using Twill.Trace;
using Xunit;

namespace Twill.Tests.Trace;

public sealed class RecognitionTests
{
    private static readonly HopPoint s_point = new("node1", "eth0", true);

    public static TheoryData<string, bool> Kinds => new() { { "Icmp", false }, { "Icmp", true }, { "Tcp", false }, { "Tcp", true }, { "Udp", false }, { "Udp", true } };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Of_OwnPacketWithOtherAddresses_IsKnownByItsToken(string kind, bool v6)
    {
        Packet sent = Sent(Enum.Parse<TraceProtocol>(kind), v6), translated = sent with { Source = IpAddress.Parse(v6 ? "fd00::99" : "192.168.1.11"), SourcePort = 5 };
        Sighting sighting = See(Bytes(translated), sent)!;
        Assert.Equal((SightingKind.There, translated.Source), (sighting.Kind, sighting.Source));
        Assert.Null(See(Bytes(translated with { Token = sent.Token + 1 }), sent));
        Assert.Null(See(Bytes(translated)[..23], sent));
    }

    [Theory]
    [InlineData("Icmp", false)]
    [InlineData("Icmp", true)]
    [InlineData("Tcp", false)]
    public void Of_Answer_IsTheWayBack(string kind, bool v6)
    {
        Packet sent = Sent(Enum.Parse<TraceProtocol>(kind), v6);
        byte[] answer = Bytes(sent.Answer());
        Assert.Equal((SightingKind.Back, false), (See(answer, sent)!.Kind, See(answer, sent)!.Refused));
        if (kind != "Tcp") return;
        answer[20 + 13] = 0x14; // rst, ack
        Assert.True(See(answer, sent)!.Refused);
    }

    [Theory]
    [InlineData(3, 4, "Icmp", "Error", "too big, and may not be cut")]
    [InlineData(3, 1, "Tcp", "Error", "host unreachable")]
    [InlineData(3, 3, "Udp", "Back", "port unreachable")]
    [InlineData(11, 0, "Udp", "Error", "ttl used up")]
    public void Of_MessageAboutIt_SaysWhat(byte type, byte code, string kind, string expected, string words)
    {
        Packet sent = Sent(Enum.Parse<TraceProtocol>(kind), v6: false);
        byte[] message = [.. (sent with { Kind = TraceProtocol.Icmp, Length = 28, Source = IpAddress.Parse("10.244.1.1"), Destination = sent.Source }).NetworkHeader(), type, code, 0, 0, 0, 0, 0, 0, .. Bytes(sent)];
        Sighting sighting = See(message, sent)!;
        Assert.Equal((expected, words, "10.244.1.1"), (sighting.Kind.ToString(), sighting.Words, sighting.Source.ToString()));
    }

    [Theory]
    [InlineData("Icmp")]
    [InlineData("Tcp")]
    [InlineData("Udp")]
    public void Transport_V4_HasAChecksumThatSumsToZero(string kind)
    {
        Packet sent = Sent(Enum.Parse<TraceProtocol>(kind), v6: false);
        byte[] transport = sent.Transport();
        int length = transport.Length;
        if (length % 2 != 0) transport = [.. transport, 0];
        uint sum = 0;
        if (kind != "Icmp")
        {
            byte[] header = sent.NetworkHeader();
            for (int i = 12; i < 20; i += 2) sum += BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(i));
            sum += (uint)(sent.Protocol + length);
        }

        for (int i = 0; i < transport.Length; i += 2) sum += BinaryPrimitives.ReadUInt16BigEndian(transport.AsSpan(i));
        while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
        Assert.Equal(0xffffu, sum);
    }

    [Fact]
    public void TryParseFormat_OfThisKernelsKind_GivesOffsetAndNames()
    {
        const string Format = "name: kfree_skb\n\tfield:enum skb_drop_reason reason;\toffset:36;\tsize:4;\tsigned:0;\n\nprint fmt: \"reason: %s\", __print_symbolic(REC->reason, { 2, \"NOT_SPECIFIED\" }, { 12, \"NETFILTER_DROP\" })\n";
        Assert.True(DropReasons.TryParseFormat(Format, out int offset, out Dictionary<uint, string> names));
        Assert.Equal((36, "NETFILTER_DROP", 2), (offset, names[12], names.Count));
        Assert.False(DropReasons.TryParseFormat(Format.Replace(" reason;", " protocol;", StringComparison.Ordinal), out _, out _));
    }

    private static Packet Sent(TraceProtocol kind, bool v6) => new()
    {
        Source = IpAddress.Parse(v6 ? "fd00::2" : "10.244.1.2"),
        Destination = IpAddress.Parse(v6 ? "fd00::3" : "10.244.2.2"),
        Kind = kind,
        SourcePort = 40000,
        DestinationPort = 80,
        Length = kind == TraceProtocol.Tcp ? Packet.LeastLength(kind, v6) : 85,
        Token = 0x1122334455667788,
    };

    private static byte[] Bytes(Packet packet) => [.. packet.NetworkHeader(), .. packet.Transport()];

    private static Sighting? See(byte[] bytes, Packet sent)
        => Recognition.Of(bytes, new PacketArrival(new IfIndex(2), true, false, sent.IsV6 ? (ushort)0x86dd : (ushort)0x0800, 1, bytes.Length), s_point, sent);
}
