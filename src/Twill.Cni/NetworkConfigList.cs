namespace Twill.Cni;

/// <summary>A network as an administrator writes it (a .conflist file), and as a runtime runs it.</summary>
/// <remarks>Source: CNI SPEC.md 1.1.0, section 1 "Configuration format" and section 3; libcni conf.go and api.go.</remarks>
public sealed record NetworkConfigList
{
    /// <summary>More plugins than anybody chains.</summary>
    public const int MaxPlugins = 64;

    public required string Name { get; init; }

    /// <summary>The newest version that the list names, in cniVersion or cniVersions, and we speak.</summary>
    public SpecVersion CniVersion { get; init; }

    public bool DisableCheck { get; init; }

    public bool DisableGc { get; init; }

    /// <summary>Take no plugins from the folder beside the file that is named as the network.</summary>
    public bool LoadOnlyInlinedPlugins { get; init; }

    /// <summary>In the order of ADD and CHECK; DEL goes backwards. May be empty only where a folder may still bring some.</summary>
    public IReadOnlyList<PluginConfig> Plugins { get; init; } = [];

    /// <exception cref="CniException">Code 6: not JSON. Code 7: not valid, with field and value. Code 1: no version in common.</exception>
    public static NetworkConfigList Parse(ReadOnlySpan<byte> utf8)
    {
        string? name = null, version = null;
        IReadOnlyList<string>? versions = null;
        List<PluginConfig>? plugins = null;
        var list = new NetworkConfigList { Name = "" };
        var json = new JsonInput(utf8, "");
        json.Object();
        while (json.NextKey(out var key))
        {
            switch (key)
            {
                case "name":
                    name = json.String();
                    break;
                case "cniVersion":
                    version = json.StringOrNull();
                    break;
                case "cniVersions":
                    versions = json.Strings();
                    break;
                case "disableCheck":
                    list = list with { DisableCheck = Flag(ref json) };
                    break;
                case "disableGC":
                    list = list with { DisableGc = Flag(ref json) };
                    break;
                case "loadOnlyInlinedPlugins":
                    list = list with { LoadOnlyInlinedPlugins = Flag(ref json) };
                    break;
                case "plugins":
                    plugins = ReadPlugins(ref json, utf8);
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        if (name is null)
            throw json.Invalid("name is missing");
        if (CniNames.IdentifierProblem(name) is { } problem)
            throw json.Invalid($"name {CniException.Quote(name)} {problem}");
        if (plugins is null && list.LoadOnlyInlinedPlugins)
            throw json.Invalid("loadOnlyInlinedPlugins is true, and plugins is missing");
        json.End();
        return list with { Name = name, CniVersion = Common(version, versions), Plugins = plugins ?? [] };
    }

    /// <summary>Does this network's version have the verb, and does the list not disable it? If not, the runtime leaves it out.</summary>
    public bool Allows(CniVerb verb) => CniVersion.Allows(verb) && !(verb == CniVerb.Check && DisableCheck) && !(verb == CniVerb.Gc && DisableGc);

    /// <summary>What the plugin reads on stdin.</summary>
    /// <param name="plugin">One of <see cref="Plugins"/>, or of the folder.</param>
    /// <param name="verb">Decides which of the input is sent: prevResult and runtimeConfig on ADD, DEL and CHECK, attachments on GC.</param>
    /// <param name="input">What the runtime adds.</param>
    /// <remarks>
    /// name and cniVersion are the list's; capabilities never arrives. prevResult on DEL came with 0.4.0. Attachments go out under both
    /// names they have had, as libcni sends them.
    /// </remarks>
    public byte[] BuildStdin(PluginConfig plugin, CniVerb verb, PluginInput input)
    {
        var attachment = verb is CniVerb.Add or CniVerb.Del or CniVerb.Check;
        var prevResult = attachment && (verb == CniVerb.Add || CniVersion >= SpecVersion.V0_4_0) ? input.PrevResult : null;
        var runtimeConfig = attachment ? Offered(plugin, input.CapabilityArgs.Span) : [];
        var valid = verb == CniVerb.Gc ? input.ValidAttachments : null;

        var to = new JsonOutput();
        to.WriteStartObject();
        to.WriteString("cniVersion"u8, CniVersion.Text);
        to.WriteString("name"u8, Name);
        var raw = plugin.Raw.Span;
        var from = new JsonInput(raw, "plugin");
        from.Object();
        while (from.NextKey(out var key))
        {
            var part = from.Slice();
            if (key is "cniVersion" or "name" or "capabilities"
                || (key == "prevResult" && prevResult is not null)
                || (key == "runtimeConfig" && runtimeConfig.Count > 0)
                || (key is "cni.dev/valid-attachments" or "cni.dev/attachments" && verb == CniVerb.Gc))
            {
                continue;
            }

            to.WritePropertyName(key);
            to.WriteRawValue(raw[part]);
        }

        if (runtimeConfig.Count > 0)
        {
            to.WriteStartObject("runtimeConfig"u8);
            foreach (var (capability, part) in runtimeConfig)
            {
                to.WritePropertyName(capability);
                to.WriteRawValue(input.CapabilityArgs.Span[part]);
            }

            to.WriteEndObject();
        }

        if (prevResult is not null)
        {
            to.WritePropertyName("prevResult"u8);
            prevResult.WriteTo(to, CniVersion);
        }

        if (valid is not null)
        {
            WriteAttachments(to, "cni.dev/valid-attachments"u8, valid);
            WriteAttachments(to, "cni.dev/attachments"u8, valid);
        }

        to.WriteEndObject();
        return to.ToBytes();
    }

    private static List<(string Capability, Range Part)> Offered(PluginConfig plugin, ReadOnlySpan<byte> offer)
    {
        var list = new List<(string Capability, Range Part)>();
        if (offer.IsEmpty)
            return list;
        var json = new JsonInput(offer, "capability arguments");
        json.Object();
        while (json.NextKey(out var key))
        {
            var part = json.Slice();
            if (!plugin.Capabilities.Contains(key))
                continue;
            list.RemoveAll(known => known.Capability == key);
            list.Add((key, part));
        }

        json.End();
        return list;
    }

    private static void WriteAttachments(JsonOutput to, ReadOnlySpan<byte> key, IReadOnlyList<CniAttachment> list)
    {
        to.WriteStartArray(key);
        foreach (var attachment in list)
        {
            to.WriteStartObject();
            to.WriteString("containerID"u8, attachment.ContainerId);
            to.WriteString("ifname"u8, attachment.IfName);
            to.WriteEndObject();
        }

        to.WriteEndArray();
    }

    private static List<PluginConfig> ReadPlugins(ref JsonInput json, ReadOnlySpan<byte> utf8)
    {
        var plugins = new List<PluginConfig>();
        json.Array();
        while (json.NextItem())
        {
            if (plugins.Count == MaxPlugins)
                throw json.Invalid($"has more than {MaxPlugins} plugins");
            if (!json.IsObject)
                throw json.Invalid("expected an object");
            plugins.Add(PluginConfig.Parse(utf8[json.Slice()]));
        }

        return plugins.Count > 0 ? plugins : throw json.Invalid("has no plugin");
    }

    private static bool Flag(ref JsonInput json)
    {
        if (!json.IsString)
            return json.Bool();
        var text = json.String();
        if (text.Equals("true", StringComparison.OrdinalIgnoreCase))
            return true;
        return text.Equals("false", StringComparison.OrdinalIgnoreCase) ? false : throw json.Invalid("expected true or false");
    }

    private static SpecVersion Common(string? version, IReadOnlyList<string>? versions)
    {
        if (versions is null || versions.Count == 0)
            return SpecVersion.Parse(version);
        SpecVersion? best = null;
        foreach (var text in version is null ? versions : [.. versions, version])
        {
            if (SpecVersion.TryParse(text, out var known) && (best is null || known > best))
                best = known;
        }

        return best ?? throw new CniException(CniErrorCode.IncompatibleVersion,
            $"incompatible CNI versions: none of cniVersions is supported; use one of {string.Join(", ", SpecVersion.Supported)}",
            CniException.Shorten($"config is [{string.Join(", ", versions)}]"));
    }
}
