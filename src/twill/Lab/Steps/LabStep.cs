namespace Twill.Lab.Steps;

/// <summary>One write to the lab. Says in plain words what is wrong without it, and prints itself as the lines an administrator would type.</summary>
/// <param name="Namespace">The lab's name of the namespace that it changes.</param>
/// <param name="Group">Router, or the node that it belongs to: steps of one group are done in order, groups beside each other. Empty: after all others.</param>
internal abstract record LabStep(string Namespace, string Group)
{
    /// <summary>What is wrong without it: "node1 has no route to 10.244.2.0/24".</summary>
    internal abstract string Missing { get; }

    /// <summary>Like `ip`, `bridge`, `nft` and `sysctl` take them, for a shell in the host's namespace.</summary>
    internal abstract IReadOnlyList<string> Lines { get; }

    /// <summary>What mends it, in one line; empty: nobody types that.</summary>
    internal virtual string Remedy => Lines.Count > 0 ? Lines[0] : "";

    /// <summary>Something goes that nothing takes the place of.</summary>
    internal virtual bool Removes => false;

    /// <summary>The tool, working in the namespace.</summary>
    private protected string Ip => $"ip -n {Namespace}";

    /// <summary>What comes before a command that knows no namespaces itself.</summary>
    private protected string Inside => $"ip netns exec {Namespace}";
}
