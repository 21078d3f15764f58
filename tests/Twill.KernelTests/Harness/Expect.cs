using Xunit;

namespace Twill.KernelTests.Harness;

public static class Expect
{
    /// <summary>Fails the test with every line, where Assert.Empty would cut them.</summary>
    public static void None(IReadOnlyList<string> problems) => Assert.True(problems.Count == 0, string.Join('\n', problems));
}
