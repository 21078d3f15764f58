namespace Twill.Fabric;

/// <summary>A network that cannot be as described, or is not what it should be: what, on which object, why, what to do.</summary>
/// <param name="kind">What the caller can do about it.</param>
public sealed class FabricException(FabricFault kind, string message) : Exception(message)
{
    public FabricFault Kind { get; } = kind;
}
