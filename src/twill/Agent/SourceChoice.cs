namespace Twill.Agent;

/// <summary>Where nodes are learned from, as it is typed: file:PATH, etcd://H1:2379,H2:2379, kubernetes or kubernetes:KUBECONFIG.</summary>
internal abstract record SourceChoice
{
    internal const string Forms = "file:PATH, etcd://HOST:2379[,HOST:2379...] or kubernetes[:KUBECONFIG]";

    private SourceChoice()
    {
    }

    internal sealed record Nodes(string Path) : SourceChoice
    {
        public override string ToString() => $"file:{Path}";
    }

    /// <param name="Members">HOST:PORT each.</param>
    internal sealed record Etcd(IReadOnlyList<string> Members) : SourceChoice
    {
        public override string ToString() => $"etcd://{string.Join(',', Members)}";
    }

    /// <param name="ConfigPath">Null: $KUBECONFIG, or the service account inside a pod.</param>
    internal sealed record Kubernetes(string? ConfigPath) : SourceChoice
    {
        public override string ToString() => ConfigPath is null ? "kubernetes" : $"kubernetes:{ConfigPath}";
    }

    /// <returns>Null: it is none of the forms; then why.</returns>
    internal static SourceChoice? Parse(string text, out string fault)
    {
        fault = $"{text}: expected {Forms}";
        if (text.StartsWith("file:", StringComparison.Ordinal)) return text.Length > 5 ? new Nodes(Path.GetFullPath(text[5..])) : null;
        if (text == "kubernetes") return new Kubernetes(null);
        if (text.StartsWith("kubernetes:", StringComparison.Ordinal)) return text.Length > 11 ? new Kubernetes(Path.GetFullPath(text[11..])) : null;
        if (!text.StartsWith("etcd://", StringComparison.Ordinal)) return null;
        string[] members = text[7..].TrimEnd('/').Split(',');
        foreach (string member in members)
        {
            if (Uri.TryCreate($"http://{member}", UriKind.Absolute, out Uri? uri) && uri is { PathAndQuery: "/", UserInfo: "" } && member.LastIndexOf(':') > member.LastIndexOf(']')) continue;
            fault = $"{text}: \"{member}\" is not HOST:PORT; expected etcd://10.0.0.1:2379 or etcd://10.0.0.1:2379,10.0.0.2:2379";
            return null;
        }

        return new Etcd(members);
    }
}
