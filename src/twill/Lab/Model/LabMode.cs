namespace Twill.Lab.Model;

/// <summary>How the lab's nodes find each other's pods. The names are those of the agent's backends.</summary>
internal enum LabMode
{
    /// <summary>Each node has a route to each other node's block.</summary>
    Direct,

    /// <summary>Nodes have a default route only; the router has the routes to all blocks.</summary>
    Router,

    /// <summary>Each node reaches each other node's pods through a tunnel.</summary>
    Vxlan,

    /// <summary>Two LANs with the router between: routes to nodes of one's own LAN, a tunnel to the others.</summary>
    Auto,
}
