using Twill.Lab.State;
using Twill.Linux.Route;
using Twill.Linux.Sys;
using Twill.Trace;
using Xunit;

namespace Twill.Tests.Trace;

/// <summary>What is seen beside what was predicted. The controls: a walk that overlooks something is found out.</summary>
public sealed class ComparisonTests
{
    private static readonly TraceRequest s_request = new("blue", "green");

    [Fact]
    public void Compare_SeenAsPredicted_Agrees()
    {
        Prediction prediction = WalkTests.Predict(Faults.Healthy, s_request);
        TraceReport report = Report(prediction, Sightings(prediction));
        Assert.True(report.Agrees && report.Reaches && report.Answered);
        Assert.All(report.Comparison.There.Concat(report.Comparison.Back), r => Assert.True(r.Seen is Seen.Yes or Seen.Passed));
    }

    [Theory]
    [InlineData("forward")]
    [InlineData("route")]
    [InlineData("veth")]
    [InlineData("mtu-silent")]
    [InlineData("route-back")]
    public void Compare_WalkOverlookedWhatIsBroken_Differs(string fault)
    {
        (Func<LabState, LabState> harm, TraceRequest request, _, _) = Faults.All[fault];

        // The kernel does what is right for the broken lab; the walk is one that believes it whole.
        List<Sighting> seen = Sightings(WalkTests.Predict(harm(Faults.Healthy), request));
        TraceReport report = Report(WalkTests.Predict(Faults.Healthy, request), seen);
        Assert.False(report.Agrees);
        Assert.False(report.Reaches);
        Assert.Contains(report.Comparison.Differences, d => d.Contains("not seen there", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("forward")]
    [InlineData("arp")]
    [InlineData("rule")]
    public void Compare_WalkSawWhatIsNot_Differs(string fault)
    {
        (Func<LabState, LabState> harm, TraceRequest request, _, _) = Faults.All[fault];
        List<Sighting> seen = Sightings(WalkTests.Predict(Faults.Healthy, request));
        TraceReport report = Report(WalkTests.Predict(harm(Faults.Healthy), request), seen);
        Assert.False(report.Agrees);
        Assert.Contains(report.Comparison.Differences, d => d.Contains("predicted to be lost", StringComparison.Ordinal));
    }

    [Fact]
    public void Compare_LostWhereItWasPredicted_AgreesAndMarksThePlace()
    {
        (Func<LabState, LabState> harm, TraceRequest request, _, _) = Faults.All["rule"];
        Prediction prediction = WalkTests.Predict(harm(Faults.Healthy), request);
        TraceReport report = Report(prediction, Sightings(prediction));
        Assert.True(report.Agrees);
        Assert.False(report.Reaches);
        Assert.Equal((Seen.Lost, false), (report.Comparison.There[^1].Seen, report.Comparison.There[^1].Hop.Ok));
        Assert.Equal(Seen.Passed, report.Comparison.There[^2].Seen);
    }

    [Fact]
    public void Compare_AddressesTranslatedOnTheWay_SaysWhere()
    {
        Prediction prediction = WalkTests.Predict(Faults.Healthy, s_request);
        List<Sighting> seen = Sightings(prediction);
        int at = seen.FindIndex(s => s.Point is { Namespace: "node2", Device: "eth0" });
        seen[at] = seen[at] with { Source = IpAddress.Parse("192.168.1.11") };
        Assert.Equal(["node2 eth0: predicted 10.244.1.2 → 10.244.2.2, seen 192.168.1.11 → 10.244.2.2"], Report(prediction, seen).Comparison.Differences);
    }

    [Fact]
    public void Compare_CopiesForOthers_AreNoDifference()
    {
        Prediction prediction = WalkTests.Predict(Faults.Healthy, s_request);
        List<Sighting> seen = Sightings(prediction);
        seen.Add(seen[3] with { Point = new HopPoint("grey", "eth0", false), OtherHost = true });
        Assert.True(Report(prediction, seen).Agrees);
        seen[^1] = seen[^1] with { OtherHost = false };
        Assert.False(Report(prediction, seen).Agrees);
    }

    [Fact]
    public void Ping_Parts_AddUpToTheWholeWay()
    {
        Prediction prediction = WalkTests.Predict(Faults.Healthy, s_request);
        var seen = new ProbeResult(Sightings(prediction), Errno.None);
        IReadOnlyList<PathTime> parts = PongReport.PartsOf(prediction, seen);
        Assert.Equal(["pod blue", "node1", "wire", "node2", "pod green", "node2", "wire", "node1", "pod blue"], parts.Select(p => p.Place));
        Assert.Equal((seen.Sightings[^1].TimeNs - seen.Sightings[0].TimeNs) / 1000.0, parts.Sum(p => p.Micros), 6);
    }

    private static TraceReport Report(Prediction prediction, List<Sighting> seen)
    {
        var result = new ProbeResult(seen, Errno.None);
        return new TraceReport(s_request, prediction, result, Comparison.Of(prediction, result));
    }

    /// <summary>What a kernel shows that does what was predicted: one sighting each microsecond.</summary>
    private static List<Sighting> Sightings(Prediction prediction)
    {
        var seen = new List<Sighting>();
        foreach ((Journey? journey, SightingKind kind) in ((Journey?, SightingKind)[])[(prediction.There, SightingKind.There), (prediction.Back, SightingKind.Back)])
        {
            foreach (Hop hop in journey?.Hops ?? [])
            {
                if (hop.Point is { } point) seen.Add(new Sighting(point, kind, hop.Source, hop.Destination, OtherHost: false, seen.Count * 1000L));
            }
        }

        return seen;
    }
}
