namespace Twill.Kube.Yaml;

/// <summary>What a node is. There are no numbers and no booleans here: whoever wants one asks for it, and says which range.</summary>
public enum YamlKind
{
    Scalar,
    List,
    Map,
}
