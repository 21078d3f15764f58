namespace Twill.Lab.Model;

/// <summary>Whether the lab's nodes have agents, and where these learn of each other.</summary>
internal enum LabSource
{
    /// <summary>No agents: the lab itself writes the routes, so that a lesson stays broken until somebody mends it.</summary>
    None,

    /// <summary>A list that the lab writes, and all agents read.</summary>
    File,

    /// <summary>An etcd on the router; each agent claims its node's block there.</summary>
    Etcd,
}
