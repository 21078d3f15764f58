using System.CommandLine;

namespace Twill.Cli;

/// <summary>A command whose help begins with examples.</summary>
internal sealed class ExampleCommand(string name, string description, string[] examples) : Command(name, description)
{
    internal IReadOnlyList<string> Examples { get; } = examples;
}
