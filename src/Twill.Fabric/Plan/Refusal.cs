namespace Twill.Fabric.Plan;

/// <summary>A node that is not admitted as it is described, and why. What was programmed for it before stays.</summary>
/// <param name="Other">With whom it clashes; null where it is nobody else's matter.</param>
public sealed record Refusal(string Node, string? Other, string Text)
{
    public override string ToString() => Text;
}
