using FsCheck;
using FsCheck.Fluent;
using Twill.Fabric;
using Twill.Fabric.HostPorts;
using Twill.Fabric.Model;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Xunit;

namespace Twill.Tests.HostPorts;

public sealed class HostPortPlanTests
{
    private const byte Tcp = Nft.TcpProtocol, Udp = Nft.UdpProtocol;

    private static readonly HostPortHolder s_holder = new(new IfIndex(17), "twabcde0a580002");

    private static readonly PodAddress[] s_dual = [new(IpPrefix.Parse("10.88.0.2/24"), null), new(IpPrefix.Parse("fd88::2/64"), null), new(IpPrefix.Parse("10.99.0.2/24"), null)];

    private static string[] Lines(params HostPort[] ports) => [.. HostPortPlan.EntriesFor(ports, s_dual, s_holder).Select(e => $"{e.Map.Name} {e}")];

    private static IpAddress At(string address) => IpAddress.Parse(address);

    [Fact]
    public void Port_OfEveryAddress_LeadsToTheFirstOfEachFamily()
        => Assert.Equal(["any4 8080/tcp -> 10.88.0.2:80", "any6 8080/tcp -> [fd88::2]:80"], Lines(new HostPort(Tcp, 8080, 80)));

    [Theory]
    [InlineData("0.0.0.0", "any4 53/udp -> 10.88.0.2:5353")]
    [InlineData("::", "any6 53/udp -> [fd88::2]:5353")]
    [InlineData("127.0.0.1", "at4 127.0.0.1:53/udp -> 10.88.0.2:5353")]
    [InlineData("2001:db8::1", "at6 [2001:db8::1]:53/udp -> [fd88::2]:5353")]
    public void Port_OfOneAddress_IsOfItsFamilyOnly(string address, string line) => Assert.Equal([line], Lines(new HostPort(Udp, 53, 5353, At(address))));

    [Fact]
    public void Port_SaidTwice_IsOne_ToTwoPortsIsRefused()
    {
        Assert.Equal(2, Lines(new HostPort(Tcp, 80, 80), new HostPort(Tcp, 80, 80)).Length);
        Assert.Equal(4, Lines(new HostPort(Tcp, 80, 80), new HostPort(Udp, 80, 81)).Length);
        FabricException e = Assert.Throws<FabricException>(() => Lines(new HostPort(Tcp, 80, 80), new HostPort(Tcp, 80, 81)));
        Assert.Equal(FabricFault.Configuration, e.Kind);
        Assert.Contains("host port 80/tcp is to lead to 80 and to 81", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Port_OfAFamilyThatThePodHasNot_IsRefused_UnlessItMeansEveryAddress()
    {
        PodAddress[] v4 = [s_dual[0]];
        Assert.Empty(HostPortPlan.EntriesFor([new HostPort(Tcp, 80, 80, At("::"))], v4, s_holder));
        Assert.Single(HostPortPlan.EntriesFor([new HostPort(Tcp, 80, 80)], v4, s_holder));
        FabricException e = Assert.Throws<FabricException>(() => HostPortPlan.EntriesFor([new HostPort(Tcp, 80, 80, At("fd00::1"))], v4, s_holder));
        Assert.Contains("[fd00::1]:80/tcp -> 80 is of an IPv6 address", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("8080", "192.0.2.1:8080", true)]
    [InlineData("192.0.2.1:8080", "192.0.2.1:8080", true)]
    [InlineData("192.0.2.1:8080", "192.0.2.2:8080", false)]
    [InlineData("8080", "8081", false)]
    public void Entries_OnePacketCouldMeanBoth_Clash(string one, string other, bool clash)
    {
        HostPortEntry a = Entry(one), b = Entry(other);
        Assert.Equal((clash, clash), (a.Clashes(b), b.Clashes(a)));
        Assert.False(a.Clashes(b with { Protocol = Udp }));
        Assert.False(a.Clashes(b with { Target = At("fd88::2"), Address = null }));

        static HostPortEntry Entry(string text)
        {
            string[] parts = text.Split(':');
            return new HostPortEntry(Tcp, parts.Length > 1 ? At(parts[0]) : null, ushort.Parse(parts[^1]), At("10.88.0.2"), 80, s_holder);
        }
    }

    [Fact]
    public void Entry_WrittenAndRead_IsTheSame() => Prop.ForAll(
        (from protocol in Gen.Elements(Tcp, Udp, Nft.Sctp)
         from v6 in Gen.Elements(true, false)
         from address in Gen.Choose(0, int.MaxValue)
         from any in Gen.Elements(true, false)
         from port in Gen.Choose(1, 65535)
         from target in Gen.Choose(1, int.MaxValue)
         from to in Gen.Choose(1, 65535)
         from held in Gen.Elements(true, false)
         select new HostPortEntry(protocol, any ? null : Of(address, v6), (ushort)port, Of(target, v6), (ushort)to, held ? s_holder : null)).ToArbitrary(),
        entry => HostPortEntry.Read(entry.Map, entry.Element) == entry).QuickCheckThrowOnFailure();

    private static IpAddress Of(int value, bool v6) => new(v6 ? ((UInt128)0xfd88 << 112) | (uint)value : (uint)value, v6);

    [Theory]
    [InlineData("17 twabcde0a580002", true)]
    [InlineData("17", false)]
    [InlineData(" x", false)]
    [InlineData("-1 x", false)]
    [InlineData("0 x", false)]
    [InlineData("99999999999 x", false)]
    [InlineData(null, false)]
    public void Holder_OfAComment_OursOrNobody(string? comment, bool ours)
    {
        HostPortHolder? holder = HostPortHolder.Parse(comment);
        Assert.Equal(ours, holder is not null);
        if (ours) Assert.Equal(comment, holder!.Value.Comment);
    }

    [Theory]
    [InlineData("twill net=pods ports pod=default/web-0 if=eth0 ip=10.88.0.2/24", "default/web-0")]
    [InlineData("twill net=pods if=eth0 ip=10.88.0.2/24", "10.88.0.2/24")]
    [InlineData("something", "")]
    public void Alias_NamesThePodOrItsAddress(string alias, string name) => Assert.Equal(name, Identity.NameIn(alias));
}
