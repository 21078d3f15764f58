using System.Buffers.Binary;
using Twill.Linux.Netlink;
using Twill.Linux.Route;
using Twill.Linux.Tc;
using Twill.Linux.Uapi;
using Xunit;

namespace Twill.Tests.Linux;

/// <summary>Any bytes end in a value or a NetlinkProtocolException. Answers of a real kernel, damaged with a fixed seed.</summary>
public sealed class MutationTests
{
    private const int Rounds = 20_000;

    /// <summary>What to read; its messages are found in all captures by type.</summary>
    public static TheoryData<string, ushort, Action<byte[]>> Parsers => new()
    {
        { "link", RtnetlinkUapi.RTM_NEWLINK, b => Each(b, static (in NetlinkMessage m) => { var v = new LinkView(m); _ = v.HasAltName("x"u8); _ = v.AltNameWithPrefix("x"u8); _ = v.ToLink(); }) },
        { "address", RtnetlinkUapi.RTM_NEWADDR, b => Each(b, static (in NetlinkMessage m) => new AddressView(m).ToAddress().ToString()) },
        { "route", RtnetlinkUapi.RTM_NEWROUTE, b => Each(b, static (in NetlinkMessage m) => { if (RouteView.IsIp(m)) _ = new RouteView(m).ToRoute().ToString(); }) },
        { "neighbour", RtnetlinkUapi.RTM_NEWNEIGH, b => Each(b, static (in NetlinkMessage m) => new NeighbourView(m).ToNeighbour().ToString()) },
        { "rule", RtnetlinkUapi.RTM_NEWRULE, b => Each(b, static (in NetlinkMessage m) => new RuleView(m).ToSpec().ToString()) },
        { "qdisc", RtnetlinkUapi.RTM_NEWQDISC, b => Each(b, static (in NetlinkMessage m) => new QdiscView(m).ToQdisc().ToString()) },
        { "filter", RtnetlinkUapi.RTM_NEWTFILTER, b => Each(b, static (in NetlinkMessage m) => new FilterView(m).ToFilter().ToString()) },
        { "namespace id", RtnetlinkUapi.RTM_NEWNSID, b => Each(b, static (in NetlinkMessage m) => NamespaceIdRequests.Read(m)) },
        { "event", 0, b => Each(b, static (in NetlinkMessage m) => { var r = new RouteEventReader<Nothing>(default); r.Read(m); }) },
        { "done", NetlinkUapi.NLMSG_ERROR, b => Each(b, static (in NetlinkMessage m) => { _ = m.ReadDone(); _ = m.ReadError(0); }) },
        { "error", NetlinkUapi.NLMSG_ERROR, b => Each(b, static (in NetlinkMessage m) => m.ReadError(0)) },
    };

    [Theory]
    [MemberData(nameof(Parsers), DisableDiscoveryEnumeration = true)]
    public void Parser_AnyBytes_EndInValueOrProtocolException(string what, ushort type, Action<byte[]> parse)
    {
        byte[][] seeds = Seeds(type);
        var random = new Random(20261120);
        int refused = 0;
        for (int round = 0; round < Rounds; round++)
        {
            byte[] bytes = Mutate(random, seeds);
            try
            {
                parse(bytes);
            }
            catch (NetlinkProtocolException)
            {
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"{what}, round {round}: {e.GetType().Name} {e.Message}\n{Convert.ToHexString(bytes)}");
            }
        }

        // Neither all accepted (nothing was damaged) nor all refused (nothing was read).
        Assert.InRange(refused, Rounds / 100, Rounds - (Rounds / 20));
    }

    private static byte[][] Seeds(ushort type)
    {
        List<byte[]> seeds = [];
        foreach (string name in Capture.Names)
        {
            var capture = Capture.Load(name);
            foreach (byte[] message in capture.Messages.Concat(capture.Sent))
            {
                ushort its = BinaryPrimitives.ReadUInt16LittleEndian(message.AsSpan(4));
                if (its == type || (type == 0 && its != NetlinkUapi.NLMSG_ERROR) || (type == RtnetlinkUapi.RTM_NEWNSID && its is >= RtnetlinkUapi.RTM_NEWNSID and <= RtnetlinkUapi.RTM_GETNSID)) seeds.Add(message);
            }
        }

        Assert.NotEmpty(seeds);
        return [.. seeds];
    }

    private static byte[] Mutate(Random random, byte[][] seeds)
    {
        byte[] bytes = (byte[])seeds[random.Next(seeds.Length)].Clone();
        for (int change = random.Next(1, 4); change > 0; change--)
        {
            switch (random.Next(5))
            {
                case 0: // a bit
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                    break;
                case 1: // a byte
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                    break;
                case 2: // cut off, the header's length agreeing half of the time
                    bytes = bytes[..random.Next(16, bytes.Length + 1)];
                    if (random.Next(2) == 0) BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length);
                    break;
                case 3: // a length, perhaps of an attribute
                    int at = random.Next(16, Math.Max(17, bytes.Length - 2)) & ~3;
                    if (at + 2 <= bytes.Length) BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), (ushort)random.Next(0, 80));
                    break;
                default: // the tail of another message
                    byte[] other = seeds[random.Next(seeds.Length)];
                    bytes = [.. bytes[..(random.Next(16, bytes.Length + 1) & ~3)], .. other[(random.Next(16, other.Length + 1) & ~3)..]];
                    BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length);
                    break;
            }
        }

        return bytes;
    }

    private delegate void Reader(in NetlinkMessage message);

    private static void Each(byte[] bytes, Reader read)
    {
        ReadOnlySpan<byte> rest = bytes;
        while (NetlinkMessage.TryRead(ref rest, out NetlinkMessage message)) read(message);
    }

    private readonly struct Nothing : IRouteEvents;
}
