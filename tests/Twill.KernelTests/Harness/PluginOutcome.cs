using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Twill.KernelTests.Harness;

/// <summary>How a plugin ended and what it said.</summary>
public sealed record PluginOutcome(PluginRun Run, int ExitCode, string Output, string Error, bool TimedOut, TimeSpan Time)
{
    public bool Ok => ExitCode == 0 && !TimedOut;

    /// <summary>stdout as JSON; null when it is empty or none.</summary>
    public JsonObject? Json
    {
        get
        {
            try
            {
                return string.IsNullOrWhiteSpace(Output) ? null : JsonNode.Parse(Output) as JsonObject;
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }

    /// <summary>The error object's code; 0 without one.</summary>
    public int Code => Json?["code"] is JsonValue code && code.TryGetValue(out int number) ? number : 0;

    /// <summary>The error object's msg and details.</summary>
    public string Message => $"{(string?)Json?["msg"]} {(string?)Json?["details"]}".Trim();

    public AddResult Result => AddResult.Of(Json ?? throw new InvalidOperationException($"{this}: no result"));

    /// <summary>Fails the test unless the plugin succeeded; DEL, CHECK, GC and STATUS must also have printed nothing.</summary>
    public PluginOutcome Succeeded()
    {
        Assert.True(Ok, ToString());
        if (Run.Command is "DEL" or "CHECK" or "GC" or "STATUS") Assert.Equal("", Output.Trim());
        return this;
    }

    /// <summary>Fails the test unless this is a failure as the specification wants it: non-zero exit, and on stdout exactly one error object.</summary>
    public PluginOutcome FailedBySpec(params int[] codes)
    {
        Assert.Null(SpecProblem(codes));
        return this;
    }

    /// <summary>What is wrong with this as a failure by the specification; null if nothing.</summary>
    public string? SpecProblem(params int[] codes)
    {
        if (TimedOut) return $"it hung: {this}";
        if (ExitCode == 0) return $"it succeeded: {this}";
        if (ExitCode >= 128) return $"it was killed or crashed: {this}";
        if (Json is not { } json) return $"stdout is not one JSON object: {this}";
        if (Code == 0) return $"no error code: {this}";
        if (string.IsNullOrWhiteSpace((string?)json["msg"])) return $"no msg: {this}";
        if (string.IsNullOrWhiteSpace((string?)json["cniVersion"])) return $"no cniVersion: {this}";
        return codes.Length > 0 && !codes.Contains(Code) ? $"code {Code} instead of {string.Join(" or ", codes)}: {this}" : null;
    }

    public override string ToString() => $"{Run.Command} exit {ExitCode}{(TimedOut ? " (timed out)" : "")} after {Time.TotalMilliseconds:f0} ms: {Cut(Output)} {Cut(Error)}".TrimEnd();

    private static string Cut(string text) => (text.Length > 600 ? $"{text[..600]}..." : text).Trim();
}
