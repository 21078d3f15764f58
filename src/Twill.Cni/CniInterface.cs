namespace Twill.Cni;

/// <summary>An interface in a result.</summary>
/// <param name="Name">Its name, in its own namespace.</param>
/// <param name="Mac">Hardware address as text; null when the plugin did not say.</param>
/// <param name="Mtu">In bytes; only 1.1.0 carries it.</param>
/// <param name="Sandbox">CNI_NETNS for an interface in the pod, null for one of the host.</param>
/// <param name="SocketPath">Absolute path of a vhost-user socket; only 1.1.0 carries it.</param>
/// <param name="PciId">Platform address of the device, e.g. 0000:00:1f.6; only 1.1.0 carries it.</param>
/// <remarks>Source: CNI SPEC.md 1.1.0, section 5 "ADD Success".</remarks>
public sealed record CniInterface(string Name, string? Mac = null, int? Mtu = null, string? Sandbox = null, string? SocketPath = null, string? PciId = null);
