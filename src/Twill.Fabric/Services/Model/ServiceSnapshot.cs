namespace Twill.Fabric.Services.Model;

/// <summary>Everything a source knows at one time; what is not in it is gone.</summary>
public sealed record ServiceSnapshot(ServiceNode Node, IReadOnlyList<ServiceDescription> Services);
