using Twill.Agent.Sources;
using Twill.Fabric.Keep;
using Twill.Fabric.LoadBalancers;
using Twill.Fabric.Services.Compile;
using Twill.Fabric.Services.Model;

namespace Twill.Agent.Services;

/// <summary>What the agent knows of services at one moment.</summary>
/// <param name="Plan">Null: nothing is kept yet.</param>
/// <param name="InPlace">The last snapshot is in the kernel.</param>
/// <param name="Announced">Load-balancer addresses of the pools, and who announces each.</param>
internal sealed record ServiceFacts(SourceReading<ServiceDescription> Reading, ServicePlan? Plan, bool InPlace, KeeperCounters Counters, IReadOnlyList<AnnouncedAddress> Announced);
