using System.Runtime.CompilerServices;
using Xunit;

namespace Twill.Tests.Lab;

/// <summary>Expected texts beside the test that uses them; TWILL_UPDATE_GOLDEN=1 writes them anew.</summary>
internal static class Golden
{
    internal static string Directory([CallerFilePath] string caller = "") => Path.GetDirectoryName(caller)!;

    internal static void Check(string path, string actual)
    {
        if (Environment.GetEnvironmentVariable("TWILL_UPDATE_GOLDEN") == "1")
        {
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
        }

        Assert.True(File.Exists(path), $"{path} is missing; TWILL_UPDATE_GOLDEN=1 writes it");
        Assert.Equal(File.ReadAllText(path), actual);
    }
}
