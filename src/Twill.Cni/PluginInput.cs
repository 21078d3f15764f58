namespace Twill.Cni;

/// <summary>What a runtime adds to a plugin's configuration for one call.</summary>
public sealed record PluginInput
{
    /// <summary>ADD: the result of the plugin before. DEL and CHECK: the last result of the ADD.</summary>
    public CniResult? PrevResult { get; init; }

    /// <summary>A JSON object with all the runtime has to offer, by capability; each plugin gets what it declared. Empty: nothing.</summary>
    public ReadOnlyMemory<byte> CapabilityArgs { get; init; }

    /// <summary>For GC; null sends no key, which plugins must not take for "nothing is valid".</summary>
    public IReadOnlyList<CniAttachment>? ValidAttachments { get; init; }
}
