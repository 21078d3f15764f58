namespace Twill.Linux.Route;

/// <summary>An address on a link, as the kernel told it.</summary>
public sealed record IfAddress
{
    public required IfIndex Dev { get; init; }

    /// <inheritdoc cref="AddressSpec.Address"/>
    public required IpPrefix Address { get; init; }

    /// <inheritdoc cref="AddressSpec.Peer"/>
    public IpAddress? Peer { get; init; }

    public IpAddress? Broadcast { get; init; }

    public AddressFlags Flags { get; init; }

    public RouteScope Scope { get; init; }

    /// <inheritdoc cref="AddressSpec.Protocol"/>
    public byte Protocol { get; init; }
}
