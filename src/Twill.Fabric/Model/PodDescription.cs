using Twill.Linux.Route;

namespace Twill.Fabric.Model;

/// <summary>One pod and what it wishes for, wherever it is: enough to plan with.</summary>
public record PodDescription
{
    public required Owner Owner { get; init; }

    /// <summary>Addresses wished for; each is given or refused.</summary>
    public IReadOnlyList<IpAddress> RequestedAddresses { get; init; } = [];

    /// <summary>Addresses somebody else has chosen (a delegated IPAM plugin); used where the network has no pool of its own.</summary>
    public IReadOnlyList<PodAddress> GivenAddresses { get; init; } = [];

    /// <summary>Hardware address wished for; null: derived from the address.</summary>
    public MacAddress? Mac { get; init; }

    public Bandwidth? Bandwidth { get; init; }

    /// <summary>Ports of the node that lead to the pod.</summary>
    public IReadOnlyList<HostPort> HostPorts { get; init; } = [];

    /// <summary>What a person calls the pod ("default/web-0"); empty where the runtime did not say.</summary>
    public string PodName { get; init; } = "";
}
