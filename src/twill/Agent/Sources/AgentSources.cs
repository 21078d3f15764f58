using Twill.Fabric.Model;
using Twill.Fabric.Services.Model;

namespace Twill.Agent.Sources;

/// <summary>What an agent learns from: two views of one place.</summary>
/// <param name="Client">The connection they share; null: there is none.</param>
internal sealed record AgentSources(ISource<ClusterNode> Nodes, ISource<ServiceDescription> Services, IDisposable? Client) : IDisposable
{
    public void Dispose() => Client?.Dispose();
}
