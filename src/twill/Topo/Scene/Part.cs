namespace Twill.Topo.Scene;

/// <summary>What a shape stands for; each renderer has its look for it.</summary>
internal enum Part
{
    Node,
    Pod,

    /// <summary>Many pods in one box.</summary>
    Pods,
    Bridge,
    Router,
    Internet,

    /// <summary>From a pod to the bridge.</summary>
    Cable,

    /// <summary>From the bridge, or from another box, to the LAN.</summary>
    Uplink,

    /// <summary>The LAN itself.</summary>
    Lan,
}
