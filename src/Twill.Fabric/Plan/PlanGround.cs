namespace Twill.Fabric.Plan;

/// <summary>What of a plan follows from all nodes together; everything else in it comes from one node each.</summary>
/// <param name="OuterV6">The family of the tunnel's outer packets; null: the backend has no tunnel.</param>
/// <param name="HasFar">At least one node is reached through the tunnel, so that there is one.</param>
internal readonly record struct PlanGround(bool? OuterV6, bool HasFar);
