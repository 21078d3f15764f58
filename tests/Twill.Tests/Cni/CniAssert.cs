using System.Text;
using System.Text.Json.Nodes;
using Twill.Cni;
using Xunit;

namespace Twill.Tests.Cni;

/// <summary>The two questions of this room's tests: which error with which words, and is this the JSON?</summary>
internal static class CniAssert
{
    /// <summary>Fails with this code, and the message holds all of the words.</summary>
    public static CniException Fails(int code, Action action, params string[] words)
    {
        var e = Assert.Throws<CniException>(action);
        Assert.Equal(code, e.Code);
        foreach (var word in words)
            Assert.Contains(word, e.Message, StringComparison.Ordinal);
        return e;
    }

    /// <summary>The same JSON, whatever the white space and the order of the keys.</summary>
    public static void Json(string expected, ReadOnlySpan<byte> actual)
    {
        var text = Encoding.UTF8.GetString(actual);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(text)), $"expected {expected}\nactual   {text}");
    }

    public static NetworkConfig Config(string json, CniVerb verb = CniVerb.Add) => NetworkConfig.Read(Encoding.UTF8.GetBytes(json), verb);

    /// <summary>A configuration of 1.1.0 with more keys, e.g. <c>"mtu": 1400</c>.</summary>
    public static NetworkConfig With(string keys, CniVerb verb = CniVerb.Add) => Config(Text(keys), verb);

    public static string Text(string keys, string version = "1.1.0") =>
        $$"""{"cniVersion": "{{version}}", "name": "pods", "type": "twill"{{(keys.Length > 0 ? ", " : "")}}{{keys}}}""";
}
