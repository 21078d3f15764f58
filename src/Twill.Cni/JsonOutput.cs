using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Twill.Cni;

/// <summary>How everything of ours looks on stdout: 4 spaces, as libcni's own plugins print, one newline at the end.</summary>
internal sealed class JsonOutput : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);

    public JsonOutput() => Writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions
    {
        Indented = true,
        IndentSize = 4,
        NewLine = "\n",
        // The readers are JSON parsers and people, no browser: a path stays a path.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public Utf8JsonWriter Writer { get; }

    public byte[] ToBytes()
    {
        Writer.Flush();
        _buffer.Write("\n"u8);
        return _buffer.WrittenSpan.ToArray();
    }

    public void Dispose() => Writer.Dispose();
}
