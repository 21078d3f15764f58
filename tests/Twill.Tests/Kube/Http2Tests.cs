using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Twill.Kube;
using Twill.Tests.Kube.Server;
using Xunit;

namespace Twill.Tests.Kube;

/// <summary>HTTP/2 over TLS, as an API server speaks it: list and watch share a connection.</summary>
public sealed class Http2Tests
{
    [Fact]
    public async Task Informer_OverHttp2_ListsAndWatchesOnOneConnection()
    {
        using var authority = new TestCertificates();
        using var serving = authority.Issue("kube-apiserver");
        using var mine = authority.Issue("agent");
        var api = new FakeApi();
        InformerTests.Put(api, 1, 0);
        var seen = new ConcurrentBag<(string Protocol, string Connection, string? Client)>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l =>
        {
            l.Protocols = HttpProtocols.Http1AndHttp2;
            l.UseHttps(serving, tls =>
            {
                tls.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                tls.AllowAnyClientCertificate();
            });
        }));
        await using var app = builder.Build();
        app.Run(async context =>
        {
            seen.Add((context.Request.Protocol, context.Connection.Id, context.Connection.ClientCertificate?.Subject));
            context.Response.ContentType = "application/json";
            if (context.Request.Query["watch"] != "1")
            {
                await context.Response.WriteAsync($$"""{"metadata":{"resourceVersion":"{{api.Version}}"},"items":[{{string.Join(",", api.Objects.Values.Select(o => o.Json))}}]}""");
                return;
            }

            var position = ulong.Parse(context.Request.Query["resourceVersion"]!);
            while (true)
            {
                var entries = api.After(position, out var changed)!;
                foreach (var entry in entries)
                {
                    position = entry.Object.Version;
                    await context.Response.WriteAsync($"{{\"type\":\"{entry.Type}\",\"object\":{entry.Object.Json}}}\n");
                }

                await context.Response.Body.FlushAsync();
                await changed.WaitAsync(context.RequestAborted);
            }
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        var config = new KubeConfig
        {
            Server = new Uri(app.Urls.Single()),
            CaData = Encoding.UTF8.GetBytes(authority.AuthorityPem),
            ClientCertificateData = Encoding.UTF8.GetBytes(mine.ExportCertificatePem()),
            ClientKeyData = Encoding.UTF8.GetBytes(TestCertificates.KeyPem(mine)),
        };
        using (var client = new KubeClient(config))
        await using (var informer = client.Inform(KubeNode.Resource))
        using (var feed = informer.Subscribe())
        {
            Assert.Single(await InformerTests.NextAsync(feed));
            for (var i = 2; i < 20; i++)
            {
                InformerTests.Put(api, i, 0);
                Assert.Equal(InformerTests.Name(i), Assert.Single(await InformerTests.NextAsync(feed)).Key);
            }
        }

        Assert.True(seen.Count >= 2);
        Assert.All(seen, s => Assert.Equal(("HTTP/2", seen.First().Connection, "CN=agent, O=system:masters"), s));
        await app.StopAsync(TestContext.Current.CancellationToken);
    }
}
