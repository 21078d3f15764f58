using System.Text;
using Twill.Cni;
using Xunit;

namespace Twill.Tests.Cni;

public sealed class NetworkConfigTests
{
    private static readonly CniVerb[] s_all = [CniVerb.Add, CniVerb.Del, CniVerb.Check, CniVerb.Gc, CniVerb.Status];

    [Fact]
    [Trait("cni", "C01")]
    public void Read_OnePlugin_HasItsIdentityAndTheWholeText()
    {
        const string Text = """{"cniVersion": "1.0.0", "name": "pods", "type": "twill", "x": {"y": [1]}}""";
        var config = CniAssert.Config(Text);
        Assert.Equal(("pods", "twill", SpecVersion.V1_0_0), (config.Name, config.Type, config.CniVersion));
        Assert.Equal(Text, Encoding.UTF8.GetString(config.Raw.Span));
        Assert.Null(config.Bridge.Name);
        Assert.Null(config.Problem);
    }

    [Fact]
    [Trait("cni", "C01")]
    public void Read_AList_SaysThatItIsOne() =>
        CniAssert.Fails(7, () => CniAssert.Config("""{"cniVersion": "1.0.0", "plugins": [{"type": "twill"}]}"""), "name is missing", "list");

    [Theory]
    [Trait("cni", "L02")]
    [InlineData(CniVerb.Add)]
    [InlineData(CniVerb.Del)]
    public void Read_UnknownKeys_StayInTheRawText(CniVerb verb)
    {
        var text = CniAssert.Text("\"ipam\": {\"type\": \"dhcp\", \"daemonSocketPath\": \"/x\"}, \"own\": 1");
        Assert.Equal(text, Encoding.UTF8.GetString(CniAssert.Config(text, verb).Raw.Span));
    }

    public static TheoryData<byte[]> NoJson { get; } = new(
        [], "   "u8.ToArray(), "{} x"u8.ToArray(), "{"u8.ToArray(), "{}}"u8.ToArray(), "{} {}"u8.ToArray(), "{'a': 1}"u8.ToArray(), "{\"a\": 01}"u8.ToArray(),
        "{\"a\": 1,}"u8.ToArray(), "// c\n{}"u8.ToArray(), [0xef, 0xbb, 0xbf, (byte)'{', (byte)'}'], "{\"name\": \"\\ud800\"}"u8.ToArray(), "{\"\\ud800\": 1}"u8.ToArray(),
        [.. "{\"a\": \""u8, 0xff, .. "\"}"u8], [.. "{\"a\": \""u8, 0xed, 0xa0, 0x80, .. "\"}"u8], [0, 0, 0], "{\"a\": \"\u0001\"}"u8.ToArray());

    [Theory]
    [Trait("cni", "C02")]
    [MemberData(nameof(NoJson))]
    public void Read_NoJson_IsCode6ForEveryVerb(byte[] stdin)
    {
        foreach (var verb in s_all)
            CniAssert.Fails(6, () => NetworkConfig.Read(stdin, verb), "is not JSON");
    }

    [Fact]
    [Trait("cni", "C02")]
    public void Read_DepthOf64_IsStillRead()
    {
        var deep = new string('[', 63) + new string(']', 63);
        Assert.Equal("pods", CniAssert.With($"\"a\": {deep}").Name);
        CniAssert.Fails(6, () => CniAssert.With($"\"a\": [{deep}]"));
    }

    [Theory]
    [Trait("cni", "C02")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("7")]
    public void Read_JsonButNoObject_IsCode7(string text) => CniAssert.Fails(7, () => CniAssert.Config(text), "expected an object");

    [Theory]
    [Trait("cni", "C02")]
    [Trait("cni", "C03")]
    [InlineData("{}", "name is missing")]
    [InlineData("""{"name": ""}""", "name \"\"")]
    [InlineData("""{"name": null, "type": "t"}""", "name is missing")]
    [InlineData("""{"name": "-a", "type": "t"}""", "name \"-a\"")]
    [InlineData("""{"name": "a/b", "type": "t"}""", "name \"a/b\"")]
    [InlineData("""{"name": "a b", "type": "t"}""", "name \"a b\"")]
    [InlineData("""{"name": 7, "type": "t"}""", "name 7")]
    [InlineData("""{"name": "a", "type": 7}""", "type 7")]
    [InlineData("""{"name": "a", "type": ""}""", "type is missing")]
    [InlineData("""{"name": "a"}""", "type is missing")]
    [InlineData("""{"cniVersion": 1.1, "name": "a", "type": "t"}""", "cniVersion 1.1")]
    public void Read_IdentityMissingOrBad_IsCode7WithFieldAndValue(string text, string words) => CniAssert.Fails(7, () => CniAssert.Config(text), words);

    [Fact]
    [Trait("cni", "C03")]
    public void Read_Name_MayHaveDotsDashesAndUnderscores() => Assert.Equal("0a.b-c_d", CniAssert.Config("""{"name": "0a.b-c_d", "type": "t"}""").Name);

    [Fact]
    [Trait("cni", "C04")]
    public void Read_NoVersion_IsTheOldest()
    {
        Assert.Equal(SpecVersion.V0_1_0, CniAssert.Config("""{"name": "a", "type": "t"}""").CniVersion);
        Assert.Equal(SpecVersion.V0_1_0, CniAssert.Config("""{"cniVersion": "", "name": "a", "type": "t"}""").CniVersion);
        CniAssert.Fails(1, () => CniAssert.Config("""{"name": "a", "type": "t"}""", CniVerb.Check));
    }

    [Theory]
    [Trait("cni", "C05")]
    [InlineData("1.1")]
    [InlineData("1.2.0")]
    public void Read_OtherVersion_IsCode1(string version)
    {
        foreach (var verb in s_all)
            CniAssert.Fails(1, () => CniAssert.Config(CniAssert.Text("", version), verb), version);
    }

    [Theory]
    [Trait("cni", "C06")]
    [InlineData(CniVerb.Check, "0.3.1", "0.4.0")]
    [InlineData(CniVerb.Gc, "1.0.0", "1.1.0")]
    [InlineData(CniVerb.Status, "1.0.0", "1.1.0")]
    public void Read_VerbYoungerThanTheVersion_IsCode1(CniVerb verb, string tooOld, string enough)
    {
        const string Prev = "\"prevResult\": {\"ips\": []}";
        CniAssert.Fails(1, () => CniAssert.Config(CniAssert.Text(Prev, tooOld), verb), tooOld, verb.ToText());
        Assert.Equal(enough, CniAssert.Config(CniAssert.Text(Prev, enough), verb).CniVersion.Text);
    }

    [Fact]
    [Trait("cni", "C07")]
    public void Read_PrevResult_IsAbsentOrBothParsedAndRaw()
    {
        Assert.Null(CniAssert.With("").PrevResult);
        Assert.True(CniAssert.With("").PrevResultRaw.IsEmpty);
        foreach (var verb in s_all)
        {
            var config = CniAssert.With("\"prevResult\": {\"cniVersion\": \"1.1.0\", \"ips\": [{\"address\": \"10.1.2.3/24\"}]}, \"mtu\": 1400", verb);
            Assert.Equal("10.1.2.3/24", config.PrevResult?.Ips[0].Address.ToString());
            Assert.Equal("{\"cniVersion\": \"1.1.0\", \"ips\": [{\"address\": \"10.1.2.3/24\"}]}", Encoding.UTF8.GetString(config.PrevResultRaw.Span));
        }
    }

    [Theory]
    [Trait("cni", "C08")]
    [InlineData("0.1.0", """{"ip4": {"ip": "10.1.2.3/24"}, "ips": 7}""")]
    [InlineData("0.2.0", """{"ip4": {"ip": "10.1.2.3/24"}}""")]
    [InlineData("0.3.1", """{"ips": [{"version": "4", "address": "10.1.2.3/24"}]}""")]
    [InlineData("0.4.0", """{"ips": [{"version": "4", "address": "10.1.2.3/24"}], "ip4": 7}""")]
    [InlineData("1.0.0", """{"ips": [{"address": "10.1.2.3/24"}]}""")]
    [InlineData("1.1.0", """{"ips": [{"address": "10.1.2.3/24"}]}""")]
    [InlineData("1.1.0", """{"cniVersion": "0.2.0", "ip4": {"ip": "10.1.2.3/24"}}""")]
    public void Read_PrevResult_IsReadInTheFormOfItsVersion(string version, string prev) =>
        Assert.Equal("10.1.2.3/24", Assert.Single(CniAssert.Config(CniAssert.Text($"\"prevResult\": {prev}", version)).PrevResult!.Ips).Address.ToString());

    [Theory]
    [Trait("cni", "D06")]
    [InlineData("7")]
    [InlineData("""{"cniVersion": "0.9.9"}""")]
    [InlineData("""{"ips": [{"address": "nonsense"}]}""")]
    [InlineData("""{"ips": {}}""")]
    public void Read_BadPrevResult_StopsAddAndCheckOnly(string prev)
    {
        foreach (var verb in s_all)
        {
            var text = CniAssert.Text($"\"prevResult\": {prev}, \"ipam\": {{\"type\": \"x\"}}");
            if (verb is CniVerb.Add or CniVerb.Check)
            {
                CniAssert.Fails(7, () => CniAssert.Config(text, verb), "prevResult");
                continue;
            }

            var config = CniAssert.Config(text, verb);
            Assert.Equal(7, config.PrevResultProblem?.Code);
            Assert.Null(config.PrevResult);
            Assert.Equal(prev, Encoding.UTF8.GetString(config.PrevResultRaw.Span));
            Assert.Equal("x", config.Ipam.Type);
        }
    }

    [Fact]
    [Trait("cni", "D06")]
    public void Read_DelWithoutPrevResult_IsFine() => Assert.Null(CniAssert.With("", CniVerb.Del).PrevResultProblem);

    [Fact]
    [Trait("cni", "K01")]
    public void Read_CheckWithoutPrevResult_IsCode7()
    {
        CniAssert.Fails(7, () => CniAssert.With("", CniVerb.Check), "prevResult is missing");
        CniAssert.Fails(7, () => CniAssert.With("\"prevResult\": null", CniVerb.Check), "prevResult is missing");
    }

    [Fact]
    [Trait("cni", "C09")]
    [Trait("cni", "C10")]
    public void Read_ReservedKeysWeDoNotKnow_BreakNothing()
    {
        foreach (var verb in s_all)
        {
            var config = CniAssert.With(
                "\"cni.dev/future\": {\"a\": [1]}, \"cni.dev/\": 7, \"capabilities\": {\"ips\": true}, \"args\": {\"other\": [1], \"cni\": {\"new\": {}}}, \"runtimeConfig\": {\"new\": [{}]}, \"prevResult\": {}",
                verb);
            Assert.Null(config.Problem);
        }

        Assert.Null(CniAssert.With("\"cni.dev/valid-attachments\": \"odd\"", CniVerb.Add).ValidAttachments);
    }

    [Theory]
    [Trait("cni", "C11")]
    [InlineData("\"vlan\": 7", "vlan 7")]
    [InlineData("\"vlanTrunk\": [{\"id\": 42}]", "vlanTrunk [{\"id\": 42}]")]
    public void Read_FieldWeCannotHonour_IsCode2WithKeyAndValue(string keys, string words)
    {
        CniAssert.Fails(2, () => CniAssert.With(keys), words);
        CniAssert.Fails(2, () => CniAssert.With(keys, CniVerb.Status), words);
        Assert.Equal(2, CniAssert.With(keys, CniVerb.Del).Problem?.Code);
    }

    [Fact]
    [Trait("cni", "C11")]
    public void Read_RefusableFieldsThatAskForNothing_AreFine()
    {
        var config = CniAssert.With("\"vlan\": 0, \"vlanTrunk\": [], \"preserveDefaultVlan\": false, \"unknown\": {\"a\": 1}");
        Assert.False(config.Bridge.PreserveDefaultVlan);
    }

    [Fact]
    [Trait("cni", "C12")]
    public void Read_WellKnownKeys_KeepTheirMeaning()
    {
        var config = CniAssert.With("\"ipMasq\": true, \"ipam\": {\"type\": \"dhcp\"}, \"dns\": {\"nameservers\": [\"10.1.0.10\"], \"domain\": \"a.b\", \"search\": [\"c\"], \"options\": [\"ndots:5\"]}");
        Assert.True(config.Bridge.IpMasq);
        Assert.Equal("dhcp", config.Ipam.Type);
        Assert.Equal(new CniDns { Nameservers = ["10.1.0.10"], Domain = "a.b", Search = ["c"], Options = ["ndots:5"] }, config.Dns);
        Assert.Null(CniAssert.With("").Dns);
        Assert.True(CniAssert.With("\"dns\": {}").Dns?.IsEmpty);
    }

    [Fact]
    [Trait("cni", "C13")]
    public void Requested_ArgsOfTheConfig_OverrideCniArgs()
    {
        var env = CniArgs.Parse("IP=10.1.0.1;MAC=0a:00:00:00:00:01");
        var config = CniAssert.With("\"args\": {\"cni\": {\"ips\": [\"10.1.0.2\"], \"mac\": \"0a:00:00:00:00:02\", \"labels\": [{\"key\": \"app\", \"value\": \"web\"}]}}");
        Assert.Equal("10.1.0.2", Assert.Single(config.RequestedIps(env)).ToString());
        Assert.Equal("0a:00:00:00:00:02", config.RequestedMac(env));
        Assert.Equal([new("app", "web")], config.Args.Labels);

        var nothing = CniAssert.With("");
        Assert.Equal("10.1.0.1", Assert.Single(nothing.RequestedIps(env)).ToString());
        Assert.Equal("0a:00:00:00:00:01", nothing.RequestedMac(env));
        Assert.Null(nothing.RequestedMac(CniArgs.None));
    }

    [Fact]
    [Trait("cni", "P03")]
    public void Requested_CapabilityAndArgs_AreBothHonoured()
    {
        var config = CniAssert.With("\"runtimeConfig\": {\"ips\": [\"fd00::9/64\", \"10.1.0.2/24\"], \"mac\": \"0a:00:00:00:00:03\"}, \"args\": {\"cni\": {\"ips\": [\"10.1.0.2\", \"10.2.0.2\"], \"mac\": \"0a:00:00:00:00:02\"}}");
        Assert.Equal(["fd00::9/64", "10.1.0.2/24", "10.2.0.2"], config.RequestedIps(CniArgs.Parse("IP=10.9.9.9")).Select(ip => ip.ToString()));
        Assert.Equal("0a:00:00:00:00:03", config.RequestedMac(CniArgs.None));
    }

    [Fact]
    public void Read_BridgeKeys_AreAllThere()
    {
        var bridge = CniAssert.With("""
            "bridge": "cni0", "isGateway": true, "isDefaultGateway": true, "forceAddress": true, "ipMasq": true, "ipMasqBackend": "iptables", "mtu": 1400,
            "hairpinMode": true, "macspoofchk": true, "enabledad": true, "portIsolation": true, "ipMasqExcept": ["10.0.0.0/8", "fd00::/8"]
            """).Bridge;
        Assert.Equal(["10.0.0.0/8", "fd00::/8"], bridge.IpMasqExcept.Select(c => c.ToString()));
        Assert.Equal(
            BridgeConfig.Default with
            {
                Name = "cni0",
                IsGateway = true,
                IsDefaultGateway = true,
                ForceAddress = true,
                IpMasq = true,
                IpMasqBackend = "iptables",
                Mtu = 1400,
                HairpinMode = true,
                MacSpoofCheck = true,
                EnableDad = true,
                PortIsolation = true,
                IpMasqExcept = bridge.IpMasqExcept,
            },
            bridge);
        Assert.True(CniAssert.With("\"promiscMode\": true, \"disableContainerInterface\": true").Bridge is { PromiscMode: true, DisableContainerInterface: true, PreserveDefaultVlan: true });
        Assert.True(CniAssert.With("\"isDefaultGateway\": true").Bridge.IsGateway);
        Assert.Null(CniAssert.With("\"mtu\": 0").Bridge.Mtu);
        Assert.Null(CniAssert.With("\"gsoMaxSize\": 0").Bridge.GsoMaxSize);
        Assert.Equal(262144, CniAssert.With("\"gsoMaxSize\": 262144").Bridge.GsoMaxSize);
    }

    [Theory]
    [Trait("cni", "C02")]
    [InlineData("\"bridge\": \"abcdefghijklmnop\"", "bridge \"abcdefghijklmnop\"")]
    [InlineData("\"bridge\": \"br%d\"", "bridge \"br%d\"")]
    [InlineData("\"gsoMaxSize\": 2047", "gsoMaxSize 2047")]
    [InlineData("\"gsoMaxSize\": 524281", "gsoMaxSize 524281")]
    [InlineData("\"mtu\": 67", "mtu 67")]
    [InlineData("\"mtu\": 65536", "mtu 65536")]
    [InlineData("\"mtu\": \"1500\"", "mtu \"1500\"")]
    [InlineData("\"mtu\": 1.5e3", "mtu 1.5e3")]
    [InlineData("\"ipMasq\": \"true\"", "ipMasq \"true\"")]
    [InlineData("\"ipMasq\": {}", "ipMasq {...}")]
    [InlineData("\"vlan\": 4095", "vlan 4095")]
    [InlineData("\"vlan\": -1", "vlan -1")]
    [InlineData("\"vlanTrunk\": {}", "vlanTrunk {...}")]
    [InlineData("\"ipMasqExcept\": [\"10.0.0.1/8\"]", "ipMasqExcept[0] \"10.0.0.1/8\"")]
    [InlineData("\"ipMasqExcept\": [\"10.0.0.0/8\", null]", "ipMasqExcept[1] null")]
    [InlineData("\"hairpinMode\": true, \"promiscMode\": true", "hairpinMode")]
    [InlineData("\"disableContainerInterface\": true, \"ipam\": {\"type\": \"x\"}", "disableContainerInterface")]
    [InlineData("\"dns\": {\"search\": \"a\"}", "dns.search \"a\"")]
    [InlineData("\"args\": []", "args [...]")]
    [InlineData("\"args\": {\"cni\": {\"ips\": [\"10.1\"]}}", "args.cni.ips[0] \"10.1\"")]
    [InlineData("\"args\": {\"cni\": {\"labels\": [{\"value\": \"v\"}]}}", "args.cni.labels[0]")]
    public void Read_BadField_IsCode7WithFieldAndValueButNotOnDel(string keys, string words)
    {
        CniAssert.Fails(7, () => CniAssert.With(keys), words);
        CniAssert.Fails(7, () => CniAssert.With(keys, CniVerb.Status), words);
        foreach (var verb in new[] { CniVerb.Del, CniVerb.Gc })
        {
            var config = CniAssert.With(keys + ", \"mtu\": 1400", verb);
            Assert.Equal(7, config.Problem?.Code);
            Assert.Contains(words, config.Problem!.Message, StringComparison.Ordinal);
            Assert.Equal(1400, config.Bridge.Mtu);
        }
    }

    [Fact]
    [Trait("cni", "D12")]
    public void Read_DelWithSeveralBadParts_StillKnowsWhomToDelegateTo()
    {
        var config = CniAssert.With("\"runtimeConfig\": 7, \"vlan\": 9, \"ipam\": {\"type\": \"dhcp\", \"ranges\": 7}, \"args\": 7", CniVerb.Del);
        Assert.Equal("dhcp", config.Ipam.Type);
        Assert.Equal(2, config.Problem?.Code);
    }

    [Fact]
    public void Read_RepeatedKey_TheLastWins()
    {
        var config = CniAssert.With("\"mtu\": 1400, \"name\": \"other\", \"mtu\": 1300, \"mtu\": null, \"ipam\": {\"type\": \"a\"}, \"ipam\": {\"type\": \"b\"}, \"n\\u0061me\": \"third\"");
        Assert.Equal((1300, "third", "b"), (config.Bridge.Mtu, config.Name, config.Ipam.Type));
    }

    [Fact]
    public void Read_HostileText_IsCutInTheMessage()
    {
        var e = CniAssert.Fails(7, () => CniAssert.With($"\"bridge\": \"{new string('x', 1_000_000)}\""));
        Assert.InRange(e.Message.Length, 50, 400);
        Assert.DoesNotContain('\n', CniAssert.Fails(7, () => CniAssert.With("\"bridge\": \"a\\nb\"")).Message);
    }
}
