using System.Text;

namespace Twill.Agent.Http;

/// <summary>What the agent says to one GET.</summary>
/// <param name="Status">200, 404, 503.</param>
internal sealed record HttpAnswer(int Status, string ContentType, ReadOnlyMemory<byte> Body)
{
    internal static HttpAnswer Text(string text, int status = 200) => new(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text));

    internal static HttpAnswer Json(string json, int status = 200) => new(status, "application/json", Encoding.UTF8.GetBytes(json));

    internal static HttpAnswer NotFound(string path) => Text($"the agent does not know {path}\n", 404);
}
