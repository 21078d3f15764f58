using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Twill.Tests.Kube.Server;

/// <content>What it answers, and the faults in it.</content>
internal sealed partial class FakeApiServer
{
    /// <summary>False: the connection ends here.</summary>
    private async Task<bool> AnswerAsync(Stream stream, Head request)
    {
        if (Token is { } token && request.Headers.GetValueOrDefault("Authorization") != $"Bearer {token}")
        {
            await WriteAsync(stream, 401, Status(401, "Unauthorized", "Unauthorized"));
            return true;
        }

        var fault = Faults.ForRequest();
        switch (fault)
        {
            case Fault.Cut:
                return false;
            case Fault.ServerError:
                await WriteAsync(stream, 500, Status(500, "InternalError", "etcdserver: leader changed"));
                return true;
            case Fault.Busy:
                await WriteAsync(stream, 429, Status(429, "TooManyRequests", "too many requests"), "Retry-After: 0\r\n");
                return true;
        }

        if (request.Uri.AbsolutePath.StartsWith("/apis/coordination.k8s.io/v1/namespaces/", StringComparison.Ordinal))
            return await AnswerLeaseAsync(stream, request);
        var path = request.Method == "PATCH" ? ResourceOf(request.Uri) : request.Uri.AbsolutePath;
        var (api, kind) = path == "/api/v1/nodes" ? (Api, "Node") : Others.TryGetValue(path, out var other) ? other : (null, "");
        if (api is null)
        {
            await WriteAsync(stream, 403, Status(403, "Forbidden", $"{request.Uri.AbsolutePath[8..]} is forbidden: User \\\"u\\\" cannot list it"));
            return true;
        }

        if (request.Method == "PATCH") return await AnswerStatusAsync(stream, request, api);
        return request.Query("watch") is null ? await AnswerListAsync(stream, request, api, kind, fault) : await AnswerWatchAsync(stream, request, api, kind);
    }

    private async Task<bool> AnswerListAsync(Stream stream, Head request, FakeApi api, string kind, Fault fault)
    {
        var limit = int.Parse(request.Query("limit") ?? "0", CultureInfo.InvariantCulture);
        var start = request.Query("continue")?.Split('/', 2);
        var version = start is null ? (fault == Fault.Stale ? api.SomePast(Faults.Random) : ListVersions.TryDequeue(out var old) ? old : api.Version) : ulong.Parse(start[0], CultureInfo.InvariantCulture);
        var all = fault == Fault.Expired && start is not null ? null : api.At(version);
        if (all is null)
        {
            await WriteAsync(stream, 410, Status(410, "Expired", "The provided continue parameter is too old"));
            return true;
        }

        var rest = all.Values.Where(o => start is null || string.CompareOrdinal(o.Name, start[1]) > 0).ToList();
        var page = limit > 0 ? rest.Take(limit).ToList() : rest;
        var more = page.Count < rest.Count ? $",\"continue\":\"{version}/{page[^1].Name}\",\"remainingItemCount\":{rest.Count - page.Count}" : "";
        // Pretty-printed once in a while: JSON is JSON.
        var space = version % 2 == 0 ? "" : "\n  ";
        var body = Encoding.UTF8.GetBytes($"{{{space}\"kind\":\"{kind}List\",\"apiVersion\":\"v1\",{space}\"metadata\":{{\"resourceVersion\":\"{version}\"{more}}},{space}\"items\":{space}[{string.Join("," + space, page.Select(o => o.Json))}]}}\n");
        if (fault == Fault.Truncate)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n").Concat(body.Take(Faults.Pick(body.Length))).ToArray());
            return false;
        }

        if (request.Headers.GetValueOrDefault("Accept-Encoding")?.Contains("gzip", StringComparison.Ordinal) == true && body.Length > 4096)
            await WriteAsync(stream, 200, Gzip(body), "Content-Encoding: gzip\r\n");
        else
            await WriteAsync(stream, 200, body);
        return true;
    }

    private async Task<bool> AnswerWatchAsync(Stream stream, Head request, FakeApi api, string kind)
    {
        var position = ulong.Parse(request.Query("resourceVersion")!, CultureInfo.InvariantCulture);
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(int.Parse(request.Query("timeoutSeconds")!, CultureInfo.InvariantCulture)));
        if (position < api.Compacted && position % 2 == 0)
        {
            await WriteAsync(stream, 410, Status(410, "Expired", "too old resource version"));
            return true;
        }

        await stream.WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n"u8.ToArray());
        while (Scripted.TryDequeue(out var scripted))
            await ChunkAsync(stream, Event(scripted.Type, scripted.Json));
        string? held = null;
        var sent = 0;
        while (true)
        {
            if (api.After(position, out var changed) is not { } entries)
            {
                await ChunkAsync(stream, GoneEvent);
                break;
            }

            foreach (var entry in entries)
            {
                position = entry.Object.Version;
                var line = Event(entry.Type, entry.Object.Json);
                var fault = Faults.ForEvent();
                if (fault == Fault.Reorder && held is null)
                {
                    held = line;
                    continue;
                }

                if (!await SendAsync(stream, line, fault))
                    return false;
                if (held is not null && !await SendAsync(stream, held, Fault.None))
                    return false;
                held = null;
                if (fault == Fault.Gone)
                    return await EndAsync(stream);
                if (++sent % BookmarkEvery == 0)
                    await ChunkAsync(stream, Event("BOOKMARK", $$$"""{"kind":"{{{kind}}}","apiVersion":"v1","metadata":{"resourceVersion":"{{{position}}}"}}"""));
            }

            if (held is not null)
            {
                await ChunkAsync(stream, held);
                held = null;
            }

            await stream.FlushAsync();
            using var wait = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stop.Token);
            try
            {
                await changed.WaitAsync(wait.Token);
            }
            catch (OperationCanceledException) when (timeout.IsCancellationRequested)
            {
                break;
            }
        }

        return await EndAsync(stream);
    }

    private static async Task<bool> EndAsync(Stream stream)
    {
        await stream.WriteAsync("0\r\n\r\n"u8.ToArray());
        return true;
    }

    private async Task<bool> SendAsync(Stream stream, string line, Fault fault)
    {
        switch (fault)
        {
            case Fault.Drop:
                return true;
            case Fault.Duplicate:
                await ChunkAsync(stream, line + line);
                return true;
            case Fault.Delay:
                await Task.Delay(TimeSpan.FromMilliseconds(Faults.Pick(15)), TimeProvider.System, _stop.Token);
                break;
            case Fault.Truncate:
                await ChunkAsync(stream, line[..Faults.Pick(line.Length)]);
                return false;
            case Fault.Cut:
                return false;
            case Fault.Garbage:
                await ChunkAsync(stream, "{\"type\":\"MODIFIED\",\"object\":{\"metadata\":nonsense}}\n");
                return true;
            case Fault.Gone:
                await ChunkAsync(stream, line);
                await ChunkAsync(stream, GoneEvent);
                return true;
        }

        // In two pieces, so that no reader may believe that an event comes as a whole.
        var half = line.Length / 2;
        await ChunkAsync(stream, line[..half]);
        await ChunkAsync(stream, line[half..]);
        return true;
    }

    private static string GoneEvent => Event("ERROR", Encoding.UTF8.GetString(Status(410, "Expired", "too old resource version")));

    private static string Event(string type, string json) => $"{{\"type\":\"{type}\",\"object\":{json}}}\n";

    private static async Task ChunkAsync(Stream stream, string text)
    {
        var body = Encoding.UTF8.GetBytes(text);
        if (body.Length > 0)
            await stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes($"{body.Length:x}\r\n"), .. body, .. "\r\n"u8]);
    }

    /// <summary>/api/v1/namespaces/default/services/web/status is of /api/v1/services.</summary>
    private static string ResourceOf(Uri status)
    {
        var parts = status.AbsolutePath.Split('/');
        var at = Array.IndexOf(parts, "namespaces");
        return at < 0 ? status.AbsolutePath : string.Join('/', [.. parts[..at], parts[at + 2]]);
    }

    /// <summary>A merge patch of the status: the part that is given replaces what was.</summary>
    private static async Task<bool> AnswerStatusAsync(Stream stream, Head request, FakeApi api)
    {
        var key = $"{request.Uri.Segments[^4].TrimEnd('/')}/{request.Uri.Segments[^2].TrimEnd('/')}";
        if (!api.Objects.TryGetValue(key, out var stored))
        {
            await WriteAsync(stream, 404, Status(404, "NotFound", "not found"));
            return true;
        }

        var changed = JsonNode.Parse(stored.Json)!.AsObject();
        changed["status"] = JsonNode.Parse(request.Body)!["status"]!.DeepClone();
        var made = api.Put(key, version =>
        {
            changed["metadata"]!["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture);
            return changed.ToJsonString();
        });
        await WriteAsync(stream, 200, Encoding.UTF8.GetBytes(made.Json));
        return true;
    }

    /// <summary>Leases, by create, get and merge patch with the version in it.</summary>
    private async Task<bool> AnswerLeaseAsync(Stream stream, Head request)
    {
        var body = request.Body.Length > 0 ? JsonNode.Parse(request.Body)!.AsObject() : null;
        var key = body is null ? request.Uri.Segments[^1] : (string)body["metadata"]!["name"]!;
        var (code, answer) = (200, "");
        lock (_leases)
        {
            var exists = _leases.TryGetValue(key, out var lease);
            switch (request.Method)
            {
                case "POST" when exists:
                    (code, answer) = (409, Encoding.UTF8.GetString(Status(409, "AlreadyExists", "it is there")));
                    break;
                case "PATCH" when exists && (string?)body!["metadata"]!["resourceVersion"] != (string?)lease!["metadata"]!["resourceVersion"]:
                    (code, answer) = (409, Encoding.UTF8.GetString(Status(409, "Conflict", "the object has been modified")));
                    break;
                case "GET" or "PATCH" when !exists:
                    (code, answer) = (404, Encoding.UTF8.GetString(Status(404, "NotFound", "not found")));
                    break;
                case "GET":
                    answer = lease!.ToJsonString();
                    break;
                default:
                    body!["metadata"]!["resourceVersion"] = (++_leaseVersion).ToString(CultureInfo.InvariantCulture);
                    body["metadata"]!["labels"] = lease?["metadata"]!["labels"]?.DeepClone() ?? new JsonObject { ["kept"] = "by others" };
                    _leases[key] = body;
                    answer = body.ToJsonString();
                    break;
            }
        }

        await WriteAsync(stream, code, Encoding.UTF8.GetBytes(answer));
        return true;
    }

    private readonly Dictionary<string, JsonObject> _leases = [];
    private long _leaseVersion = 100;
}
