namespace Twill.Fabric.LoadBalancers;

/// <summary>Who announces an address, as the source has it.</summary>
/// <param name="Holder">A node's name; empty: nobody, it was given back.</param>
/// <param name="Version">Changes with each write, a renewal included: etcd's revision, Kubernetes' resourceVersion.</param>
public sealed record LeaseRecord(string Holder, long Version);
