using FsCheck;
using FsCheck.Fluent;
using Twill.Fabric.Model;
using Twill.Linux.Route;
using Xunit;

namespace Twill.Tests.Fabric;

/// <summary>The names by which the kernel keeps addresses and owners single.</summary>
public sealed class NamesTests
{
    private static readonly string s_tag = ClaimName.Tag("lab");

    [Fact]
    public void Claim_OfIPv4_IsAnInterfaceNameThatSaysTheAddress()
    {
        string name = ClaimName.Of(s_tag, IpAddress.Parse("10.244.1.2"));
        Assert.Equal(15, name.Length);
        Assert.EndsWith("0af40102", name, StringComparison.Ordinal);
        Assert.True(ClaimName.TryParse(name, s_tag, out IpAddress back));
        Assert.Equal("10.244.1.2", back.ToString());
    }

    [Fact]
    public void Claim_OfAnyAddress_ReadsBack()
        => Prop.ForAll((from hi in Gen.Choose(0, int.MaxValue) from lo in Gen.Choose(0, int.MaxValue) from v6 in Gen.Elements(true, false) select (hi, lo, v6)).ToArbitrary(), c =>
        {
            var address = new IpAddress(c.v6 ? ((UInt128)c.hi << 80) | (uint)c.lo : (uint)c.lo, c.v6);
            string name = ClaimName.Of(s_tag, address);
            return name.Length <= 127 && ClaimName.TryParse(name, s_tag, out IpAddress back) && back == address;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("twxxxxx0af40102")] // another network's
    [InlineData("eth0")]
    [InlineData("tw")]
    [InlineData("")]
    public void Claim_OfSomebodyElse_IsNotRead(string name) => Assert.False(ClaimName.TryParse(name, s_tag, out _));

    [Fact]
    public void OwnerName_IsNeverAnAddressClaim()
    {
        for (int i = 0; i < 1000; i++) Assert.False(ClaimName.TryParse(ClaimName.OfOwner(s_tag, new Owner($"c{i}", "eth0")), s_tag, out _));
    }

    [Fact]
    public void Tag_OfManyNetworks_SeldomClashes() => Assert.True(Enumerable.Range(0, 2000).Select(i => ClaimName.Tag($"net-{i}")).Distinct(StringComparer.Ordinal).Count() > 1995);

    [Theory]
    [InlineData(64)]
    [InlineData(101)]
    [InlineData(102)]
    [InlineData(4000)]
    public void Owner_OfAnyIdLength_FitsAnAlternativeName(int length)
    {
        var owner = new Owner(new string('a', length), "a23456789012345");
        Assert.InRange(owner.AltName.Length, 1, 127);
        Assert.InRange(owner.IfbAltName.Length, 1, 127);
        Assert.NotEqual(owner.AltName, new Owner(new string('a', length - 1) + "b", "a23456789012345").AltName);
    }

    [Fact]
    public void Owner_AltName_ReadsBack()
    {
        Assert.True(Owner.TryParseAltName(new Owner("c1", "eth0").AltName, out ReadOnlySpan<char> key));
        Assert.Equal("c1:eth0", key);
        Assert.False(Owner.TryParseAltName("enp3s0", out _));
    }

    [Fact]
    public void Owner_HostMac_IsLocalAndUnicast()
    {
        MacAddress mac = new Owner("c1", "eth0").HostMac;
        Assert.False(mac.IsMulticast);
        Assert.NotEqual(mac, new Owner("c1", "eth1").HostMac);
        Assert.Equal(2UL, (mac.Value >> 40) & 2);
    }

    [Fact]
    public void Identity_IsReadBackByNetwork()
    {
        string alias = Identity.Of("lab", new Owner("c1", "eth0"), "default/web-0", [new PodAddress(IpPrefix.Parse("10.244.1.2/24"), null)]);
        Assert.Equal("twill net=lab pod=default/web-0 if=eth0 ip=10.244.1.2/24", alias);
        Assert.True(Identity.SaysNetwork(alias, "lab"));
        Assert.False(Identity.SaysNetwork(alias, "lab2"));
        Assert.Null(Identity.SaysNetwork("uplink of rack 3", "lab"));
    }

    [Theory]
    [InlineData(3, 200)]
    [InlineData(100, 300)]
    [InlineData(255, 10)]
    public void Identity_OfLongNames_KeepsNetworkAndShaping(int network, int pod)
    {
        string name = new('n', network);
        string alias = Identity.Of(name, new Owner("c1", "eth0"), new string('\u00e4', pod), [new PodAddress(IpPrefix.Parse("10.244.1.2/24"), null)], shaped: true);
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(alias), 1, Identity.MaxBytes);
        Assert.True(Identity.SaysNetwork(alias, name));
        Assert.False(Identity.SaysNetwork(alias, name + "x"));
        Assert.True(Identity.SaysShaped(alias));
    }
}
