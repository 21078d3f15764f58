using Twill.Lab;
using Twill.Lab.Calls;
using Twill.Linux.Conntrack;
using Twill.Linux.Route;
using Xunit;

namespace Twill.Tests.Lab;

public sealed class CallTests
{
    [Theory]
    [InlineData("svc/web", "web", 0, true)]
    [InlineData("svc/web:80", "web", 80, true)]
    [InlineData("node1:30080", "node1", 30080, false)]
    [InlineData("192.168.1.240:80", "192.168.1.240", 80, false)]
    [InlineData("[fd00:10:96::1]:80", "fd00:10:96::1", 80, false)]
    public void Target_WithPortOrService_IsRead(string word, string name, int port, bool service)
    {
        Assert.Equal(new CallTarget(name, (ushort)port, service), CallTarget.TryParse(word));
        Assert.Equal(word, CallTarget.TryParse(word)!.Word);
    }

    [Theory]
    [InlineData("blue")]
    [InlineData("10.244.1.2")]
    [InlineData("fd00:10:244:1::80")]
    [InlineData("svc/")]
    [InlineData("node1:0")]
    [InlineData("node1:65536")]
    [InlineData("[blue]:80")]
    public void Target_NameOrAddressAlone_IsNoCall(string word) => Assert.Null(CallTarget.TryParse(word));

    [Fact]
    public void Text_OfConnections_NamesEndpointAndBothTranslations()
    {
        string text = CallText.Draw(Report, new Style(Colour: false, Unicode: false));
        Assert.Equal("""
             pong svc/web (192.168.1.240:80)  green 0.42 ms   node1: to 192.168.1.240:80 -> 10.244.2.2:80, from 8.8.8.8 -> 192.168.1.11
             pong svc/web (192.168.1.240:80)  green 0.10 ms   no NAT
             lost svc/web (192.168.1.240:80)  refused (ECONNREFUSED)
             3 sent, 2 back  |  green 2
             why

            """, text);
    }

    internal static CallReport Report { get; } = new(
        "internet",
        "svc/web",
        IpAddress.Parse("192.168.1.240"),
        80,
        [
            new CallResult(0.42, null, "node1", new ConntrackFlow(Tuple("8.8.8.8", "192.168.1.240", 40000, 80), Tuple("10.244.2.2", "192.168.1.11", 80, 51000), 1, 0), "green"),
            new CallResult(0.1, null, null, null, "green"),
            new CallResult(null, "refused (ECONNREFUSED)", null, null, null),
        ])
    { Hint = "why" };

    private static ConntrackTuple Tuple(string from, string to, ushort port, ushort target) => new(IpAddress.Parse(from), IpAddress.Parse(to), 6, port, target);
}
