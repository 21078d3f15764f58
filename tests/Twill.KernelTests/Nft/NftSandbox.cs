using Twill.Linux.Netns;
using Twill.Linux.Nft;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Nftables;

/// <summary>A nameless namespace that ends with the test, our socket in it, and Debian's nft as the oracle.</summary>
internal sealed class NftSandbox : IDisposable
{
    private const string Program = "/usr/sbin/nft";

    private static readonly string[] s_environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"];

    internal NftSandbox() => Socket = NftSocket.Open(Namespace);

    internal NetworkNamespace Namespace { get; } = NetworkNamespace.Create();

    internal NftSocket Socket { get; }

    internal static NftTable Table { get; } = new(NftFamily.Inet, "twill");

    internal static NftChain Chain { get; } = new(Table, "c");

    /// <summary>Runs nft inside; it must succeed.</summary>
    internal string Nft(params string[] arguments)
    {
        ChildProcess.Outcome outcome = TryNft("", arguments);
        Assert.True(outcome.ExitCode == 0, $"nft {string.Join(' ', arguments)}: {outcome.ErrorText}");
        return outcome.OutputText;
    }

    /// <summary>Runs nft -f - with this script; it must succeed.</summary>
    internal void Script(string script)
    {
        ChildProcess.Outcome outcome = TryNft(script, "-f", "-");
        Assert.True(outcome.ExitCode == 0, outcome.ErrorText);
    }

    internal ChildProcess.Outcome TryNft(string input, params string[] arguments) => Run(Program, input, arguments);

    internal ChildProcess.Outcome Run(string program, string input, params string[] arguments)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(input);
        return Namespace.Run(() => ChildProcess.Run(program, arguments, s_environment, bytes, 30_000));
    }

    /// <summary>Commits; it must succeed.</summary>
    internal void Commit(Action<NftTransaction> build)
    {
        NftTransaction transaction = Socket.NewTransaction();
        build(transaction);
        NftOutcome outcome = Socket.Commit(transaction);
        Assert.True(outcome.Ok, outcome.ToString());
    }

    public void Dispose()
    {
        Socket.Dispose();
        Namespace.Dispose();
    }
}
