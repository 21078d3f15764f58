using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using Twill.KernelTests.Callers;
using Twill.KernelTests.Harness;
using Twill.Linux.Netns;
using Xunit;

namespace Twill.KernelTests.Topo;

/// <summary>The pictures and pages that are kept as golden files, in a real browser without a network: everything in its box, readable, and alive.</summary>
/// <remarks>A browser starts twice, light and dark. What must be found is given to it beside what must be fine.</remarks>
public sealed class BrowserTests
{
    private static readonly string s_here = Path.GetDirectoryName(ThisFile())!;

    private static readonly string s_golden = Path.Combine(s_here, "../../Twill.Tests/Topo/golden");

    [Theory]
    [InlineData("light")]
    [InlineData("dark")]
    public void Picture_InABrowser_StaysInItsBoxesAndAnswers(string scheme)
    {
        Requirement.Need("chromium", "chromium");
        var pictures = Directory.GetFiles(s_golden, "*.svg").Order(StringComparer.Ordinal).Select(f => (Name: Path.GetFileName(f), Text: File.ReadAllText(f))).ToList();
        var pages = Directory.GetFiles(s_golden, "*.html").Order(StringComparer.Ordinal).Select(f => (Name: Path.GetFileName(f), Text: File.ReadAllText(f))).ToList();
        Assert.True(pictures.Count > 10 && pages.Count > 1);
        string picture = pictures.Single(p => p.Name == "direct.svg").Text, page = pages.Single(p => p.Name == "direct.html").Text;
        pictures.Add(("control: long", Changed(picture, ">10.244.1.1/24<", ">10.244.1.1/24 and so much more<")));
        pictures.Add(("control: pale", Changed(picture, "class=\"name in-bridge\"", "style=\"fill:#888\" class=\"name in-bridge\"")));
        pictures.Add(("control: torn", Changed(picture, "</svg>", "")));
        pages.Add(("control: script", Changed(page, "const seek = () => {", "const seek = () => { nobody();")));
        pages.Add(("control: mute", Changed(page, "panel.hidden = false;", "")));

        string[] findings = Verdict(pictures, pages, scheme);
        Assert.Equal($"{pictures.Count} pictures, {pages.Count} pages", findings[0]);
        Assert.Equal([], findings[1..].Where(f => !f.StartsWith("control: ", StringComparison.Ordinal)));
        Assert.Contains(findings, f => f.StartsWith("control: long: \"10.244.1.1/24 and so much more\" leaves its box node1/v-net-0", StringComparison.Ordinal));
        Assert.Contains(findings, f => f.StartsWith("control: pale: \"v-net-0\" has a contrast of", StringComparison.Ordinal));
        Assert.Contains("control: torn: is no XML", findings);
        Assert.Contains(findings, f => f.StartsWith("control: script: script error: ", StringComparison.Ordinal) && f.Contains("nobody", StringComparison.Ordinal));
        Assert.Contains("control: mute: a click on blue shows nothing", findings);
    }

    private static string Changed(string text, string was, string now)
    {
        Assert.Contains(was, text, StringComparison.Ordinal);
        return text.Replace(was, now, StringComparison.Ordinal);
    }

    private static string[] Verdict(List<(string Name, string Text)> pictures, List<(string Name, string Text)> pages, string scheme)
    {
        string directory = Path.Combine(Path.GetTempPath(), $"twill-browser-{Environment.ProcessId}-{scheme}");
        Directory.CreateDirectory(directory);
        try
        {
            string driver = Path.Combine(directory, "driver.html");
            File.WriteAllText(driver, Driver(pictures, pages, scheme));
            using NetworkNamespace alone = NetworkNamespace.Create();
            string dom = Command.RunIn(alone, Command.Find("env"),
            [
                $"HOME={directory}", "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking", "--window-size=1280,900",
                $"--user-data-dir={directory}/profile", $"--blink-settings=preferredColorScheme={(scheme == "dark" ? 0 : 1)}", "--timeout=20000", "--dump-dom", $"file://{driver}",
            ]).Succeeded();
            Match verdict = Regex.Match(dom, """<pre id="verdict">(.*)\nend</pre>""", RegexOptions.Singleline);
            Assert.True(verdict.Success, $"the browser came to no verdict: {dom[..Math.Min(dom.Length, 2000)]}");
            return WebUtility.HtmlDecode(verdict.Groups[1].Value).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>A page that has the pages in frames, waits for them, and measures.</summary>
    private static string Driver(List<(string Name, string Text)> pictures, List<(string Name, string Text)> pages, string scheme)
    {
        var text = new StringBuilder("<!DOCTYPE html><meta charset=\"utf-8\"><body style=\"margin:0\">\n");
        const string Watch = "<script>window.failures=[];window.addEventListener('error',e=>failures.push(e.message));window.addEventListener('unhandledrejection',e=>failures.push(String(e.reason)))</script>";
        foreach ((string name, string page) in pages)
        {
            text.Append($"<iframe width=\"1200\" height=\"800\" data-name=\"{name}\" srcdoc=\"{WebUtility.HtmlEncode(page.Replace("<head>", $"<head>{Watch}", StringComparison.Ordinal))}\"></iframe>\n");
        }

        text.Append("<script>\n").Append(File.ReadAllText(Path.Combine(s_here, "measure.js"))).Append("</script>\n<script>\nconst pictures = [");
        foreach ((string name, string svg) in pictures) text.Append($"[\"{JavaScriptEncoder.Default.Encode(name)}\",\"{JavaScriptEncoder.Default.Encode(svg)}\"],\n");
        return text.Append("];\naddEventListener(\"load\", () => run(pictures, [...document.querySelectorAll(\"iframe\")].map(f => [f.dataset.name, f]), \"").Append(scheme).Append("\"));\n</script>\n").ToString();
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
