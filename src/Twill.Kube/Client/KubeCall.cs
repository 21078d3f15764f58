namespace Twill.Kube;

/// <summary>One request, in the words that its error needs.</summary>
/// <param name="Config">Whom we ask, and as whom.</param>
/// <param name="Verb">As a role names it: get, list, watch, create, update.</param>
/// <param name="Group">The API group; empty for the core.</param>
/// <param name="Resource">The plural.</param>
/// <param name="Object">The object's name; empty for all of them.</param>
internal sealed record KubeCall(KubeConfig Config, string Verb, string Group, string Resource, string Object)
{
    public string Failed => $"cannot {Verb} {Resource}{(Object.Length > 0 ? " " : "")}{Object} at {Config.Server.GetLeftPart(UriPartial.Authority)}{(Config.User.Length > 0 ? $" as {Config.User}" : "")}";
}
