using Twill.Linux.Route;

namespace Twill.Fabric.Apply;

/// <summary>The network's bridge as found or made.</summary>
/// <param name="Mtu">Bytes.</param>
/// <param name="LastAddress">The address last given out, a hint for delayed reuse; null where the bridge keeps none.</param>
/// <param name="IsOurs">We made it, so we may write on it.</param>
/// <param name="GsoMaxSize">Bytes it takes in one piece.</param>
internal readonly record struct BridgeState(IfIndex Index, MacAddress Mac, int Mtu, IpAddress? LastAddress, bool IsOurs, int GsoMaxSize);
