using System.Net;

namespace Twill.Kube;

/// <summary>A request to the API server failed: which verb, on what, what the server said with its number, what to do.</summary>
public sealed class KubeException : Exception
{
    private const int MaxQuotedLength = 512;

    private KubeException(KubeFault fault, string message, Exception? inner = null)
        : base(message, inner) => Fault = fault;

    public KubeFault Fault { get; }

    /// <summary>The server's answer; null where there was none.</summary>
    public HttpStatusCode? StatusCode { get; private init; }

    /// <summary>The server's one word for it, e.g. Expired; empty where it gave none.</summary>
    public string Reason { get; private init; } = "";

    /// <summary>The object that cannot be read, if it has a name.</summary>
    public string? Key { get; private init; }

    /// <summary>How long the server asks us to wait.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    internal static KubeException Unreachable(KubeCall call, Exception inner) =>
        new(KubeFault.Unreachable, $"{call.Failed}: {Words(inner)}; is the API server running, and can this node reach it?", inner);

    internal static KubeException Lost(KubeCall call, Exception inner) =>
        new(KubeFault.Unreachable, $"{call.Failed}: the connection was lost: {Words(inner)}", inner);

    internal static KubeException Tls(KubeCall call, Exception inner) =>
        new(KubeFault.Tls, $"{call.Failed}: no trust: {Words(inner)}; check certificate authority, server name and client certificate in {call.Config.Origin}", inner);

    internal static KubeException Timeout(KubeCall call, TimeSpan bound) =>
        new(KubeFault.Timeout, $"{call.Failed}: no answer within {bound.TotalSeconds:0.###} s");

    internal static KubeException Malformed(KubeCall call, string why, Exception? inner = null) =>
        new(KubeFault.Malformed, $"{call.Failed}: {why}; is something else than an API server answering there?", inner);

    internal static KubeException UnreadableObject(string resource, string? key, Exception inner) =>
        new(KubeFault.Object, $"cannot read {resource} {Shorten(key ?? "without a usable name")}: {Words(inner)}; the others are not affected", inner) { Key = key };

    internal static KubeException TooMany(string resource, int bound) =>
        new(KubeFault.Malformed, $"cannot keep {resource}: there are more than {bound}; raise the bound, or select fewer");

    internal static KubeException Stale(string resource, ulong version, ulong seen) =>
        new(KubeFault.Refused, $"cannot use the list of {resource}: it is of version {version}, and version {seen} was seen; another API server that lags behind, or a restored backup");

    internal static KubeException FromStatus(KubeCall call, int code, KubeStatus status, TimeSpan? retryAfter)
    {
        retryAfter ??= status.RetryAfter;
        var fault = code switch
        {
            401 => KubeFault.Unauthorized,
            403 => KubeFault.Forbidden,
            404 => KubeFault.NotFound,
            409 => KubeFault.Conflict,
            410 => KubeFault.Gone,
            429 => KubeFault.Busy,
            503 when retryAfter is not null => KubeFault.Busy,
            _ => KubeFault.Refused,
        };
        var advice = fault switch
        {
            KubeFault.Unauthorized => $"; the credentials of {call.Config.Origin} are not accepted: are they expired, or of another cluster?",
            KubeFault.Forbidden => $"; a role must allow it: apiGroups [\"{call.Group}\"], resources [\"{call.Resource}\"], verbs [\"{call.Verb}\"]",
            KubeFault.NotFound when call.Verb is "list" or "watch" => $"; does this server have {call.Resource} in \"{call.Group}\"?",
            KubeFault.Busy when retryAfter is { } wait => $"; it asks to wait {wait.TotalSeconds:0} s",
            _ => "",
        };
        var word = status.Reason.Length > 0 ? status.Reason : ((HttpStatusCode)code).ToString();
        return new KubeException(fault, $"{call.Failed}: {code} {Shorten(word)} \"{Shorten(status.Message)}\"{advice}")
        {
            StatusCode = (HttpStatusCode)code,
            Reason = status.Reason,
            RetryAfter = retryAfter,
        };
    }

    /// <summary>The inmost message says it: the ones around it only say that something failed.</summary>
    private static string Words(Exception e)
    {
        const int maxDepth = 8;
        for (var i = 0; i < maxDepth && e.InnerException is { } inner; i++)
            e = inner;
        return Shorten(e.Message).TrimEnd('.');
    }

    private static string Shorten(string text)
    {
        var cut = text.Length > MaxQuotedLength ? string.Concat(text.AsSpan(0, MaxQuotedLength), "...") : text;
        return string.Create(cut.Length, cut, static (to, from) =>
        {
            for (var i = 0; i < to.Length; i++)
                to[i] = char.IsControl(from[i]) || char.IsSurrogate(from[i]) ? '?' : from[i];
        });
    }
}
