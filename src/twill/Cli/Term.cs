namespace Twill.Cli;

/// <summary>A word of help, and what it means.</summary>
/// <remarks>A class on purpose, like all that goes through LINQ here: each iterator over a struct is compiled anew, 0.5 MB in all.</remarks>
internal sealed record Term(string Name, string Meaning);
