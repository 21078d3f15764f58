using Twill.Lab;
using Twill.Lab.Goal;
using Twill.Lab.Lesson;
using Twill.Lab.Model;
using Twill.Lab.State;
using Twill.Lab.Steps;
using Xunit;

namespace Twill.Tests.Lab;

public sealed class LabLessonTests
{
    public static TheoryData<string> Kinds { get; } = [.. LabFault.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Fault_InEveryKindOfLab_IsOneStepAndDoesNotGiveItselfAway(string kind)
    {
        foreach (LabSpec spec in (LabSpec[])[new LabSpec().Grown(2, 1), new LabSpec { Mode = LabMode.Router, V6 = true }.Grown(2, 1), new LabSpec { V4 = false, V6 = true }.Grown(2, 1)])
        {
            var fault = LabFault.Of(kind, LabGoal.For(spec), "node2");
            LabStep step = Assert.Single(fault.Steps);
            Assert.NotEmpty(step.Lines);
            Assert.All(step.Lines, line => Assert.DoesNotContain(line, fault.Lesson, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Fault_WhereThereIsNothingToBreak_SaysSo()
    {
        LabState alone = LabGoal.For(new LabSpec().Grown(1, 0));
        Assert.Contains("no route to another node's pods", Assert.Throws<LabException>(() => LabFault.Of("route", alone, null)).Message, StringComparison.Ordinal);
        Assert.Contains("no pod that is plugged in", Assert.Throws<LabException>(() => LabFault.Of("veth", alone, null)).Message, StringComparison.Ordinal);
        Assert.Contains("did you mean node1?", Assert.Throws<LabException>(() => LabFault.Of("veth", alone, "node2")).Message, StringComparison.Ordinal);
        Assert.Contains("your own work", Assert.Throws<LabException>(() => LabFault.Of("veth", LabGoal.For(new LabSpec { Empty = true }.Grown(1, 1)), null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_FinishedLabs_AreDoneWhateverTheirMode()
    {
        foreach (LabSpec spec in (LabSpec[])[new LabSpec().Grown(3, 2), new LabSpec { Mode = LabMode.Router, V6 = true }.Grown(2, 1), new LabSpec { V4 = false, V6 = true }.Grown(2, 2)])
        {
            IReadOnlyList<WorkTask> tasks = LabJudge.Judge(LabGoal.For(spec));
            Assert.All(tasks, t => Assert.True(t.Done, t.Hint));
            Assert.Equal(tasks.Count, tasks.Select(t => t.Title).Distinct(StringComparer.Ordinal).Count());
        }
    }

    [Fact]
    public void Judge_EmptyLab_TellsTheWholeWayInOrder()
    {
        LabState state = LabGoal.For(new LabSpec { Empty = true }.Grown(2, 1));
        Golden.Check(Path.Combine(Golden.Directory(), "scripts", "check-work.txt"), WorkText.Draw(LabJudge.Judge(state)));
    }

    [Fact]
    public void Judge_TwoPodsWithOneAddress_NamesBoth()
    {
        LabState state = LabGoal.For(new LabSpec().Grown(1, 2));
        AddressState twice = state.Find("blue")!.Addresses[0];
        state = state with { Namespaces = [.. state.Namespaces.Select(n => n.Name == "red" ? n with { Addresses = [twice] } : n)] };
        Assert.Contains(LabJudge.Judge(state), t => !t.Done && t.Hint.Contains("red and blue both have 10.244.1.2", StringComparison.Ordinal));
    }
}
