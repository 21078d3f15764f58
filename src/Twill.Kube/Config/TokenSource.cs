namespace Twill.Kube;

/// <summary>The bearer token as it is now. A file is read again after <see cref="MaxAge"/>, and at once after the server refused it.</summary>
/// <remarks>
/// The kubelet replaces a service account's token when 80 % of its hour has passed; reading the file each minute is early enough
/// without looking into the token, and client-go does the same. While the file cannot be read the last token goes on.
/// </remarks>
internal sealed class TokenSource(KubeConfig config, TimeProvider time)
{
    internal static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);
    private const int MaxLength = 64 << 10;

    private readonly Lock _lock = new();
    private string? _token = config.TokenFile is null ? config.Token : null;
    private long _readAt;

    /// <summary>The token; null where none is configured.</summary>
    /// <exception cref="KubeConfigException">The file cannot be read, and never could be.</exception>
    public string? Current()
    {
        if (config.TokenFile is not { } path)
            return _token;
        lock (_lock)
        {
            if (_token is not null && time.GetElapsedTime(_readAt) < MaxAge)
                return _token;
            try
            {
                _token = Checked(KubeConfig.FileText(path).Trim(), path);
            }
            catch (KubeConfigException) when (_token is not null)
            {
                // The kubelet replaces the folder by renaming a link; whoever else does it otherwise gets another minute.
            }

            _readAt = time.GetTimestamp();
            return _token;
        }
    }

    /// <summary>The server refused this token. True if another one is there now, so that asking again makes sense.</summary>
    public bool Refused(string? token)
    {
        if (config.TokenFile is null)
            return false;
        lock (_lock)
            _readAt -= (long)(MaxAge.TotalSeconds * time.TimestampFrequency);
        return Current() != token;
    }

    /// <summary>A token goes into a header: printable ASCII, no spaces.</summary>
    internal static string Checked(string token, string path)
    {
        if (token.Length is 0 or > MaxLength)
            throw new KubeConfigException($"cannot use the token in {path}: it has {token.Length} characters, not 1 to {MaxLength}");
        foreach (var c in token)
        {
            if (c is <= ' ' or > '~')
                throw new KubeConfigException($"cannot use the token in {path}: it has a space, a control character or a character that is not ASCII");
        }

        return token;
    }
}
