using Twill.Linux.Netns;

namespace Twill.Bench;

/// <summary>A pod's namespace, made before the clock runs.</summary>
public sealed class Pod : IDisposable
{
    private static int s_last;

    private readonly bool _named;

    private Pod(string id, string name, NetworkNamespace network, bool named)
    {
        Id = id;
        Name = name;
        Network = network;
        _named = named;
    }

    /// <summary>A container id as containerd makes them: 64 hexadecimal digits.</summary>
    public string Id { get; }

    public string Name { get; }

    /// <summary>The value of CNI_NETNS.</summary>
    public string Path => _named ? NetworkNamespace.NamedPath(Name) : $"/proc/{Environment.ProcessId}/fd/{Network.DescriptorNumber}";

    public NetworkNamespace Network { get; }

    /// <summary>A pod to be measured: its namespace has a name, as runtimes give it one.</summary>
    public static Pod Create() => Create(named: true);

    /// <summary>
    /// A pod that only has to be there. Its namespace has no name: a name is a mount, the mount table is the same for all nodes of
    /// the bench, and a program that reads it while it starts would pay in every row for the pods of one.
    /// </summary>
    public static Pod CreatePresent() => Create(named: false);

    private static Pod Create(bool named)
    {
        int n = ++s_last;
        string name = $"cni-{n:x8}-bench";
        return new Pod($"{n:x12}{n * 2654435761L & 0xffffffff:x8}{new string('b', 44)}", name, named ? NetworkNamespace.CreateNamed(name) : NetworkNamespace.Create(), named);
    }

    public void Dispose()
    {
        Network.Dispose();
        if (_named) NetworkNamespace.RemoveNamed(Name);
    }
}
