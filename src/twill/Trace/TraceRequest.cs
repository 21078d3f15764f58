namespace Twill.Trace;

/// <summary>What was asked for on the command line.</summary>
internal sealed record TraceRequest(string From, string To)
{
    internal TraceProtocol Protocol { get; init; }

    /// <summary>Of TCP and UDP.</summary>
    internal ushort Port { get; init; }

    /// <summary>Bytes with the IP header; null: as ping does.</summary>
    internal int? Size { get; init; }

    internal bool V6 { get; init; }

    /// <summary>No packet is sent.</summary>
    internal bool PredictOnly { get; init; }

    /// <summary>The way back is shown too.</summary>
    internal bool Reply { get; init; }
}
