using System.Text;
using System.Text.Json;

namespace Twill.Kube;

/// <summary>What the server says when it says no.</summary>
/// <remarks>Source: k8s.io/apimachinery/pkg/apis/meta/v1, Status. Something else in between may answer in plain text; that text is the message then.</remarks>
internal readonly record struct KubeStatus(int Code, string Reason, string Message, TimeSpan? RetryAfter)
{
    public static KubeStatus Read(ReadOnlySpan<byte> body)
    {
        var (code, reason, message, retry) = (0, "", "", (TimeSpan?)null);
        try
        {
            var json = new Utf8JsonReader(body);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                return new(0, "", Plain(body), null);
            while (json.NextProperty())
            {
                if (json.ValueTextEquals("code"u8))
                    code = json.Int32OrZero();
                else if (json.ValueTextEquals("reason"u8))
                    reason = json.StringValue(null) ?? "";
                else if (json.ValueTextEquals("message"u8))
                    message = json.StringValue(null) ?? "";
                else if (json.ValueTextEquals("details"u8))
                    retry = ReadDetails(ref json);
                else
                    json.SkipValue();
            }
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return new(code, reason, message.Length > 0 ? message : Plain(body), retry);
        }

        return new(code, reason, message, retry);
    }

    private static TimeSpan? ReadDetails(ref Utf8JsonReader json)
    {
        TimeSpan? retry = null;
        if (!json.EnterObject())
            return null;
        while (json.NextProperty())
        {
            if (json.ValueTextEquals("retryAfterSeconds"u8))
                retry = json.Int32OrZero() is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : null;
            else
                json.SkipValue();
        }

        return retry;
    }

    private static string Plain(ReadOnlySpan<byte> body) => Encoding.UTF8.GetString(body).Trim();
}
