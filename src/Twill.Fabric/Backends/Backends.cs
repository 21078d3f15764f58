namespace Twill.Fabric.Backends;

/// <summary>The backends there are.</summary>
public static class Backends
{
    public const string Default = "auto";

    public static IReadOnlyList<IBackend> All { get; } = [new AutoBackend(), new DirectBackend(), new VxlanBackend(), new RouterBackend()];

    /// <exception cref="FabricException">There is none of that name.</exception>
    public static IBackend Find(string name)
    {
        foreach (IBackend backend in All)
        {
            if (backend.Name == name) return backend;
        }

        throw new FabricException(FabricFault.Configuration, $"there is no backend \"{name}\": use one of {string.Join(", ", All.Select(b => b.Name))}");
    }
}
