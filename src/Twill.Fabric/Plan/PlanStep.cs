using Twill.Fabric.Model;

namespace Twill.Fabric.Plan;

/// <summary>What is to be in the kernel after a change, and what is there if it is as it was planned before.</summary>
/// <param name="Plan">With all nodes, or with those that changed.</param>
/// <param name="Known">Of the same nodes, as they were; null: nothing was planned before.</param>
/// <param name="Nodes">How many nodes were looked at for it, those before and those now.</param>
internal sealed record PlanStep(NodePlan Plan, NodeState? Known, int Nodes);
