using System.Text.Json;
using Twill.Linux.Route;
using Twill.Linux.Sys;
using Twill.Tests.Cli;
using Twill.Trace;
using Xunit;

namespace Twill.Tests.Trace;

/// <summary>Answers for machines, made without a kernel; SchemaTests compares them with docs/schema.</summary>
public sealed class TraceJsonTests
{
    [Fact]
    public void Trace_AnsweredThoughPredictedLost_TellsBoth()
    {
        using var json = JsonDocument.Parse(Trace());
        JsonElement root = json.RootElement;
        Assert.Equal((true, true, "nftDrop"), (root.GetProperty("sent").GetBoolean(), root.GetProperty("reaches").GetBoolean(), root.GetProperty("cause").GetProperty("kind").GetString()));
        Assert.Equal("lost", root.GetProperty("there").EnumerateArray().Last().GetProperty("seen").GetString());
        Assert.Equal("prohibited", root.GetProperty("message").GetProperty("says").GetString());
    }

    [Fact]
    public void Json_NothingSentOrNothingWrong_IsValidToo()
    {
        var request = new TraceRequest("blue", "internet") { PredictOnly = true };
        Prediction prediction = WalkTests.Predict(Faults.Healthy, request);
        var report = new TraceReport(request, prediction, null, Comparison.Of(prediction, null));
        SchemaAssert.Valid("trace/v1", TraceJson.Trace(report));
        SchemaAssert.Valid("why/v1", TraceJson.Why(new WhyReport("blue", "internet", null, "0.09 ms", report)));
        SchemaAssert.Valid("why/v1", TraceJson.Why(new WhyReport("blue", "x", new Cause(CauseKind.NoAddress, "x", "x has no IPv4 address"), "", null)));
        SchemaAssert.Valid("ping/v1", TraceJson.Ping(new PongReport(prediction, "routed", "no NAT", 1500, [new Pong(null, [])])));
    }

    internal static string Trace() => TraceJson.Trace(Report());

    internal static string Why() => TraceJson.Why(new WhyReport("blue", "green", Report().Prediction.Cause, "", Report()) { Size = 1500, LabMends = true, Notes = ["not as asked for: a thing"] });

    internal static string Ping()
    {
        Prediction prediction = WalkTests.Predict(Faults.Healthy, new TraceRequest("blue", "green"));
        return TraceJson.Ping(new PongReport(prediction, "direct route via node2", "no NAT", 1500, [.. Enumerable.Range(1, 10).Select(i => new Pong(i, [new PathTime("pod blue", 1), new PathTime("node1", i - 1)]))]) { Message = "a word" });
    }

    /// <summary>With something in every field.</summary>
    private static TraceReport Report()
    {
        (Func<Twill.Lab.State.LabState, Twill.Lab.State.LabState> harm, TraceRequest request, _, _) = Faults.All["rule"];
        Prediction prediction = WalkTests.Predict(harm(Faults.Healthy), request);
        List<Sighting> seen = [.. prediction.There.Hops.Where(h => h.Point is not null).Select((h, i) => new Sighting(h.Point!, SightingKind.There, h.Source, h.Destination, false, 1000 * i))];
        seen.Add(new Sighting(new HopPoint("blue", "eth0", false), SightingKind.Error, IpAddress.Parse("10.244.2.1"), prediction.Sent.Source, false, 20_000) { IcmpType = 3, IcmpCode = 13 });
        seen.Add(new Sighting(new HopPoint("blue", "eth0", false), SightingKind.Back, prediction.Sent.Destination, prediction.Sent.Source, false, 30_000));
        var result = new ProbeResult(seen, Errno.EPERM) { RuleDrops = ["node2: inet f fw, rule handle 2"], DropReasons = ["NETFILTER_DROP"], NoDropReasons = "no tracefs" };
        var comparison = Comparison.Of(prediction, result);
        Prediction known = prediction with { Translations = [new Translation("node1", prediction.Sent, prediction.Sent, "masquerade from 192.168.1.11")] };
        known = known with { There = known.There with { Unknown = ["inet f fw handle 3: \"rt\""] }, Back = known.There };
        return new TraceReport(request, known, result, comparison with { Back = comparison.There, Differences = ["one"] });
    }
}
