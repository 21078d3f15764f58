using Twill.Lab.State;

namespace Twill.Lab.Steps;

/// <summary>Agents, and what they learn from. What is an agent's work on its node is nobody else's.</summary>
internal sealed partial class LabDifference
{
    private void Sources(NamespaceState wanted, NamespaceState actual)
    {
        if (wanted.Told.Length > 0 && wanted.Told != actual.Told) _steps.Add(new TellNodes(wanted.Told));
        if (wanted.Agent.Length > 0 && actual.Agent.Length == 0) _steps.Add(new StartEtcd(_goal.Spec));
        if (wanted.Agent.Length == 0 && actual.Agent.Length > 0) _steps.Add(new StopEtcd());
    }

    private void Agent(NamespaceState wanted, NamespaceState actual)
    {
        if (wanted.Agent == actual.Agent) return;
        if (wanted.Agent.Length > 0) _steps.Add(new StartAgent(wanted.Name, wanted.Agent, actual.Agent));
        else _steps.Add(new StopAgent(wanted.Name, wanted.Name, _all.Spec, Leaves: false));
    }

    /// <summary>Forwarding, the ways to other nodes' pods and the tunnel.</summary>
    private static NamespaceState WithoutAgents(NamespaceState wanted)
    {
        string[] tunnels = [.. wanted.Links.Where(l => l.Kind == "vxlan").Select(l => l.Name)];
        return wanted with
        {
            Sysctls = new Dictionary<string, string>(),
            Routes = [.. wanted.Routes.Where(r => r.Destination.Length == 0)],
            Addresses = [.. wanted.Addresses.Where(a => !tunnels.Contains(a.Device))],
        };
    }
}
