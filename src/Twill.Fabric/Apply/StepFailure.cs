using Twill.Fabric.Plan;

namespace Twill.Fabric.Apply;

/// <summary>A write that the kernel refused.</summary>
public sealed record StepFailure(NodeStep Step, Exception Reason);
