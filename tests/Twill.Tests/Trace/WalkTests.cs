using Twill.Lab;
using Twill.Lab.Goal;
using Twill.Lab.Model;
using Twill.Lab.State;
using Twill.Linux.Nft;
using Twill.Linux.Nft.Expressions;
using Twill.Tests.Lab;
using Twill.Trace;
using Xunit;

namespace Twill.Tests.Trace;

public sealed class WalkTests
{
    private const ulong Identity = 0x0123456789abcdef;

    private static readonly string s_ways = Path.Combine(Golden.Directory(), "ways");

    public static TheoryData<string> Faulty { get; } = [.. Faults.All.Keys];

    [Theory]
    [MemberData(nameof(Faulty))]
    public void Predict_OneThingBroken_StopsThereAndNamesIt(string name)
    {
        (Func<LabState, LabState> harm, TraceRequest request, CauseKind kind, string where) = Faults.All[name];
        LabState state = harm(Faults.Healthy);
        var plan = new LabPlan(Faults.Spec);
        Prediction prediction = Predict(state, request), whole = Predict(Faults.Healthy, request);
        Assert.False(prediction.Reaches);
        if (name != "nobody") Assert.True(whole.Reaches, whole.Cause?.Sentence);
        Cause cause = new Diagnosis(state, LabGoal.For(plan), plan.Masquerade).Of(prediction)!;
        Golden.Check(Path.Combine(s_ways, $"{name}.txt"), $"{Draw(prediction, request)}\n{cause.Sentence}\n{string.Concat(cause.Fix.Select(f => $"  {f}\n"))}");
        Assert.Equal((kind, where), (cause.Kind, cause.Namespace));
        if (kind is not (CauseKind.NoSuchAddress or CauseKind.WrongNeighbour)) Assert.NotEmpty(cause.Fix);
    }

    [Theory]
    [InlineData("two-nodes", "blue", "green")]
    [InlineData("one-node", "blue", "red")]
    [InlineData("to-the-internet", "blue", "internet")]
    [InlineData("node-to-pod", "node1", "green")]
    [InlineData("to-itself", "blue", "blue")]
    public void Predict_Healthy_IsAsKept(string name, string from, string to)
    {
        var request = new TraceRequest(from, to) { Reply = true };
        Prediction prediction = Predict(Faults.Healthy, request);
        Assert.True(prediction.Reaches);
        Golden.Check(Path.Combine(s_ways, $"{name}.txt"), Draw(prediction, request));
    }

    [Theory]
    [InlineData("Direct", true)]
    [InlineData("Router", true)]
    [InlineData("Direct", false)]
    public void Predict_HealthyLab_EverybodyReachesEverybody(string mode, bool v4)
    {
        LabSpec spec = new LabSpec { Mode = Enum.Parse<LabMode>(mode), V4 = v4, V6 = !v4 }.Grown(3, 2);
        LabState state = LabGoal.For(spec);
        string[] names = [.. state.Namespaces.Where(n => n.Kind is LabKind.Pod or LabKind.Node).Select(n => n.Name)];
        foreach (string from in names)
        {
            foreach (string to in names.Append("internet"))
            {
                Prediction prediction = Predict(state, new TraceRequest(from, to) { V6 = !v4 });
                Assert.True(prediction.Reaches, $"{from} {to}: {prediction.Cause?.Sentence}");
                bool fromPodOut = to == "internet" && state.Find(from)!.Kind == LabKind.Pod;
                Assert.Equal(fromPodOut ? 1 : 0, prediction.Translations.Count());
            }
        }
    }

    [Fact]
    public void Predict_RuleNotUnderstood_IsNamedAndTakenForNotMatching()
    {
        var rule = new NftRule(Faults.Forward, Nft.Raw("rt", new NftRt(0, NftRegister.First)), Nft.Drop);
        Prediction prediction = Predict(Faults.Rule(Faults.Healthy, "node1", NftVerdict.Accept, rule), new TraceRequest("blue", "green"));
        Assert.True(prediction.Reaches);
        Assert.Equal(["inet f fw handle 2: \"rt\""], prediction.There.Unknown);
    }

    internal static Prediction Predict(LabState state, TraceRequest request)
        => Prediction.Of(state, new StateRoutes(), Endpoint.Find(state, request.From, request.V6), Endpoint.Find(state, request.To, request.V6), request, Identity);

    private static string Draw(Prediction prediction, TraceRequest request)
        => TraceText.Draw(new TraceReport(request, prediction, null, Comparison.Of(prediction, null)), 120, Style.Plain);
}
