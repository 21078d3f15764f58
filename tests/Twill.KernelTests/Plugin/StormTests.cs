using System.Globalization;
using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Plugin;

/// <summary>A long random life of one host: ADD, DEL, GC, CHECK, namespaces that vanish, every second call killed somewhere; compared with a model after each step.</summary>
/// <remarks>Fixed seeds; TWILL_STORM_SEEDS="7 8 9" and TWILL_STORM_STEPS=5000 make other and longer ones. A failure prints its seed and the last steps.</remarks>
public sealed class StormTests
{
    private const int Slots = 6;

    public static TheoryData<int> Seeds => [.. (Environment.GetEnvironmentVariable("TWILL_STORM_SEEDS") ?? "1 2").Split(' ').Select(s => int.Parse(s, CultureInfo.InvariantCulture))];

    private static int Steps => int.Parse(Environment.GetEnvironmentVariable("TWILL_STORM_STEPS") ?? "250", CultureInfo.InvariantCulture);

    [Theory]
    [MemberData(nameof(Seeds))]
    [Trait("cni", "A12")]
    public void Storm_OfKilledCalls_EndsWithNothingLeft(int seed)
    {
        Net net = Net.Dual().With("ipam.ranges", System.Text.Json.Nodes.JsonNode.Parse("""[[{"subnet":"10.88.0.0/28"}],[{"subnet":"fd88::/64"}]]"""));
        using var host = new HostNamespace();
        var random = new Random(seed);
        var slots = new Slot[Slots];
        for (int i = 0; i < Slots; i++) slots[i] = new Slot(host.NewPod());
        var log = new List<string>();
        int kills = 0;
        for (int step = 0; step < Steps; step++)
        {
            int index = random.Next(Slots);
            Slot slot = slots[index];
            string verb = random.Next(10) switch { < 4 => "ADD", < 7 => "DEL", < 8 => "GC", < 9 => "CHECK", _ => "vanish" };
            int point = random.Next(1, verb == "ADD" ? 18 : 8);
            Strike strike = random.Next(2) > 0 ? Strike.Never : random.Next(2) == 0 ? Strike.KillAtEntry(point) : Strike.KillAtExit(point);
            log.Add($"{step}: {verb} {index} ({slot.State}) {(strike.Point == 0 ? "" : strike)}");
            string? problem = verb switch
            {
                "ADD" => Add(slot, strike),
                "DEL" => Del(slot, strike),
                "GC" => Gc(strike),
                "CHECK" => Check(slot),
                _ => Vanish(index),
            };
            problem ??= Compare();
            Assert.True(problem is null, $"seed {seed}: {problem}\n{string.Join('\n', log.TakeLast(25))}");
        }

        foreach (Slot slot in slots) Assert.Null(Del(slot, Strike.Never));
        Expect.None(net.Audit(host));
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}: {Steps} steps, {kills} kills");

        string? Add(Slot slot, Strike strike)
        {
            if (!slot.Pod.IsThere) return null;
            TracedRun run = TracedRun.Of(net.Call("ADD", slot.Pod), host, strike);
            if (run.Report.Killed) kills++;
            if (run.Report.Killed && !run.Reported)
            {
                if (slot.State != State.Attached) slot.State = State.Unknown;
                return null;
            }

            if (run.Reported)
            {
                if (slot.State == State.Attached) return $"a second ADD succeeded: {run.Outcome}";
                slot.Result = run.Outcome.Result;
                slot.State = State.Attached;
                return slot.Result.Problems(slot.Pod, "eth0") is { Count: > 0 } lies ? string.Join("; ", lies) : null;
            }

            return slot.State == State.Absent ? $"ADD failed: {run.Outcome}" : run.Outcome.SpecProblem(101);
        }

        string? Del(Slot slot, Strike strike)
        {
            TracedRun run = TracedRun.Of(net.DelCall(slot.Pod, slot.Result?.Json, withNetNs: slot.Pod.IsThere), host, strike);
            if (run.Report.Killed) kills++;
            if (!run.Reported && !run.Report.Killed) return $"DEL failed: {run.Outcome}";
            slot.State = run.Reported ? State.Absent : State.Unknown;
            slot.Result = null;
            return null;
        }

        string? Gc(Strike strike)
        {
            // The runtime lists all it has not yet got rid of.
            TracedRun run = TracedRun.Of(net.Gc(slots.Where(s => s.State != State.Absent).Select(s => s.Attachment())), host, strike);
            if (run.Report.Killed) kills++;
            return run.Report.Killed || run.Outcome.Ok ? null : $"GC failed: {run.Outcome}";
        }

        string? Check(Slot slot)
        {
            if (slot.State != State.Attached || !slot.Pod.IsThere) return null;
            PluginOutcome check = net.Call("CHECK", slot.Pod, prevResult: slot.Result!.Json).In(host);
            return check.Ok ? null : $"CHECK of an attachment that is well failed: {check}";
        }

        string? Vanish(int index)
        {
            Slot slot = slots[index];
            if (slot.Pod.IsThere) slot.Pod.Vanish();
            string? problem = Del(slot, Strike.Never);
            IReadOnlyList<LinkState> left = [];
            host.LookUntil(s => (left = [.. s.Links.Where(l => l.AltNames.Any(n => n.Contains(slot.Pod.ContainerId, StringComparison.Ordinal)))]).Count == 0, 5000);
            slots[index] = new Slot(host.NewPod());
            return problem ?? (left.Count == 0 ? null : $"left of the vanished pod: {string.Join(", ", left)}");
        }

        // Who is attached is there with the right addresses, once; of who is unknown there may be a pair and an ifb; nothing else is there.
        string? Compare()
        {
            HostState state = host.Look();
            var known = slots.Where(s => s.State == State.Attached).Select(s => s.Attachment()).ToList();
            var allowed = new List<string>();
            int unknown = slots.Count(s => s.State == State.Unknown);
            foreach (LinkState link in state.Links.Where(l => l.Kind is "veth" or "ifb"))
            {
                string? owner = link.AltNames.FirstOrDefault(n => n.StartsWith("twill:", StringComparison.Ordinal) || n.StartsWith("twill-ifb:", StringComparison.Ordinal));
                bool isUnknown = owner is null || slots.Any(s => s.State == State.Unknown && owner.Contains(s.Pod.ContainerId, StringComparison.Ordinal));
                if (isUnknown && unknown > 0) allowed.Add(link.Name);
            }

            IReadOnlyList<string> problems = Audit.Problems(state, known, [Net.Bridge, .. allowed]);
            return problems.Count > 0 ? string.Join("; ", problems) : allowed.Count > 2 * unknown ? $"{allowed.Count} links for {unknown} unfinished attachments: {string.Join(' ', allowed)}" : null;
        }
    }

    private enum State
    {
        Absent,
        Attached,

        /// <summary>A call was killed: anything from nothing to a whole attachment may be there.</summary>
        Unknown,
    }

    private sealed class Slot(Pod pod)
    {
        internal Pod Pod { get; } = pod;

        internal State State { get; set; }

        internal AddResult? Result { get; set; }

        internal Attachment Attachment() => new(Pod.ContainerId, "eth0", Result?.Addresses, Shaped: true);
    }
}
