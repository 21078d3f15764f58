namespace Twill.Fabric.Services.Apply;

/// <summary>What one <see cref="ServiceKeeper.Apply"/> wrote.</summary>
/// <param name="Bytes">Of all transactions.</param>
/// <param name="Messages">Of all transactions.</param>
/// <param name="Transactions">0 where nothing was to be written; 2 where elements wait for a chain that they name.</param>
/// <param name="Forgotten">UDP connections to endpoints that are gone.</param>
/// <param name="BridgeChanged">The bridge or a port of it was not as services need it.</param>
public readonly record struct ServiceChange(int Removed, int Added, int Bytes, int Messages, uint Transactions, int Forgotten, bool BridgeChanged)
{
    /// <summary>It was so already.</summary>
    public bool IsEmpty => Messages == 0 && Forgotten == 0 && !BridgeChanged;

    /// <summary>"2 elements added, 3 removed (1060 bytes)".</summary>
    public override string ToString() => IsEmpty
        ? "nothing to write"
        : $"{Added} elements added, {Removed} removed ({Bytes} bytes){(Forgotten > 0 ? $", {Forgotten} UDP connections forgotten" : "")}{(BridgeChanged ? ", bridge made ready" : "")}";
}
