namespace Twill.Fabric.Model;

/// <summary>Shaping of a pod's traffic; 0 leaves a direction alone.</summary>
/// <param name="IngressRate">To the pod, bits per second.</param>
/// <param name="IngressBurst">Bits.</param>
/// <param name="EgressRate">From the pod, bits per second.</param>
/// <param name="EgressBurst">Bits.</param>
/// <remarks>Source: CNI conventions, capability "bandwidth".</remarks>
public readonly record struct Bandwidth(ulong IngressRate, ulong IngressBurst, ulong EgressRate, ulong EgressBurst);
