using System.Buffers;

namespace Twill.Kube;

/// <content>One object at a time.</content>
public sealed partial class KubeClient
{
    /// <summary>One object; null if there is none.</summary>
    /// <param name="space">Its namespace; null for what has none.</param>
    /// <exception cref="KubeException">What the server said.</exception>
    public async Task<KubeItem<T>?> GetAsync<T>(KubeResource<T> resource, string? space, string name, CancellationToken ct = default)
        where T : class, IEquatable<T>
    {
        var call = Call("get", resource, Named(space, name));
        try
        {
            return await BoundedAsync(call, Options.RequestTimeout, bound => ReadObjectAsync(call, resource, HttpMethod.Get, resource.PathOf(space, name), null, bound), ct);
        }
        catch (KubeException e) when (e.Fault == KubeFault.NotFound)
        {
            return null;
        }
    }

    /// <summary>Makes a lease; null if one of that name is there already.</summary>
    /// <exception cref="KubeException">What the server said.</exception>
    public async Task<KubeItem<KubeLease>?> TryCreateAsync(KubeLease lease, CancellationToken ct = default)
    {
        var resource = KubeLease.Resource(lease.Namespace);
        return await TryWriteAsync(Call("create", resource, Named(lease.Namespace, lease.Name)), resource, HttpMethod.Post, resource.PathOf(lease.Namespace, null), lease.ToJson(null), ct);
    }

    /// <summary>Changes a lease as it was seen at a version; null if somebody else changed it since, and then nothing happened.</summary>
    /// <param name="version">Of the item that the change was made from.</param>
    /// <remarks>A merge patch with the version in it: what others keep in the object (labels, owners) stays. The role needs the verb patch.</remarks>
    /// <exception cref="KubeException">Fault NotFound: it is gone. Others: what the server said.</exception>
    public async Task<KubeItem<KubeLease>?> TryUpdateAsync(KubeLease lease, ulong version, CancellationToken ct = default)
    {
        var resource = KubeLease.Resource(lease.Namespace);
        return await TryWriteAsync(Call("patch", resource, Named(lease.Namespace, lease.Name)), resource, HttpMethod.Patch, resource.PathOf(lease.Namespace, lease.Name), lease.ToJson(version), ct);
    }

    /// <summary>Says at which addresses a service of type LoadBalancer is reached: status.loadBalancer.ingress. The role needs patch of services/status.</summary>
    /// <exception cref="KubeException">Fault NotFound: it is gone. Others: what the server said.</exception>
    public async Task<KubeItem<KubeService>> SetIngressAsync(string space, string name, IReadOnlyList<string> addresses, CancellationToken ct = default)
    {
        var resource = KubeService.Resource;
        var call = Call("patch status of", resource, Named(space, name));
        return await BoundedAsync(call, Options.RequestTimeout, bound => ReadObjectAsync(call, resource, HttpMethod.Patch, $"{resource.PathOf(space, name)}/status", KubeService.IngressJson(addresses), bound), ct);
    }

    private async Task<KubeItem<T>?> TryWriteAsync<T>(KubeCall call, KubeResource<T> resource, HttpMethod method, string path, byte[] body, CancellationToken ct)
        where T : class, IEquatable<T>
    {
        try
        {
            return await BoundedAsync(call, Options.RequestTimeout, bound => ReadObjectAsync(call, resource, method, path, body, bound), ct);
        }
        catch (KubeException e) when (e.Fault == KubeFault.Conflict)
        {
            return null;
        }
    }

    private async Task<KubeItem<T>> ReadObjectAsync<T>(KubeCall call, KubeResource<T> resource, HttpMethod method, string path, byte[]? body, CancellationToken ct)
        where T : class, IEquatable<T>
    {
        using var response = await SendAsync(call, method, path, body, ct);
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        using var bytes = new MemoryStream();
        var part = new byte[PageBufferBytes];
        try
        {
            for (int read; (read = await stream.ReadAsync(part, ct)) > 0;)
            {
                bytes.Write(part.AsSpan(0, read));
                if (bytes.Length > Options.MaxObjectBytes)
                    throw KubeException.Malformed(call, $"the object is larger than {Options.MaxObjectBytes} bytes");
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException or InvalidDataException)
        {
            throw KubeException.Lost(call, e);
        }

        return new ObjectReader<T>(resource, null).Read(new ReadOnlySequence<byte>(bytes.GetBuffer(), 0, (int)bytes.Length));
    }

    private static string Named(string? space, string name) => space is null ? name : $"{space}/{name}";
}
