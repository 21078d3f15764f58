using Twill.Linux.Netns;

namespace Twill.Fabric.Model;

/// <summary>One pod that wants to be attached to one network.</summary>
public sealed record PodRequest : PodDescription
{
    public required NetworkNamespace Namespace { get; init; }
}
