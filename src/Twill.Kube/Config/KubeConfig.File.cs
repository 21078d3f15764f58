using System.Text;
using Twill.Kube.Yaml;

namespace Twill.Kube;

/// <content>kubeconfig files, YAML or JSON.</content>
public sealed partial class KubeConfig
{
    /// <summary>More than any kubeconfig, certificate or token has.</summary>
    public const int MaxFileBytes = 4 << 20;

    /// <summary>Reads a kubeconfig file.</summary>
    /// <param name="path">Names in it are relative to its folder.</param>
    /// <param name="context">Another context than current-context.</param>
    /// <exception cref="KubeConfigException">File, line and key of what cannot be used.</exception>
    public static KubeConfig FromFile(string path, string? context = null) => Parse(FileBytes(path), path, context);

    /// <summary>As <see cref="FromFile"/>, from text.</summary>
    /// <param name="utf8">The whole text.</param>
    /// <param name="path">Its name in messages; its folder is where relative names begin.</param>
    /// <remarks>Source: k8s.io/client-go/tools/clientcmd/api/v1/types.go.</remarks>
    public static KubeConfig Parse(ReadOnlySpan<byte> utf8, string path, string? context = null)
    {
        try
        {
            return Read(YamlReader.Read(utf8, path), path, context);
        }
        catch (YamlException e)
        {
            throw new KubeConfigException(e.Message, e);
        }
    }

    private static KubeConfig Read(YamlNode document, string path, string? context)
    {
        if (document.IsNull)
            throw document.Invalid("the file is empty");
        if (document.Find("kind") is { } kind && kind.String() != "Config")
            throw kind.Invalid("expected a kubeconfig: kind Config");
        var name = context ?? (document.Find("current-context") is { } current && current.String().Length > 0 ? current.String() : null)
            ?? throw document.Invalid($"current-context is not set; name one of the contexts: {Names(document, "contexts")}");
        var chosen = Named(document, "contexts", name).Need("context");
        var cluster = Named(document, "clusters", chosen.Need("cluster").String()).Need("cluster");
        var userName = chosen.Find("user")?.String() ?? "";
        var user = userName.Length > 0 ? Named(document, "users", userName).Find("user") : null;

        cluster.AllowOnly("server", "certificate-authority", "certificate-authority-data", "insecure-skip-tls-verify", "tls-server-name", "proxy-url", "disable-compression", "extensions");
        if (cluster.Find("proxy-url") is { } proxy && proxy.String().Length > 0)
            throw proxy.Invalid("a proxy is not used here; the API server must be reachable from this node itself");
        if (user is not null)
            RefuseOtherCredentials(user);
        var (cert, certFile) = DataOrFile(user, "client-certificate", path);
        var (key, keyFile) = DataOrFile(user, "client-key", path);
        if ((cert ?? (object?)certFile) is null != (key ?? (object?)keyFile) is null)
            throw user!.InvalidSecret("client-certificate and client-key must be there together");
        var (ca, caFile) = DataOrFile(cluster, "certificate-authority", path);
        var insecure = cluster.Find("insecure-skip-tls-verify")?.Bool() ?? false;
        if (insecure && (ca ?? (object?)caFile) is not null)
            throw cluster.Invalid("insecure-skip-tls-verify and certificate-authority contradict each other; remove one");
        return new KubeConfig
        {
            Server = ServerOf(cluster.Need("server")),
            Origin = path,
            User = userName,
            Namespace = chosen.Find("namespace")?.String(),
            CaData = ca,
            CaFile = caFile,
            InsecureSkipTlsVerify = insecure,
            TlsServerName = cluster.Find("tls-server-name")?.String() is { Length: > 0 } server ? server : null,
            ClientCertificateData = cert,
            ClientCertificateFile = certFile,
            ClientKeyData = key,
            ClientKeyFile = keyFile,
            Token = user?.Find("token")?.String() is { Length: > 0 } token ? TokenSource.Checked(token, path) : null,
            TokenFile = user?.Find("tokenFile")?.String() is { Length: > 0 } file ? Beside(path, file) : null,
        }.Checked();
    }

    private static void RefuseOtherCredentials(YamlNode user)
    {
        const string instead = "use a token, a tokenFile or a client certificate";
        foreach (var (key, value) in user.Entries())
        {
            if (value.IsNull)
                continue;
            switch (key)
            {
                case "token" or "tokenFile" or "client-certificate" or "client-certificate-data" or "client-key" or "client-key-data" or "extensions":
                    break;
                case "exec":
                    throw value.Invalid($"a credential plugin is a program, and none is run here; {instead}");
                case "auth-provider":
                    throw value.Invalid($"auth providers were removed from Kubernetes 1.26; {instead}");
                case "username" or "password":
                    throw value.InvalidSecret($"name and password were removed from Kubernetes 1.19; {instead}");
                case "as" or "as-uid" or "as-groups" or "as-user-extra":
                    throw value.Invalid("speaking as another user is not done here; use that user's own credentials");
                default:
                    throw value.InvalidSecret($"unknown key {YamlException.Quote(key)}; {instead}");
            }
        }
    }

    private static YamlNode Named(YamlNode document, string list, string name)
    {
        foreach (var item in (document.Find(list) ?? throw document.Invalid($"{list} is missing")).Items())
        {
            if (item.Find("name")?.String() == name)
                return item;
        }

        throw document.Invalid($"{list} has no {YamlException.Quote(name)}; it has: {Names(document, list)}");
    }

    private static string Names(YamlNode document, string list)
    {
        const int maxNames = 8;
        var items = document.Find(list)?.Items() ?? [];
        var names = new List<string>();
        foreach (var item in items.Take(maxNames)) names.Add(YamlException.Quote(item.Find("name")?.String() ?? ""));
        return items.Count == 0 ? "none" : string.Join(", ", names) + (items.Count > maxNames ? ", ..." : "");
    }

    private static (ReadOnlyMemory<byte>? Data, string? File) DataOrFile(YamlNode? node, string key, string path)
    {
        if (node?.Find(key + "-data") is { } data && data.String().Length > 0)
        {
            try
            {
                return (Convert.FromBase64String(data.String()), null);
            }
            catch (FormatException)
            {
                throw data.InvalidSecret("expected base64");
            }
        }

        return (null, node?.Find(key)?.String() is { Length: > 0 } file ? Beside(path, file) : null);
    }

    private static Uri ServerOf(YamlNode node)
    {
        if (!Uri.TryCreate(node.String(), UriKind.Absolute, out var server) || (server.Scheme != Uri.UriSchemeHttps && server.Scheme != Uri.UriSchemeHttp))
            throw node.Invalid("expected a URL such as https://192.168.1.10:6443");
        return server.UserInfo.Length == 0 && server.Query.Length == 0 && server.Fragment.Length == 0 ? server : throw node.Invalid("expected scheme, host, port and path alone");
    }

    private static string Beside(string path, string name) =>
        name.Contains('\0') ? throw new KubeConfigException($"cannot use {path}: a file name has a NUL in it") : Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, name);

    internal static string FileText(string path) => Encoding.UTF8.GetString(FileBytes(path));

    internal static byte[] FileBytes(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            // Not the file's length: a file in /proc or a pipe has none.
            var bytes = new MemoryStream();
            Span<byte> part = stackalloc byte[4096];
            for (int read; (read = file.Read(part)) > 0;)
            {
                bytes.Write(part[..read]);
                if (bytes.Length > MaxFileBytes)
                    throw new KubeConfigException($"cannot read {path}: it is larger than {MaxFileBytes} bytes");
            }

            return bytes.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new KubeConfigException($"cannot read {path}: {e.Message}", e);
        }
    }
}
