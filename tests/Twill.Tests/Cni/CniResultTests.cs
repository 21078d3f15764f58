using System.Net;
using System.Text;
using Twill.Cni;
using Xunit;

namespace Twill.Tests.Cni;

/// <summary>One result, and how it must look in each version.</summary>
public sealed class CniResultTests
{
    private static IpCidr Cidr(string text) => IpCidr.TryParse(text, out var cidr) ? cidr : throw new ArgumentException(text);

    private static CniResult Dual { get; } = new()
    {
        Interfaces =
        [
            new CniInterface("cni0", "0a:00:00:00:00:01"),
            new CniInterface("tw1", "0a:00:00:00:00:02", 1450),
            new CniInterface("eth0", "0a:58:0a:01:00:07", 1450, "/run/netns/a", "/s.sock", "0000:00:1f.6"),
        ],
        Ips = [new CniIp(Cidr("10.1.0.7/24"), IPAddress.Parse("10.1.0.1"), 2), new CniIp(Cidr("fd00::7/64"), null, 2)],
        Routes =
        [
            new CniRoute(Cidr("0.0.0.0/0"), IPAddress.Parse("10.1.0.1"), 1400, 1360, 7, 100, 253),
            new CniRoute(Cidr("::/0")),
        ],
        Dns = new CniDns { Nameservers = ["10.1.0.10"], Domain = "a.b", Search = ["c"], Options = ["ndots:5"] },
    };

    private const string DnsText = """ "dns": {"nameservers": ["10.1.0.10"], "domain": "a.b", "search": ["c"], "options": ["ndots:5"]} """;

    private const string Old = """
        {"cniVersion": "@",
         "ip4": {"ip": "10.1.0.7/24", "gateway": "10.1.0.1", "routes": [{"dst": "0.0.0.0/0", "gw": "10.1.0.1"}]},
         "ip6": {"ip": "fd00::7/64", "routes": [{"dst": "::/0"}]},
        """ + DnsText + "}";

    private const string Middle = """
        {"cniVersion": "@",
         "interfaces": [{"name": "cni0", "mac": "0a:00:00:00:00:01"}, {"name": "tw1", "mac": "0a:00:00:00:00:02"}, {"name": "eth0", "mac": "0a:58:0a:01:00:07", "sandbox": "/run/netns/a"}],
         "ips": [{"version": "4", "interface": 2, "address": "10.1.0.7/24", "gateway": "10.1.0.1"}, {"version": "6", "interface": 2, "address": "fd00::7/64"}],
         "routes": [{"dst": "0.0.0.0/0", "gw": "10.1.0.1"}, {"dst": "::/0"}],
        """ + DnsText + "}";

    private const string Full = """
        {"cniVersion": "1.1.0",
         "interfaces": [{"name": "cni0", "mac": "0a:00:00:00:00:01"}, {"name": "tw1", "mac": "0a:00:00:00:00:02", "mtu": 1450},
            {"name": "eth0", "mac": "0a:58:0a:01:00:07", "mtu": 1450, "sandbox": "/run/netns/a", "socketPath": "/s.sock", "pciID": "0000:00:1f.6"}],
         "ips": [{"interface": 2, "address": "10.1.0.7/24", "gateway": "10.1.0.1"}, {"interface": 2, "address": "fd00::7/64"}],
         "routes": [{"dst": "0.0.0.0/0", "gw": "10.1.0.1", "mtu": 1400, "advmss": 1360, "priority": 7, "table": 100, "scope": 253}, {"dst": "::/0"}],
        """ + DnsText + "}";

    private static string Expected(string version) => version switch
    {
        "0.1.0" or "0.2.0" => Old.Replace("@", version),
        "1.0.0" => Middle.Replace("@", version).Replace("\"version\": \"4\", ", "").Replace("\"version\": \"6\", ", ""),
        "1.1.0" => Full,
        _ => Middle.Replace("@", version),
    };

    /// <summary>What of <see cref="Dual"/> a version can carry.</summary>
    private static CniResult Carried(SpecVersion version) => version.ResultForm switch
    {
        ResultForm.Full => Dual,
        ResultForm.Ip4Ip6 => Dual.WithoutInterfaces() with { Routes = [.. Dual.Routes.Select(r => new CniRoute(r.Dst, r.Gw))] },
        _ => Dual with
        {
            Interfaces = [.. Dual.Interfaces.Select(i => new CniInterface(i.Name, i.Mac, null, i.Sandbox))],
            Routes = [.. Dual.Routes.Select(r => new CniRoute(r.Dst, r.Gw))],
        },
    };

    public static TheoryData<string> Versions => [.. SpecVersion.Supported.Select(v => v.Text)];

    [Theory]
    [Trait("cni", "A03")]
    [Trait("cni", "R01")]
    [Trait("cni", "R02")]
    [Trait("cni", "R04")]
    [Trait("cni", "R05")]
    [Trait("cni", "R06")]
    [MemberData(nameof(Versions))]
    public void Write_EachVersion_HasExactlyItsForm(string version) => CniAssert.Json(Expected(version), Dual.Write(SpecVersion.Parse(version)));

    [Theory]
    [Trait("cni", "C08")]
    [Trait("cni", "R09")]
    [MemberData(nameof(Versions))]
    public void Parse_EachVersion_ReadsItsForm(string version)
    {
        var spec = SpecVersion.Parse(version);
        Assert.Equal(Carried(spec), CniResult.Parse(Encoding.UTF8.GetBytes(Expected(version)), SpecVersion.Newest));
        // Without a version of its own it is read in the request's form.
        Assert.Equal(Carried(spec), CniResult.Parse(Encoding.UTF8.GetBytes(Expected(version).Replace($"\"cniVersion\": \"{version}\",", "")), spec));
    }

    [Fact]
    [Trait("cni", "R09")]
    public void Convert_BetweenAnyTwoVersions_LosesNothingTheTargetCarries()
    {
        foreach (var from in SpecVersion.Supported)
        {
            foreach (var to in SpecVersion.Supported)
            {
                var there = CniResult.Parse(Dual.Write(from), from);
                var back = CniResult.Parse(there.Write(to), to);
                var poorer = from.ResultForm < to.ResultForm ? from : to;
                Assert.Equal(Carried(poorer), back);
            }
        }
    }

    [Fact]
    [Trait("cni", "A04")]
    public void Convert_PrevResultOfOthers_KeepsEverythingAndTheIndices()
    {
        var prev = CniAssert.With($"\"prevResult\": {Full}").PrevResult!;
        var more = prev with { Interfaces = [.. prev.Interfaces, new CniInterface("ifb0")] };
        Assert.Equal(Dual with { Interfaces = [.. Dual.Interfaces, new CniInterface("ifb0")] }, CniResult.Parse(more.Write(SpecVersion.Newest), SpecVersion.Newest));
    }

    [Theory]
    [Trait("cni", "R03")]
    [InlineData(-1)]
    [InlineData(1)]
    public void Write_IndexThatPointsNowhere_IsOurBug(int index)
    {
        var result = new CniResult { Interfaces = [new CniInterface("eth0")], Ips = [new CniIp(Cidr("10.1.0.7/24"), null, index)] };
        CniAssert.Fails(999, () => result.Write(SpecVersion.Newest), "10.1.0.7/24", $"{index}");
        (result with { Ips = [new CniIp(Cidr("10.1.0.7/24"), null, 0)] }).Write(SpecVersion.Newest);
    }

    [Theory]
    [Trait("cni", "R06")]
    [InlineData("0.1.0")]
    [InlineData("0.2.0")]
    public void Write_OldForm_NeedsOneAddressAndAtMostOneOfEachFamily(string version)
    {
        var spec = SpecVersion.Parse(version);
        CniAssert.Fails(7, () => new CniResult().Write(spec), version, "no address");
        CniAssert.Fails(7, () => new CniResult { Ips = [new CniIp(Cidr("10.1.0.7/24")), new CniIp(Cidr("10.1.0.8/24"))] }.Write(spec), "10.1.0.7/24", "10.1.0.8/24");
        CniAssert.Json($$$"""{"cniVersion": "{{{version}}}", "ip6": {"ip": "fd00::7/64"}}""", new CniResult { Ips = [new CniIp(Cidr("fd00::7/64"))], Routes = [new CniRoute(Cidr("0.0.0.0/0"))] }.Write(spec));
    }

    [Theory]
    [Trait("cni", "R07")]
    [InlineData("0.3.0")]
    [InlineData("1.1.0")]
    public void Write_Empty_HasNoDnsAndNoEmptyLists(string version) =>
        CniAssert.Json($$"""{"cniVersion": "{{version}}"}""", new CniResult().Write(SpecVersion.Parse(version)));

    [Fact]
    [Trait("cni", "R07")]
    public void Write_DnsWithOneField_HasThatField() =>
        CniAssert.Json("""{"cniVersion": "1.1.0", "dns": {"search": ["a"]}}""", new CniResult { Dns = new CniDns { Search = ["a"] } }.Write(SpecVersion.Newest));

    [Fact]
    [Trait("cni", "R08")]
    [Trait("cni", "L05")]
    public void WithoutInterfaces_IsWhatAnIpamPluginSays() => CniAssert.Json(
        """{"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.7/24", "gateway": "10.1.0.1"}, {"address": "fd00::7/64"}], "routes": [{"dst": "0.0.0.0/0", "gw": "10.1.0.1"}, {"dst": "::/0"}], """ + DnsText + "}",
        Dual.WithoutInterfaces().Write(SpecVersion.V1_0_0));

    [Fact]
    [Trait("cni", "E10")]
    public void Write_Text_IsOneIndentedObjectAndANewline()
    {
        var text = Encoding.UTF8.GetString(new CniResult { Interfaces = [new CniInterface("eth0", Sandbox: "/run/netns/<ä>")] }.Write(SpecVersion.V1_0_0));
        Assert.Equal("{\n    \"cniVersion\": \"1.0.0\",\n    \"interfaces\": [\n        {\n            \"name\": \"eth0\",\n            \"sandbox\": \"/run/netns/<ä>\"\n        }\n    ]\n}\n", text);
    }

    [Theory]
    [InlineData("0.4.0", """{"ips": [{"version": "6", "address": "10.1.0.7/24"}]}""", 7, "version \"6\"")]
    [InlineData("1.0.0", """{"ips": [{"gateway": "10.1.0.7"}]}""", 7, "ips[0]: address is missing")]
    [InlineData("1.0.0", """{"ips": [{"address": "10.1.0.7"}]}""", 7, "ips[0].address \"10.1.0.7\"")]
    [InlineData("1.0.0", """{"ips": [{"address": "10.1.0.7/24", "interface": "0"}]}""", 7, "ips[0].interface \"0\"")]
    [InlineData("1.0.0", """{"interfaces": [{"mac": "x"}]}""", 7, "interfaces[0]: name is missing")]
    [InlineData("1.1.0", """{"interfaces": [{"name": "a", "mtu": -1}]}""", 7, "interfaces[0].mtu -1")]
    [InlineData("1.1.0", """{"routes": [{"gw": "10.1.0.1"}]}""", 7, "routes[0]: dst is missing")]
    [InlineData("0.2.0", """{"ip4": {"ip": "fd00::7/64"}}""", 7, "ip4: fd00::7/64")]
    [InlineData("0.2.0", """{"ip6": {}}""", 7, "ip6: ip is missing")]
    [InlineData("1.0.0", """{"cniVersion": "1.2.0"}""", 7, "cniVersion \"1.2.0\"")]
    [InlineData("1.0.0", "panic", 6, "result is not JSON")]
    [InlineData("1.0.0", "", 6, "it is empty")]
    [InlineData("1.0.0", "{} {}", 6, "result is not JSON")]
    public void Parse_NoResult_SaysWhatIsWrong(string version, string text, int code, string words) =>
        CniAssert.Fails(code, () => CniResult.Parse(Encoding.UTF8.GetBytes(text), SpecVersion.Parse(version)), words);

    [Fact]
    public void Parse_WhatGoLeavesEmpty_IsAbsent() => Assert.Equal(
        new CniResult { Interfaces = [new CniInterface("a")], Ips = [new CniIp(Cidr("10.1.0.7/24"))] },
        CniResult.Parse("""{"cniVersion":"0.4.0","interfaces":[{"name":"a","mac":"","sandbox":""}],"ips":[{"version":"4","address":"10.1.0.7/24","gateway":""}],"routes":null,"dns":{"domain":""}}"""u8, default));

    [Fact]
    public void Parse_OldFormWithIp6First_HasIp4First() =>
        Assert.Equal(["10.1.0.7/24", "fd00::7/64"], CniResult.Parse("""{"ip6": {"ip": "fd00::7/64"}, "ip4": {"ip": "10.1.0.7/24"}}"""u8, SpecVersion.V0_2_0).Ips.Select(ip => ip.Address.ToString()));
}
