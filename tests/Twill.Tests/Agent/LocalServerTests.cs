using System.Net;
using System.Net.Sockets;
using System.Text;
using Twill.Agent.Http;
using Xunit;

namespace Twill.Tests.Agent;

/// <summary>The agent's server over real sockets: in a directory of the test, and on loopback.</summary>
public sealed class LocalServerTests : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("twill-agent-test-").FullName;
    private readonly LocalServer _server = new((path, _) => ValueTask.FromResult(path == "/ping" ? HttpAnswer.Text("pong\n") : HttpAnswer.NotFound(path)));

    private string SocketPath => Path.Combine(_directory, "run", "agent.sock");

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void Get_UnixSocket_IsAnswered()
    {
        Assert.Null(_server.ListenUnix(SocketPath));
        Assert.Equal("pong\n", Encoding.UTF8.GetString(LocalClient.Get(SocketPath, "/ping", 5000)!.Body.Span));
        HttpAnswer missing = LocalClient.Get(SocketPath, "/castle", 5000)!;
        Assert.Equal((404, "the agent does not know /castle\n"), (missing.Status, Encoding.UTF8.GetString(missing.Body.Span)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SocketPath));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(SocketPath)!));
    }

    [Fact]
    public async Task ListenUnix_SecondAgent_IsToldWhoHasIt()
    {
        Assert.Null(_server.ListenUnix(SocketPath));
        await using var second = new LocalServer((_, _) => ValueTask.FromResult(HttpAnswer.Text("mine")));
        Assert.Equal(Environment.ProcessId, second.ListenUnix(SocketPath));
        Assert.Equal("pong\n", Encoding.UTF8.GetString(LocalClient.Get(SocketPath, "/ping", 5000)!.Body.Span));
    }

    [Fact]
    public async Task ListenUnix_AfterADeath_TakesThePathOver()
    {
        var dead = new LocalServer((_, _) => ValueTask.FromResult(HttpAnswer.Text("dead")));
        Assert.Null(dead.ListenUnix(SocketPath));
        await dead.DisposeAsync();
        Assert.True(File.Exists(SocketPath));
        Assert.Null(LocalClient.Get(SocketPath, "/ping", 5000));
        Assert.Null(_server.ListenUnix(SocketPath));
        Assert.Equal(200, LocalClient.Get(SocketPath, "/ping", 5000)!.Status);
    }

    [Fact]
    public void Get_NobodyThere_IsNull() => Assert.Null(LocalClient.Get(Path.Combine(_directory, "none"), "/ping", 1000));

    [Theory]
    [InlineData("POST /ping HTTP/1.1\r\n\r\n", "HTTP/1.1 405 ")]
    [InlineData("GET /ping HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\n", "HTTP/1.1 200 ")]
    [InlineData("GET\r\n\r\n", "HTTP/1.1 405 ")]
    [InlineData("\r\n\r\n", "HTTP/1.1 405 ")]
    public async Task Request_AsItIs_IsAnswered(string request, string begin)
    {
        IPEndPoint at = _server.ListenTcp(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.StartsWith(begin, await TalkAsync(at, Encoding.ASCII.GetBytes(request)), StringComparison.Ordinal);
    }

    /// <summary>As many as there are places, silent, and one that talks too much: the good one is served when the silent ones' time is over.</summary>
    [Fact]
    public async Task Request_AmongSilentOnes_IsServedAfterTheirTime()
    {
        IPEndPoint at = _server.ListenTcp(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.Equal("", await TalkAsync(at, new byte[LocalServer.MaxHeadBytes]) is var answer && answer.StartsWith("HTTP/1.1 405", StringComparison.Ordinal) ? "" : answer);
        var silent = new List<Socket>();
        for (int i = 0; i < LocalServer.MaxConnections; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(at, TestContext.Current.CancellationToken);
            silent.Add(socket);
        }

        Assert.StartsWith("HTTP/1.1 200 ", await TalkAsync(at, "GET /ping HTTP/1.1\r\n\r\n"u8.ToArray()), StringComparison.Ordinal);
        foreach (Socket socket in silent)
        {
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken));
            socket.Dispose();
        }
    }

    private static async Task<string> TalkAsync(IPEndPoint at, byte[] request)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(at, TestContext.Current.CancellationToken);
        await socket.SendAsync(request, TestContext.Current.CancellationToken);
        var text = new StringBuilder();
        byte[] buffer = new byte[4096];
        for (int n; (n = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken)) > 0;) text.Append(Encoding.ASCII.GetString(buffer, 0, n));
        return text.ToString();
    }
}
