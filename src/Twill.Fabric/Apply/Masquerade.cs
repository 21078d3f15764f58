using Twill.Fabric.Model;

namespace Twill.Fabric.Apply;

internal static class Masquerade
{
    internal static void Ensure(NetworkSettings network, IReadOnlyList<PodAddress> addresses) => throw new FabricException(FabricFault.Configuration, "masquerade");

    internal static bool IsThere(NetworkSettings network, IReadOnlyList<PodAddress> addresses) => false;

    internal static void Remove(string network)
    {
    }
}
