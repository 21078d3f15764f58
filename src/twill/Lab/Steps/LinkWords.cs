using Twill.Lab.State;

namespace Twill.Lab.Steps;

/// <summary>Links in sentences.</summary>
internal static class LinkWords
{
    internal static string Name(LinkState link) => link.Kind == "bridge" ? $"the bridge {link.Name}" : link.Name;

    /// <summary>" (the cable to blue)", or nothing.</summary>
    internal static string Towards(LinkState link) => link.PeerNamespace is { } peer ? $" (the cable to {peer})" : "";
}
