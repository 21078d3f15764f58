using Twill.Fabric.Services.Apply;
using Twill.Fabric.Services.Compile;
using Twill.Fabric.Services.Model;
using Twill.Lab.Goal;
using Twill.Lab.State;

namespace Twill.Lab.Steps;

/// <summary>Services: the marks, and each node's table with what that needs of the bridge. Pods come first, as their ports are part of it.</summary>
internal sealed partial class LabDifference
{
    private void ServiceNames(IReadOnlyList<string> wanted, IReadOnlyList<string> actual)
    {
        string[] absent = [.. wanted.Except(actual, StringComparer.Ordinal)], surplus = [.. actual.Where(Model.LabServiceWords.Is).Except(wanted, StringComparer.Ordinal)];
        if (absent.Length > 0 || surplus.Length > 0) _steps.Add(new SetServiceNames(absent, surplus));
    }

    private void Services()
    {
        if (_goal.Spec.Empty) return;
        foreach (NamespaceState wanted in _goal.Nodes)
        {
            NamespaceState actual = Actual(wanted);
            bool there = actual.Chains.Any(c => c.Table.Name == ServiceTable.Table.Name);
            if (_goal.Spec.Services.Count > 0) Services(wanted, actual);
            else if (there) _steps.Add(new RemoveServices(wanted.Name, wanted.Bridge!.Name));
        }
    }

    private void Services(NamespaceState wanted, NamespaceState actual)
    {
        ServiceSnapshot snapshot = LabServices.Snapshot(_goal.Spec, wanted.Index);
        ServiceComparison comparison = ServiceComparison.Of(snapshot, actual.Chains, actual.Rules, actual.Sets.Select(s => (s.Set, s.Elements)));
        LinkState bridge = wanted.Bridge!;
        bool calls = actual.Link(bridge.Name) is { CallsNftables: true };
        string[] ports = [.. wanted.PortsOf(bridge.Name).Where(p => actual.Link(p.Name) is not { Port.Hairpin: true }).Select(p => p.Name)];
        if (!comparison.IsEmpty || !calls || ports.Length > 0) _steps.Add(new SetServices(wanted.Name, snapshot, comparison, bridge.Name, !calls, ports));
    }
}
