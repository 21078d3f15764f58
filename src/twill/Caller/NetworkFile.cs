using System.Text.Json;
using Twill.Cni;

namespace Twill.Caller;

/// <summary>A network as it lies on disk: a .conflist, a .conf with one plugin, or a folder, whose first file by name counts.</summary>
/// <remarks>Source: libcni conf.go, ConfFiles, NetworkConfFromFile and LoadNetworkPluginsFromFolder; go-cni's WithDefaultConf.</remarks>
internal static class NetworkFile
{
    /// <summary>Bytes of a configuration that a person could have written.</summary>
    private const int MaxBytes = 4 * 1024 * 1024;

    /// <exception cref="CallerException">Missing: no such file. Input: it is none, with the reader's words.</exception>
    internal static NetworkConfigList Load(string path)
    {
        string file = Directory.Exists(path) ? First(path) : path;
        try
        {
            byte[] bytes = Read(file);
            NetworkConfigList list = IsSingle(bytes) ? FromSingle(bytes) : NetworkConfigList.Parse(bytes);
            if (!list.LoadOnlyInlinedPlugins) list = list with { Plugins = [.. list.Plugins, .. OfFolder(file, list.Name)] };
            return list.Plugins.Count > 0 ? list : throw new CallerException(CallerFault.Input, $"{file} names no plugin, and there is none in {FolderOf(file, list.Name)}: add \"plugins\"");
        }
        catch (CniException e)
        {
            throw new CallerException(CallerFault.Input, $"{file} is no network configuration: {Join(e)}");
        }
        catch (JsonException e)
        {
            throw new CallerException(CallerFault.Input, $"{file} is no network configuration: it is not JSON: {e.Message}");
        }
    }

    /// <summary>As containerd and CRI-O choose: the first by name of *.conf, *.conflist and *.json.</summary>
    private static string First(string folder)
    {
        string[] files = [.. Directory.GetFiles(folder).Where(f => Path.GetExtension(f) is ".conf" or ".conflist" or ".json").Order(StringComparer.Ordinal)];
        return files.Length > 0 ? files[0] : throw new CallerException(CallerFault.Missing, $"{folder} has no .conflist, .conf or .json: a container runtime would find no network there either");
    }

    private static byte[] Read(string file)
    {
        try
        {
            if (new FileInfo(file) is { Exists: true, Length: > MaxBytes } large) throw new CallerException(CallerFault.Input, $"{file} has {large.Length} bytes, more than {MaxBytes / (1024 * 1024)} MiB: it is no network configuration");
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CallerException(CallerFault.Missing, $"{file} cannot be read: {e.Message} Give a .conflist, a .conf, or a folder such as /etc/cni/net.d");
        }
    }

    /// <summary>A configuration of one plugin has "type" at its top, and no "plugins".</summary>
    private static bool IsSingle(byte[] bytes)
    {
        using JsonDocument document = JsonDocument.Parse(bytes);
        return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("type", out _) && !root.TryGetProperty("plugins", out _);
    }

    private static NetworkConfigList FromSingle(byte[] bytes)
    {
        PluginConfig plugin = PluginConfig.Parse(bytes);
        using JsonDocument document = JsonDocument.Parse(bytes);
        string name = Text(document, "name") ?? throw new CniException(CniErrorCode.InvalidConfig, "name is missing");
        if (CniNames.IdentifierProblem(name) is { } problem) throw new CniException(CniErrorCode.InvalidConfig, $"name {CniException.Quote(name)} {problem}");
        return new NetworkConfigList { Name = name, CniVersion = SpecVersion.Parse(Text(document, "cniVersion")), Plugins = [plugin], LoadOnlyInlinedPlugins = true };
    }

    private static string? Text(JsonDocument document, string key) => document.RootElement.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>The plugins of NAME/*.conf beside the file, by name, behind those of the file.</summary>
    private static PluginConfig[] OfFolder(string file, string name)
    {
        string folder = FolderOf(file, name);
        if (!Directory.Exists(folder)) return [];
        return [.. Directory.GetFiles(folder, "*.conf").Order(StringComparer.Ordinal).Select(f => PluginConfig.Parse(Read(f)))];
    }

    private static string FolderOf(string file, string name) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file)) ?? "/", name);

    private static string Join(CniException e) => e.Details.Length > 0 ? $"{e.Message} ({e.Details})" : e.Message;
}
