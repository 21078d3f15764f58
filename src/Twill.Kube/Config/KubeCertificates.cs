using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Twill.Kube;

/// <summary>The certificates of a <see cref="KubeConfig"/>, read now.</summary>
/// <param name="Authorities">Whom we trust to vouch for the server; null means the system's.</param>
/// <param name="Client">Our own with its key; null where none is configured.</param>
/// <param name="Digest">Of all files and data, to see whether anything changed.</param>
internal sealed record KubeCertificates(X509Certificate2Collection? Authorities, X509Certificate2Collection? Client, string Digest)
{
    /// <exception cref="KubeConfigException">A file cannot be read, or is no certificate or key.</exception>
    public static KubeCertificates Load(KubeConfig config)
    {
        var ca = Bytes(config.CaData, config.CaFile);
        var cert = Bytes(config.ClientCertificateData, config.ClientCertificateFile);
        var key = Bytes(config.ClientKeyData, config.ClientKeyFile);
        return new KubeCertificates(
            ca is null ? null : Import(ca, config.CaFile ?? $"certificate-authority-data of {config.Origin}"),
            cert is null || key is null ? null : WithKey(cert, key, config),
            DigestOf(config, ca, cert, key));
    }

    /// <summary>Has a file changed since? False where none can be read: what we have is then the best there is.</summary>
    public bool IsStale(KubeConfig config)
    {
        try
        {
            return DigestOf(config, Bytes(config.CaData, config.CaFile), Bytes(config.ClientCertificateData, config.ClientCertificateFile), Bytes(config.ClientKeyData, config.ClientKeyFile)) != Digest;
        }
        catch (KubeConfigException)
        {
            return false;
        }
    }

    private static string DigestOf(KubeConfig config, params ReadOnlySpan<byte[]?> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            hash.AppendData(BitConverter.GetBytes(part?.Length ?? -1));
            hash.AppendData(part ?? []);
        }

        hash.AppendData(BitConverter.GetBytes(config.InsecureSkipTlsVerify));
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static byte[]? Bytes(ReadOnlyMemory<byte>? data, string? file) => data?.ToArray() ?? (file is null ? null : KubeConfig.FileBytes(file));

    private static X509Certificate2Collection Import(byte[] pem, string where)
    {
        var all = new X509Certificate2Collection();
        try
        {
            all.ImportFromPem(Text(pem));
        }
        catch (CryptographicException e)
        {
            throw new KubeConfigException($"cannot use {where}: {e.Message}", e);
        }

        return all.Count > 0 ? all : throw new KubeConfigException($"cannot use {where}: there is no certificate (BEGIN CERTIFICATE) in it");
    }

    /// <summary>The certificate with its key first, then what lies between it and its authority.</summary>
    private static X509Certificate2Collection WithKey(byte[] cert, byte[] key, KubeConfig config)
    {
        var where = config.ClientCertificateFile ?? $"client-certificate-data of {config.Origin}";
        var all = Import(cert, where);
        try
        {
            all[0] = X509Certificate2.CreateFromPem(Text(cert), Text(key));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new KubeConfigException($"cannot use {where} with its key: {e.Message}", e);
        }

        return all;
    }

    private static char[] Text(byte[] pem) => System.Text.Encoding.UTF8.GetChars(pem);
}
