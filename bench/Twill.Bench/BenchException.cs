namespace Twill.Bench;

/// <summary>The run cannot go on; the text says why and what to do.</summary>
public sealed class BenchException(string message) : Exception(message);
