namespace Twill.Cni;

/// <summary>One entry of a list's plugins.</summary>
/// <param name="Type">Name of the executable.</param>
/// <param name="Raw">The entry as it is written.</param>
/// <param name="Capabilities">Those declared true, in order.</param>
public sealed record PluginConfig(string Type, ReadOnlyMemory<byte> Raw, IReadOnlyList<string> Capabilities)
{
    /// <summary>More capabilities than anybody declares.</summary>
    public const int MaxCapabilities = 64;

    /// <summary>Reads an entry, e.g. a file of the folder that a list without loadOnlyInlinedPlugins also takes plugins from.</summary>
    /// <exception cref="CniException">Code 6 or 7.</exception>
    public static PluginConfig Parse(ReadOnlySpan<byte> utf8)
    {
        var type = "";
        List<string> capabilities = [];
        var json = new JsonInput(utf8, "plugin");
        json.Object();
        while (json.NextKey(out var key))
        {
            switch (key)
            {
                case "type":
                    type = json.String();
                    break;
                case "capabilities":
                    capabilities.Clear();
                    json.Object();
                    while (json.NextKey(out var capability))
                    {
                        capabilities.Remove(capability);
                        if (!json.Bool())
                            continue;
                        if (capabilities.Count == MaxCapabilities)
                            throw json.Invalid($"is one of more than {MaxCapabilities} capabilities");
                        capabilities.Add(capability);
                    }

                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        if (type.Length == 0)
            throw json.Invalid("type is missing");
        json.End();
        return new PluginConfig(type, utf8.ToArray(), capabilities);
    }
}
