using System.Text;
using Twill.Cni;
using Xunit;

namespace Twill.Tests.Cni;

/// <summary>
/// Every reader against 20,000 damaged inputs of a fixed seed: a value or a <see cref="CniException"/>, in bounded time, and the
/// message stays short and on one line.
/// </summary>
public sealed class MutationTests
{
    private const int Rounds = 20_000;

    private static readonly string[] s_tokens =
    [
        "{", "}", "[", "]", ",", ":", "\"", "null", "true", "-1", "1e999", "0.5", "4294967296", "99999999999999999999", "\"\"", "\"\\ud800\"", "\"10.1.0.0/24\"", "\"fd00::/64\"", "\"::\"",
        "\"name\":", "\"subnet\":", "\"ips\":", "\"cniVersion\":", "\"0.2.0\"", "\"1.1.0\"", "\u0000", "\u20ac", ";", "=", "IP=", "IgnoreUnknown=1", "/", "%", "\n", "[[[[[[[[", "{\"a\":",
    ];

    private const string Prev = """{"cniVersion":"1.1.0","interfaces":[{"name":"eth0","mac":"0a:00:00:00:00:01","mtu":1500,"sandbox":"/n"}],"ips":[{"interface":0,"address":"10.1.0.7/24","gateway":"10.1.0.1"}],"routes":[{"dst":"0.0.0.0/0","gw":"10.1.0.1","table":7,"scope":0}],"dns":{"search":["a"]}}""";

    private const string OldResult = """{"cniVersion":"0.2.0","ip4":{"ip":"10.1.0.7/24","gateway":"10.1.0.1","routes":[{"dst":"0.0.0.0/0"}]},"ip6":{"ip":"fd00::7/64"},"dns":{"nameservers":["10.0.0.1"]}}""";

    private const string Config = """{"cniVersion":"1.1.0","name":"pods","type":"twill","bridge":"cni0","isDefaultGateway":true,"ipMasq":true,"mtu":1450,"vlan":0,"vlanTrunk":[],"ipMasqExcept":["10.0.0.0/8"],"ipam":{"type":"host-local","ranges":[[{"subnet":"10.1.0.0/24","rangeStart":"10.1.0.9","exclude":["10.1.0.12/30"]}],[{"subnet":"fd00::/64"}]],"routes":[{"dst":"0.0.0.0/0"}],"exclude":["10.1.0.3"]},"runtimeConfig":{"ips":["10.1.0.7/24"],"mac":"0a:00:00:00:00:01","bandwidth":{"ingressRate":8000,"ingressBurst":8000},"ipRanges":[[{"subnet":"10.9.0.0/24"}]],"portMappings":[{"hostPort":0,"containerPort":80}],"dns":{"servers":["a"]}},"args":{"cni":{"ips":["10.1.0.8"],"labels":[{"key":"a","value":"b"}]}},"cni.dev/valid-attachments":[{"containerID":"a","ifname":"eth0"}],"cni.dev/attachments":[],"prevResult":""" + Prev + "}";

    private const string List = """{"cniVersion":"0.4.0","cniVersions":["1.0.0","1.1.0"],"name":"pods","disableGC":"true","plugins":[{"type":"twill","capabilities":{"ips":true,"mac":true},"ipam":{}},{"type":"portmap"}]}""";

    private const string Args = "IgnoreUnknown=1;K8S_POD_NAMESPACE=a;K8S_POD_NAME=b;IP=10.1.0.7/24,fd00::7;MAC=0a:00:00:00:00:01;GATEWAY=10.1.0.1;X=y";

    [Fact]
    [Trait("cni", "C02")]
    [Trait("cni", "X04")]
    public void Config_Damaged_IsAValueOrACniException()
    {
        CniVerb[] verbs = [CniVerb.Add, CniVerb.Del, CniVerb.Check, CniVerb.Gc, CniVerb.Status];
        var round = 0;
        Run([Config], 1, bytes =>
        {
            NetworkConfig.PeekVersion(bytes);
            var verb = verbs[round++ % verbs.Length];
            var config = NetworkConfig.Read(bytes, verb);
            config.RequestedIps(CniArgs.None);
            foreach (var set in config.RangeSets)
                Assert.All(set, range => Assert.True(range.Subnet.Contains(range.First) && range.Subnet.Contains(range.Last)));
            Assert.True(verb == CniVerb.Gc || config.ValidAttachments is null);
        });
    }

    [Fact]
    [Trait("cni", "X04")]
    public void Result_Damaged_IsAValueThatWritesAndReadsBack_OrACniException() => Run([Prev, OldResult], 2, bytes =>
    {
        var result = CniResult.Parse(bytes, SpecVersion.V1_0_0);
        Assert.Equal(result, CniResult.Parse(result.Write(SpecVersion.Newest), SpecVersion.Newest));
    });

    [Fact]
    [Trait("cni", "X04")]
    public void List_Damaged_IsAValueThatBuildsJson_OrACniException() => Run([List], 3, bytes =>
    {
        var list = NetworkConfigList.Parse(bytes);
        foreach (var plugin in list.Plugins)
            Assert.Equal(list.CniVersion.Text, NetworkConfig.PeekVersion(list.BuildStdin(plugin, CniVerb.Add, new PluginInput { CapabilityArgs = "{\"ips\": []}"u8.ToArray() })));
    });

    [Fact]
    [Trait("cni", "E08")]
    [Trait("cni", "X04")]
    public void Args_Damaged_AreAValueOrACniException() => Run([Args], 4, bytes =>
    {
        var text = Encoding.UTF8.GetString(bytes);
        Assert.Equal(text, CniArgs.Parse(text).Raw);
    });

    [Fact]
    [Trait("cni", "L03")]
    public void ErrorAndVersion_Damaged_AreAValueOrACniException() => Run(
        ["""{"cniVersion":"1.0.0","code":7,"msg":"m","details":"d"}""", """{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}"""], 5, bytes =>
    {
        CniVersionInfo.Write(bytes);
        if (!CniError.TryParse(bytes, out _))
            CniVersionInfo.Parse(bytes);
    });

    private static void Run(string[] corpus, int seed, Action<byte[]> read)
    {
        foreach (var text in corpus)
            read(Encoding.UTF8.GetBytes(text));
        var random = new Random(seed);
        var seeds = corpus.Select(Encoding.UTF8.GetBytes).ToArray();
        int values = 0, refusals = 0;
        for (var i = 0; i < Rounds; i++)
        {
            var bytes = Mutate(random, seeds[i % seeds.Length]);
            try
            {
                read(bytes);
                values++;
            }
            catch (CniException e)
            {
                refusals++;
                Assert.NotEqual(0, e.Code);
                Assert.True(e.Message.Length < 1000 && !e.Message.Contains('\n', StringComparison.Ordinal), e.Message);
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"round {i}: {e.GetType().Name}: {e.Message} for {Convert.ToHexString(bytes)}");
            }
        }

        Assert.True(values > Rounds / 50, $"only {values} values: the damage is too heavy to get behind the first check");
        Assert.True(refusals > Rounds / 10, $"only {refusals} refusals");
    }

    private static byte[] Mutate(Random random, byte[] seed)
    {
        var bytes = seed.ToList();
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            var at = random.Next(bytes.Count + 1);
            var count = Math.Min(random.Next(1, 12), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes.RemoveRange(at, count);
                    break;
                case 2:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(s_tokens[random.Next(s_tokens.Length)]));
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, count));
                    break;
                case 4 when at < bytes.Count:
                    bytes[at] = (byte)"0123456789:./\"af"[random.Next(16)];
                    break;
                case 5 when random.Next(8) == 0:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                default:
                    break;
            }
        }

        return [.. bytes];
    }
}
