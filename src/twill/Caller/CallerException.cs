namespace Twill.Caller;

/// <summary>A call of a network's plugins did not do what was asked: what, on which object, why, what to do.</summary>
internal sealed class CallerException(CallerFault fault, string message) : Exception(message)
{
    internal CallerFault Fault { get; } = fault;

    /// <summary>The plugin's own words, where one answered.</summary>
    internal PluginAnswer? Answer { get; init; }
}
