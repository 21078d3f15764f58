using System.CommandLine;

namespace Twill.Cli;

/// <summary>-o: the one way in which every command that shows something says for whom.</summary>
/// <param name="more">Formats besides text and json: svg, for instance.</param>
internal sealed class OutputOption(params string[] more) : ChoiceOption("--output", ["-o"], "For people, or for programs: JSON with a \"schema\" field, to which fields are only added", [Text, Json, .. more])
{
    internal const string Text = "text", Json = "json";

    internal bool IsJson(ParseResult result) => Format(result) == Json;

    internal string Format(ParseResult result) => result.GetValue(this)!;
}
