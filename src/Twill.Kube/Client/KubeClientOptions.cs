namespace Twill.Kube;

/// <summary>The bounds of a <see cref="KubeClient"/>; the defaults are meant to be kept.</summary>
public sealed record KubeClientOptions
{
    /// <summary>Sent as User-Agent: the server's audit log shows it.</summary>
    public string UserAgent { get; init; } = "twill";

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For one answer as a whole, and for the beginning of a watch.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the server keeps a watch before it ends it; each gets between this and twice this, so that not all clients come back at once.</summary>
    public TimeSpan WatchTime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How much later than agreed a watch may end before we end it: the server or something between us is dead.</summary>
    public TimeSpan WatchGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How soon a silent connection is asked whether it is still there; it is dropped when three times this passed without an answer,
    /// so within 30 s at the default. By TCP keep-alive; a server that answers that and hangs is asked by HTTP/2's ping frames, four times later.
    /// </summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Objects in one answer of a list. client-go's number.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>The largest object that is read, in bytes of JSON; etcd's limit is 1.5 MiB.</summary>
    public int MaxObjectBytes { get; init; } = 8 << 20;

    /// <summary>For everything that waits. Tests bring their own.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Decides about jitter.</summary>
    public Random Random { get; init; } = Random.Shared;
}
