using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Twill.Kube.Yaml;
using Twill.Tests.Lab;
using Xunit;

namespace Twill.Tests.Kube;

/// <summary>Each yaml/NAME.yaml against yaml/NAME.txt: what was read, as JSON with lines, or the refusal. Checked once by hand against PyYAML.</summary>
public sealed class YamlTests
{
    public static TheoryData<string> Documents
    {
        get
        {
            var data = new TheoryData<string>();
            foreach (var path in Directory.EnumerateFiles(Folder, "*.yaml").Order(StringComparer.Ordinal))
                data.Add(Path.GetFileNameWithoutExtension(path));
            return data;
        }
    }

    private static string Folder => Path.Combine(Golden.Directory(), "yaml");

    [Theory]
    [MemberData(nameof(Documents))]
    public void Document_Read_IsAsExpected(string name)
    {
        string text;
        try
        {
            var printed = new StringBuilder();
            Print(printed, YamlReader.Read(File.ReadAllBytes(Path.Combine(Folder, name + ".yaml")), name + ".yaml"), 0);
            text = printed.ToString();
            Assert.False(name.StartsWith("refused-", StringComparison.Ordinal), $"{name} was read");
        }
        catch (YamlException e)
        {
            text = e.Message + "\n";
            Assert.True(name.StartsWith("refused-", StringComparison.Ordinal), e.Message);
        }

        Golden.Check(Path.Combine(Folder, name + ".txt"), text);
    }

    [Fact]
    public void Json_OfAnyShape_ReadsAsJson()
    {
        var random = new Random(20261121);
        for (var round = 0; round < 2_000; round++)
        {
            using var stream = new MemoryStream();
            using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = round % 2 == 0 }))
                WriteRandom(writer, random, 0);
            using var json = JsonDocument.Parse(stream.ToArray());
            AssertSame(json.RootElement, YamlReader.Read(stream.ToArray(), "json"));
        }
    }

    [Fact]
    public void Complaint_AboutAValue_NamesFileLineColumnPathAndValue()
    {
        var node = YamlReader.Read("nodes:\n- cidr: 10.0.0.0/8\n- cidr:  10.x\n  mtu: 070\n"u8, "nodes.yaml");
        var cidr = node.Need("nodes").Items()[1].Need("cidr");
        Assert.Equal("cannot read nodes.yaml: line 3, column 10: nodes[1].cidr \"10.x\": expected an address", cidr.Invalid("expected an address").Message);
        Assert.Equal("nodes[1].mtu \"070\": expected a whole number from 0 to 65535",
            Assert.Throws<YamlException>(() => node.Need("nodes").Items()[1].Need("mtu").Int32(0, 65535)).Why);
        Assert.Equal("nodes[0] {...}: the key mtu is missing", Assert.Throws<YamlException>(() => node.Need("nodes").Items()[0].Need("mtu")).Why);
        Assert.Equal("nodes[1].mtu \"070\": unknown key; known here: cidr, name", Assert.Throws<YamlException>(() => node.Need("nodes").Items()[1].AllowOnly("cidr", "name")).Why);
    }

    [Fact]
    public void Text_Damaged_IsAValueOrAYamlException()
    {
        string[] tokens = ["\n", "\n\n", " ", "  ", "\t", "- ", ": ", ":", "#", " #", "\"", "'", "|", ">", "|2-", "[", "]", "{", "}", ",", "&a", "*a", "!t", "<<: ", "? ", "%", "---\n", "...\n", "\\", "\\u12", "\\ud83d", "~", "\r\n", "\u0001", "é", "[[[[[[[[", "- - - - - - "];
        var seeds = Directory.EnumerateFiles(Folder, "*.yaml").Order(StringComparer.Ordinal).Select(File.ReadAllBytes).Where(b => b.Length > 0).ToArray();
        var random = new Random(7);
        var (read, refused) = (0, 0);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = seeds[random.Next(seeds.Length)].ToList();
            for (var damage = random.Next(1, 5); damage > 0; damage--)
            {
                var at = random.Next(bytes.Count);
                switch (random.Next(4))
                {
                    case 0:
                        bytes[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at));
                        break;
                    case 2:
                        bytes.InsertRange(at, Encoding.UTF8.GetBytes(tokens[random.Next(tokens.Length)]));
                        break;
                    default:
                        bytes.RemoveRange(at, bytes.Count - at);
                        break;
                }

                if (bytes.Count == 0)
                    bytes.Add((byte)'\n');
            }

            try
            {
                var node = YamlReader.Read(bytes.ToArray(), "damaged");
                Print(new StringBuilder(), node, 0);
                read++;
            }
            catch (YamlException e)
            {
                Assert.True(e.Message.Length < 600 && !e.Message.Contains('\n'), e.Message);
                Assert.InRange(e.Line, 1, bytes.Count + 1);
                refused++;
            }
        }

        Assert.True(read > 1_000 && refused > 1_000, $"{read} read, {refused} refused: the damage is too small or too great to prove anything");
    }

    private static void Print(StringBuilder text, YamlNode node, int indent)
    {
        switch (node.Kind)
        {
            case YamlKind.Scalar:
                text.Append(node.IsNull ? "null" : $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(node.String())}\"");
                text.Append("  @").Append(node.Line).Append(':').Append(node.Column).Append('\n');
                break;
            case YamlKind.List:
                text.Append("list  @").Append(node.Line).Append(':').Append(node.Column).Append('\n');
                foreach (var item in node.Items())
                {
                    text.Append(' ', indent).Append("- ");
                    Print(text, item, indent + 2);
                }

                break;
            default:
                text.Append("map  @").Append(node.Line).Append(':').Append(node.Column).Append('\n');
                foreach (var (key, value) in node.Entries())
                {
                    text.Append(' ', indent).Append(key).Append(" = ");
                    Print(text, value, indent + 2);
                }

                break;
        }
    }

    private static void WriteRandom(Utf8JsonWriter writer, Random random, int depth)
    {
        string[] texts = ["", "a", "a: b", " #x", "- ", "\"", "'", "\\", "\n\n", "\t", "é😀", "null", "1", "~", "[", "}", "<<", "\u0007", "a\u2028b", "---"];
        switch (random.Next(depth > 5 ? 4 : 6))
        {
            case 0:
                writer.WriteNullValue();
                break;
            case 1:
                writer.WriteNumberValue(random.Next(-1000, 1000));
                break;
            case 2:
                writer.WriteBooleanValue(random.Next(2) == 0);
                break;
            case 3:
                writer.WriteStringValue(texts[random.Next(texts.Length)]);
                break;
            case 4:
                writer.WriteStartArray();
                for (var i = random.Next(4); i > 0; i--)
                    WriteRandom(writer, random, depth + 1);
                writer.WriteEndArray();
                break;
            default:
                writer.WriteStartObject();
                foreach (var text in texts.OrderBy(_ => random.Next()).Take(random.Next(4)))
                {
                    writer.WritePropertyName(text);
                    WriteRandom(writer, random, depth + 1);
                }

                writer.WriteEndObject();
                break;
        }
    }

    private static void AssertSame(JsonElement expected, YamlNode actual)
    {
        switch (expected.ValueKind)
        {
            case JsonValueKind.Null:
                Assert.True(actual.IsNull);
                break;
            case JsonValueKind.Number:
                Assert.Equal(expected.GetInt64(), actual.Int64(long.MinValue, long.MaxValue));
                break;
            case JsonValueKind.True or JsonValueKind.False:
                Assert.Equal(expected.GetBoolean(), actual.Bool());
                break;
            case JsonValueKind.String:
                Assert.Equal(expected.GetString(), actual.String());
                break;
            case JsonValueKind.Array:
                Assert.Equal(expected.GetArrayLength(), actual.Items().Count);
                foreach (var (json, yaml) in expected.EnumerateArray().Zip(actual.Items()))
                    AssertSame(json, yaml);
                break;
            default:
                Assert.Equal(expected.EnumerateObject().Select(p => p.Name), actual.Entries().Select(e => e.Key));
                foreach (var (json, yaml) in expected.EnumerateObject().Zip(actual.Entries()))
                    AssertSame(json.Value, yaml.Value);
                break;
        }
    }
}
