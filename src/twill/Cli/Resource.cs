namespace Twill.Cli;

/// <summary>Texts that are files in the repository and travel inside the executable: scripts for shells, documents for the manual.</summary>
internal static class Resource
{
    /// <param name="path">As twill.csproj names it, e.g. Shell/twill.bash.</param>
    internal static string Text(string path)
    {
        using Stream stream = typeof(Resource).Assembly.GetManifestResourceStream(path) ?? throw new InvalidOperationException($"{path} is not in the executable");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
