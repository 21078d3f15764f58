using Twill.Fabric.Services.Apply;
using Twill.Lab.Goal;
using Twill.Lab.Model;
using Twill.Lab.State;

namespace Twill.Lab.Steps;

/// <summary>Services: the marks, and each node's table with what that needs of the bridge. Pods come first, as their ports are part of it.</summary>
internal sealed partial class LabDifference
{
    private void ServiceNames(IReadOnlyList<string> wanted, IReadOnlyList<string> actual)
    {
        string[] absent = [.. wanted.Except(actual, StringComparer.Ordinal)], surplus = [.. actual.Where(LabServiceWords.Is).Except(wanted, StringComparer.Ordinal)];
        if (absent.Length > 0 || surplus.Length > 0) _steps.Add(new SetServiceNames(absent, surplus));
    }

    private void Services()
    {
        if (_goal.Spec.Empty) return;
        if (_goal.Spec.HasAgents)
        {
            // A file is told with the nodes.
            if (_goal.Spec.Source == LabSource.Etcd && !_goal.Nodes.All(n => LabServices.AreIn(_goal.Spec, Actual(n)))) _steps.Add(new TellServices(_goal.Spec));
            return;
        }

        foreach (NamespaceState wanted in _goal.Nodes)
        {
            NamespaceState actual = Actual(wanted);
            if (_goal.Spec.Services.Count > 0) Services(wanted, actual);
            else if (LabServices.HasTable(actual)) _steps.Add(new RemoveServices(wanted.Name, wanted.Bridge!.Name));
        }
    }

    private void Services(NamespaceState wanted, NamespaceState actual)
    {
        ServiceComparison comparison = LabServices.Compare(_goal.Spec, actual);
        LinkState bridge = wanted.Bridge!;
        bool calls = actual.Link(bridge.Name) is { CallsNftables: true };
        string[] ports = [.. wanted.PortsOf(bridge.Name).Where(p => actual.Link(p.Name) is not { Port.Hairpin: true }).Select(p => p.Name)];
        if (!comparison.IsEmpty || !calls || ports.Length > 0) _steps.Add(new SetServices(wanted.Name, LabServices.Snapshot(_goal.Spec, wanted.Index), comparison, bridge.Name, !calls, ports));
    }
}
