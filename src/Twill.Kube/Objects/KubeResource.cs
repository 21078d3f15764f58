namespace Twill.Kube;

/// <summary>A kind of objects: where the API has them, which of them, and what we keep of each.</summary>
/// <param name="Group">The API group, e.g. discovery.k8s.io; empty for the core.</param>
/// <param name="Version">e.g. v1.</param>
/// <param name="Plural">e.g. nodes.</param>
/// <param name="IsNamespaced">Whether its objects live in namespaces.</param>
/// <param name="NewReader">One for each stream.</param>
public sealed record KubeResource<T>(string Group, string Version, string Plural, bool IsNamespaced, Func<IKubeReader<T>> NewReader)
    where T : class, IEquatable<T>
{
    /// <summary>The objects of one namespace only; null: of all.</summary>
    public string? Namespace { get; init; }

    /// <summary>e.g. app=web.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>e.g. spec.nodeName=node1.</summary>
    public string? FieldSelector { get; init; }

    internal string PathOf(string? space, string? name)
    {
        var path = Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";
        if (space is not null)
            path += $"/namespaces/{Uri.EscapeDataString(space)}";
        path += $"/{Plural}";
        return name is null ? path : $"{path}/{Uri.EscapeDataString(name)}";
    }

    internal string Selectors =>
        (LabelSelector is null ? "" : $"&labelSelector={Uri.EscapeDataString(LabelSelector)}") + (FieldSelector is null ? "" : $"&fieldSelector={Uri.EscapeDataString(FieldSelector)}");
}
