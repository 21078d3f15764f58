using Twill.Linux.Route;

namespace Twill.Fabric.Model;

/// <summary>An address of a pod with its subnet's length, and the gateway that serves it.</summary>
public readonly record struct PodAddress(IpPrefix Address, IpAddress? Gateway);
