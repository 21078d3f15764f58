using Twill.Linux.Netns;

namespace Twill.Bench;

/// <summary>A pod's namespace, made before the clock runs.</summary>
public sealed class Pod : IDisposable
{
    private static int s_last;

    private Pod(string id, string name, NetworkNamespace network)
    {
        Id = id;
        Name = name;
        Network = network;
    }

    /// <summary>A container id as containerd makes them: 64 hexadecimal digits.</summary>
    public string Id { get; }

    public string Name { get; }

    public string Path => NetworkNamespace.NamedPath(Name);

    public NetworkNamespace Network { get; }

    public static Pod Create()
    {
        int n = ++s_last;
        string name = $"cni-{n:x8}-bench";
        return new Pod($"{n:x12}{n * 2654435761L & 0xffffffff:x8}{new string('b', 44)}", name, NetworkNamespace.CreateNamed(name));
    }

    public void Dispose()
    {
        Network.Dispose();
        NetworkNamespace.RemoveNamed(Name);
    }
}
