using Twill.Fabric.LoadBalancers;
using Twill.Fabric.Model;
using Twill.Fabric.Services.Model;

namespace Twill.Agent.Sources;

/// <summary>What an agent learns from: two views of one place.</summary>
/// <param name="Leases">Where nodes agree who announces an address; null: this place knows no agreement.</param>
/// <param name="Grants">Where a service's addresses are written; null: people write them.</param>
/// <param name="Client">The connection they share; null: there is none.</param>
internal sealed record AgentSources(ISource<ClusterNode> Nodes, ISource<ServiceDescription> Services, ILeaseStore? Leases, IGrantStore? Grants, IDisposable? Client) : IDisposable
{
    public void Dispose() => Client?.Dispose();
}
