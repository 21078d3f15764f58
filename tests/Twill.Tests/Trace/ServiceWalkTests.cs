using Twill.Lab.Goal;
using Twill.Lab.Model;
using Twill.Lab.State;
using Twill.Linux.Route;
using Twill.Trace;
using Xunit;

namespace Twill.Tests.Trace;

/// <summary>Packets to a service, through the table that is compiled for it: the walk does not know the compiler.</summary>
public sealed class ServiceWalkTests
{
    private const ulong Identity = 0x0123456789abcdef;

    private static readonly LabSpec s_spec = new LabSpec { V6 = true }.Grown(2, 2).WithService("web", ["blue", "red", "green"], 80, 8080, 30080, true);

    private static readonly LabState s_lab = LabGoal.For(s_spec);

    /// <summary>Each choice is another pod; source and destination are what a service promises, there and back.</summary>
    [Theory]
    [InlineData("blue", "10.96.0.1", 80)]
    [InlineData("grey", "fd00:10:96::1", 80)]
    [InlineData("node2", "10.96.0.1", 80)]
    [InlineData("internet", "192.168.1.240", 80)]
    [InlineData("internet", "192.168.1.12", 30080)]
    [InlineData("internet", "fd00:192:168:1::12", 30080)]
    public void Predict_ToAService_ReachesEachOfItsPodsAndComesBack(string from, string to, int port)
    {
        var reached = new SortedSet<string>(StringComparer.Ordinal);
        for (int choice = 0; choice < 3; choice++)
        {
            Prediction prediction = Predict(s_lab, from, to, port, choice);
            Assert.True(prediction.Reaches, prediction.Cause?.Sentence);
            Assert.Equal(3, prediction.There.Choices);
            Assert.Empty(prediction.There.Unknown);
            NamespaceState pod = prediction.There.Arrived!;
            reached.Add(pod.Name);
            Assert.Equal(8080, prediction.There.Packet.DestinationPort);

            // The source: its own from inside, but for a pod that gets itself; the node's for those outside.
            string seen = prediction.There.Packet.Source.ToString(), own = prediction.Sent.Source.ToString();
            Assert.Equal(from is "internet" || from == pod.Name, seen != own);
            Assert.Equal(IpAddress.Parse(to), prediction.Back!.Packet.Source);
            Assert.Equal(prediction.Sent.Source, prediction.Back.Packet.Destination);
        }

        Assert.Equal(["blue", "green", "red"], reached);
    }

    /// <summary>On one bridge it is bridged at once, and so is the answer: no hop lies between.</summary>
    [Theory]
    [InlineData("blue", "red")]
    [InlineData("blue", "blue")]
    public void Predict_PodOfTheSameBridge_IsNotRouted(string from, string to)
    {
        Prediction prediction = Enumerable.Range(0, 3).Select(c => Predict(s_lab, from, "10.96.0.1", 80, c)).Single(p => p.There.Arrived!.Name == to);
        Assert.DoesNotContain(prediction.There.Hops.Concat(prediction.Back!.Hops), h => h.Where is "routing" or "v-net-0");
        Assert.Equal(64, prediction.There.Packet.Ttl);
    }

    [Fact]
    public void Predict_BridgeThatShowsNothing_LosesTheAnswer()
    {
        LabState blind = s_lab with { Namespaces = [.. s_lab.Namespaces.Select(n => n with { Links = [.. n.Links.Select(l => l with { CallsNftables = false })] })] };
        Prediction prediction = Enumerable.Range(0, 3).Select(c => Predict(blind, "blue", "10.96.0.1", 80, c)).Single(p => p.There.Arrived?.Name == "red");
        Assert.NotEqual(IpAddress.Parse("10.96.0.1"), prediction.Back!.Packet.Source); // blue would not know it
    }

    [Theory]
    [InlineData("10.96.0.1", 81)]
    [InlineData("10.96.0.2", 80)]
    public void Predict_NothingBehindIt_IsRefusedAndSaysSo(string to, int port)
    {
        LabState lab = LabGoal.For(s_spec.WithService("shop", ["red"], 80, null, null, false).WithoutPod("red"));
        Prediction prediction = Predict(lab, "grey", to, port, 0);
        Assert.Null(prediction.There.Arrived);
        Assert.True(prediction.Cause!.Refuses);
        Assert.Contains($"{to} is a service's, and for port {port} there is no pod", prediction.Cause.Sentence, StringComparison.Ordinal);
        Assert.Empty(prediction.Cause.Fix);
    }

    private static Prediction Predict(LabState state, string from, string to, int port, int choice)
    {
        var request = new TraceRequest(from, to) { Protocol = TraceProtocol.Tcp, Port = (ushort)port };
        bool v6 = to.Contains(':', StringComparison.Ordinal);
        return Prediction.Of(state, new StateRoutes(), Endpoint.Find(state, from, v6), Endpoint.Find(state, to, v6), request, Identity, choice);
    }
}
