using System.Diagnostics.CodeAnalysis;

namespace Twill.Cni;

/// <summary>The error object on stdout: ours to write, or a delegated plugin's, read.</summary>
/// <param name="Code">One of <see cref="CniErrorCode"/>, or another plugin's own from 100 on.</param>
/// <param name="Msg">One line for a person.</param>
/// <param name="Details">May be empty.</param>
/// <remarks>Source: CNI SPEC.md 1.1.0, section 5 "Error"; libcni pkg/invoke/raw_exec.go reads stdout, and stderr only if that is empty.</remarks>
public sealed record CniError(int Code, string Msg, string Details)
{
    /// <summary>The object as UTF-8 JSON with a final newline.</summary>
    /// <param name="error">What went wrong.</param>
    /// <param name="cniVersion">The request's cniVersion as it was written, even where we do not speak it; see <see cref="NetworkConfig.PeekVersion"/>.</param>
    public static byte[] Write(CniException error, string cniVersion)
    {
        var json = new JsonOutput();
        json.WriteStartObject();
        json.WriteString("cniVersion"u8, cniVersion);
        json.WriteNumber("code"u8, error.Code);
        json.WriteString("msg"u8, error.Message);
        if (error.Details.Length > 0)
            json.WriteString("details"u8, error.Details);
        json.WriteEndObject();
        return json.ToBytes();
    }

    /// <summary>Reads a delegated plugin's error; false when the text is no error object, e.g. a panic.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out CniError? error)
    {
        error = null;
        try
        {
            int? code = null;
            string msg = "", details = "";
            var json = new JsonInput(utf8, "error");
            json.Object();
            while (json.NextKey(out var key))
            {
                switch (key)
                {
                    case "code":
                        code = json.Int32(0, int.MaxValue);
                        break;
                    case "msg":
                        msg = json.String();
                        break;
                    case "details":
                        details = json.String();
                        break;
                    default:
                        json.Skip();
                        break;
                }
            }

            json.End();
            if (code is { } c)
                error = new CniError(c, msg, details);
        }
        catch (CniException)
        {
            return false;
        }

        return error is not null;
    }

    /// <summary>To be thrown on: the delegate's error becomes ours.</summary>
    public CniException ToException() => new(Code, Msg, Details);
}
