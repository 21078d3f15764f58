namespace Twill.Cni;

/// <summary>The verbs as the environment spells them: upper case, matched exactly.</summary>
public static class CniVerbs
{
    /// <summary>Looks a CNI_COMMAND up; "add" or "ADD " is not a verb.</summary>
    public static bool TryParse(string text, out CniVerb verb)
    {
        (var known, verb) = text switch
        {
            "ADD" => (true, CniVerb.Add),
            "DEL" => (true, CniVerb.Del),
            "CHECK" => (true, CniVerb.Check),
            "GC" => (true, CniVerb.Gc),
            "STATUS" => (true, CniVerb.Status),
            "VERSION" => (true, CniVerb.Version),
            _ => (false, default),
        };
        return known;
    }

    /// <summary>The spelling for CNI_COMMAND.</summary>
    public static string ToText(this CniVerb verb) => verb switch
    {
        CniVerb.Add => "ADD",
        CniVerb.Del => "DEL",
        CniVerb.Check => "CHECK",
        CniVerb.Gc => "GC",
        CniVerb.Status => "STATUS",
        CniVerb.Version => "VERSION",
        _ => throw new ArgumentOutOfRangeException(nameof(verb), verb, "not a CNI verb"),
    };
}
