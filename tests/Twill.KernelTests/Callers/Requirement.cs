using Xunit;

namespace Twill.KernelTests.Callers;

/// <summary>What a scenario needs on the machine. A skip says what is missing; where TWILL_REQUIRE names the scenario, it is a failure.</summary>
internal static class Requirement
{
    /// <param name="scenario">As in TWILL_REQUIRE=podman,containerd.</param>
    /// <param name="files">Absolute paths, or programs of PATH.</param>
    internal static void Need(string scenario, params string[] files)
    {
        string[] missing = [.. files.Where(f => !Exists(f))];
        if (missing.Length == 0) return;
        string text = $"{scenario}: {string.Join(", ", missing)} missing: build/deps.sh test";
        bool required = (Environment.GetEnvironmentVariable("TWILL_REQUIRE") ?? "").Split(',').Contains(scenario);
        Assert.False(required, text);
        Assert.Skip(text);
    }

    private static bool Exists(string file) => file[0] == '/' ? File.Exists(file) : "/usr/sbin:/usr/bin:/sbin:/bin".Split(':').Any(d => File.Exists(Path.Combine(d, file)));
}
