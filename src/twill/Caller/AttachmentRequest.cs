using Twill.Cni;

namespace Twill.Caller;

/// <summary>What a runtime says about one attachment; the same on ADD, CHECK and DEL.</summary>
/// <param name="NetNs">A path; on DEL it may be empty or gone.</param>
internal sealed record AttachmentRequest(string ContainerId, string NetNs, string IfName)
{
    /// <summary>K=V;K2=V2, or empty.</summary>
    internal string Args { get; init; } = "";

    /// <summary>A JSON object of capabilities; each plugin gets those it declares. Empty: none.</summary>
    internal ReadOnlyMemory<byte> CapabilityArgs { get; init; }

    /// <exception cref="CallerException">An id or a name that the specification does not allow.</exception>
    internal void Validate()
    {
        if (CniNames.IdentifierProblem(ContainerId) is { } id) throw new CallerException(CallerFault.Input, $"container id {CniException.Quote(ContainerId)} {id}: give another with --container-id");
        if (CniNames.IfNameProblem(IfName, toCreate: true) is { } name) throw new CallerException(CallerFault.Input, $"interface name {CniException.Quote(IfName)} {name}: give another with --ifname");
    }

    public override string ToString() => $"{IfName} of container {ContainerId}";
}
