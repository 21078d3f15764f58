using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Twill.KernelTests.Etcd;

/// <summary>A certificate authority of one test, with a server and a client below it.</summary>
internal sealed class TestAuthority : IDisposable
{
    // Certificates know only wall clock; these are valid from long ago until far away.
    private static readonly DateTimeOffset s_from = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), s_to = new(2049, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly X509Certificate2 _server;

    private readonly IPAddress[] _addresses;

    /// <param name="addresses">Of the server, beside loopback.</param>
    public TestAuthority(string name = "twill test authority", params IPAddress[] addresses)
    {
        _addresses = addresses;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        Certificate = request.CreateSelfSigned(s_from, s_to);
        _server = Issue("CN=etcd", "1.3.6.1.5.5.7.3.1", 1);
        Client = Issue("CN=node", "1.3.6.1.5.5.7.3.2", 2);
    }

    public X509Certificate2 Certificate { get; }

    public X509Certificate2 Client { get; }

    /// <summary>As files for etcd: ca.pem, server.pem, server.key, client.pem, client.key.</summary>
    public void Write(string directory)
    {
        File.WriteAllText(Path.Combine(directory, "ca.pem"), Certificate.ExportCertificatePem());
        Pair("server", _server);
        Pair("client", Client);

        void Pair(string name, X509Certificate2 certificate)
        {
            using ECDsa key = certificate.GetECDsaPrivateKey()!;
            File.WriteAllText(Path.Combine(directory, $"{name}.pem"), certificate.ExportCertificatePem());
            File.WriteAllText(Path.Combine(directory, $"{name}.key"), key.ExportECPrivateKeyPem());
        }
    }

    public void Dispose()
    {
        Certificate.Dispose();
        _server.Dispose();
        Client.Dispose();
    }

    private X509Certificate2 Issue(string subject, string purpose, byte serial)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (IPAddress address in (IPAddress[])[IPAddress.Loopback, .. _addresses]) names.AddIpAddress(address);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        using X509Certificate2 bare = request.Create(Certificate, s_from, s_to, [serial]);
        return bare.CopyWithPrivateKey(key);
    }
}
