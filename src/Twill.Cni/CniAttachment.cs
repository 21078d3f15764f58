namespace Twill.Cni;

/// <summary>One attachment that is still valid, as GC lists it.</summary>
/// <param name="ContainerId">As in CNI_CONTAINERID.</param>
/// <param name="IfName">As in CNI_IFNAME; empty, where the runtime named none, stands for every interface of the container.</param>
/// <remarks>Source: CNI SPEC.md 1.1.0, "GC"; libcni types.GCAttachment.</remarks>
public readonly record struct CniAttachment(string ContainerId, string IfName);
