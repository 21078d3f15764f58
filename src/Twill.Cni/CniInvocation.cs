using System.Text;

namespace Twill.Cni;

/// <summary>What the environment says: the verb and, as far as that verb uses them, the checked variables; the others are empty.</summary>
/// <remarks>
/// Source: CNI SPEC.md 1.1.0, section 2 "Parameters"; libcni pkg/skel. CNI_PATH is only demanded for GC: who delegates
/// nothing works without it. Extra variables, also dummy values for a verb that has no use for them, are not looked at.
/// </remarks>
public sealed record CniInvocation
{
    /// <summary>No variable may be longer, in bytes of UTF-8: PATH_MAX, which is far more than any runtime sends.</summary>
    public const int MaxVariableBytes = 4096;

    public required CniVerb Verb { get; init; }

    /// <summary>CNI_CONTAINERID, at most <see cref="CniNames.MaxIdentifierLength"/> characters.</summary>
    public string ContainerId { get; init; } = "";

    /// <summary>CNI_NETNS, a path; may be empty on DEL.</summary>
    public string NetNs { get; init; } = "";

    /// <summary>CNI_IFNAME, 1 to 15 bytes.</summary>
    public string IfName { get; init; } = "";

    /// <summary>CNI_PATH, directories with ':' between them.</summary>
    public string Path { get; init; } = "";

    /// <summary>CNI_ARGS; on DEL <see cref="CniArgs.None"/> with the raw text where <see cref="ArgsProblem"/> is set.</summary>
    public CniArgs Args { get; init; } = CniArgs.None;

    /// <summary>What was wrong with CNI_ARGS on DEL: an argument must not keep an address from being freed.</summary>
    public CniException? ArgsProblem { get; init; }

    /// <summary>CNI_NETNS_OVERRIDE is 1 or true: CNI_NETNS may be the plugin's own namespace.</summary>
    public bool NetNsOverride { get; init; }

    /// <summary>Reads and checks the environment.</summary>
    /// <param name="env">Looks a variable up; null and empty both mean absent.</param>
    /// <returns>Null when there is no CNI_COMMAND: a person has started the plugin, who gets the about text on stderr and exit code 0.</returns>
    /// <exception cref="CniException">Code 4 with the names of all variables at fault.</exception>
    public static CniInvocation? Read(Func<string, string?> env)
    {
        var command = env("CNI_COMMAND");
        if (string.IsNullOrEmpty(command))
            return null;
        if (!CniVerbs.TryParse(command, out var verb))
            throw new CniException(CniErrorCode.InvalidEnvironment, $"invalid environment: CNI_COMMAND {CniException.Quote(command)} is not a CNI verb");

        var attachment = verb is CniVerb.Add or CniVerb.Del or CniVerb.Check;
        var missing = new StringBuilder();
        var wrong = new StringBuilder();
        var call = new CniInvocation { Verb = verb };
        if (attachment)
        {
            call = call with
            {
                ContainerId = Variable(env, "CNI_CONTAINERID", true, missing, wrong),
                NetNs = Variable(env, "CNI_NETNS", verb != CniVerb.Del, missing, wrong),
                IfName = Variable(env, "CNI_IFNAME", true, missing, wrong),
                NetNsOverride = IsTrue(env("CNI_NETNS_OVERRIDE")),
            };
            if (call.ContainerId.Length > 0 && CniNames.IdentifierProblem(call.ContainerId) is { } idProblem)
                Note(wrong, "CNI_CONTAINERID", call.ContainerId, idProblem);
            if (call.IfName.Length > 0 && CniNames.IfNameProblem(call.IfName, toCreate: verb != CniVerb.Del) is { } ifProblem)
                Note(wrong, "CNI_IFNAME", call.IfName, ifProblem);
            call = ReadArgs(call, Variable(env, "CNI_ARGS", false, missing, wrong), wrong);
        }

        if (verb != CniVerb.Version)
            call = call with { Path = Variable(env, "CNI_PATH", verb == CniVerb.Gc, missing, wrong) };

        if (missing.Length == 0 && wrong.Length == 0)
            return call;
        var message = new StringBuilder("invalid environment: ");
        if (missing.Length > 0)
            message.Append("required for ").Append(verb.ToText()).Append(" but missing: ").Append(missing).Append(wrong.Length > 0 ? "; " : "");
        throw new CniException(CniErrorCode.InvalidEnvironment, message.Append(wrong).ToString());
    }

    private static CniInvocation ReadArgs(CniInvocation call, string text, StringBuilder wrong)
    {
        try
        {
            return call with { Args = CniArgs.Parse(text) };
        }
        catch (CniException e)
        {
            if (call.Verb != CniVerb.Del)
                (wrong.Length > 0 ? wrong.Append("; ") : wrong).Append(e.Message.AsSpan("invalid environment: ".Length));
            return call with { Args = CniArgs.None with { Raw = text }, ArgsProblem = e };
        }
    }

    private static string Variable(Func<string, string?> env, string name, bool required, StringBuilder missing, StringBuilder wrong)
    {
        var value = env(name) ?? "";
        if (value.Length == 0 && required)
            (missing.Length > 0 ? missing.Append(", ") : missing).Append(name);

        // The runtime of .NET has replaced what was no UTF-8: the value is not what the caller meant, and two of them could look alike.
        if (value.Contains('\ufffd', StringComparison.Ordinal))
        {
            Note(wrong, name, value, "is not UTF-8");
            return "";
        }

        if (value.Length * 3 <= MaxVariableBytes || Encoding.UTF8.GetByteCount(value) <= MaxVariableBytes)
            return value;
        Note(wrong, name, value, $"is longer than {MaxVariableBytes} bytes");
        return "";
    }

    private static void Note(StringBuilder wrong, string name, string value, string why) =>
        (wrong.Length > 0 ? wrong.Append("; ") : wrong).Append(name).Append(' ').Append(CniException.Quote(value)).Append(' ').Append(why);

    private static bool IsTrue(string? text) => text == "1" || string.Equals(text, "true", StringComparison.OrdinalIgnoreCase);
}
