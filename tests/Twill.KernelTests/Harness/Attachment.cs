namespace Twill.KernelTests.Harness;

/// <summary>An attachment that should exist: what an audit compares the host with.</summary>
/// <param name="Addresses">Without prefix length; null when the test does not know them (an ADD whose result was lost).</param>
/// <param name="Shaped">Whether what it sends is shaped, so that it has an ifb.</param>
public sealed record Attachment(string ContainerId, string IfName, IReadOnlyList<string>? Addresses, bool Shaped = false)
{
    public static Attachment Of(PluginOutcome add, bool shaped = false) => new(add.Run.ContainerId!, add.Run.IfName!, add.Result.Addresses, shaped);

    public override string ToString() => $"{ContainerId}:{IfName}";
}
