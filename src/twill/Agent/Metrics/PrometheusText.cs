using System.Globalization;
using System.Text;

namespace Twill.Agent.Metrics;

/// <summary>Writes metrics as Prometheus reads them. Source: prometheus.io, "Exposition formats", text format 0.0.4.</summary>
internal sealed class PrometheusText
{
    internal const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();
    private readonly HashSet<string> _named = new(StringComparer.Ordinal);

    internal void Counter(string name, string help, double value, params (string Name, string Value)[] labels) => Sample("counter", name, help, value, labels);

    internal void Gauge(string name, string help, double value, params (string Name, string Value)[] labels) => Sample("gauge", name, help, value, labels);

    internal void Histogram(string name, string help, Histogram histogram, params (string Name, string Value)[] labels)
    {
        Head("histogram", name, help);
        long sum = 0;
        for (int i = 0; i < histogram.Bounds.Count; i++)
        {
            sum += histogram.Counts[i];
            Line($"{name}_bucket", sum, [.. labels, ("le", Number(histogram.Bounds[i]))]);
        }

        Line($"{name}_bucket", histogram.Count, [.. labels, ("le", "+Inf")]);
        Line($"{name}_sum", histogram.Sum, labels);
        Line($"{name}_count", histogram.Count, labels);
    }

    /// <summary>How many there were and how long all took, without quantiles.</summary>
    internal void Summary(string name, string help, long count, double sum)
    {
        Head("summary", name, help);
        Line($"{name}_sum", sum, []);
        Line($"{name}_count", count, []);
    }

    public override string ToString() => _text.ToString();

    private void Sample(string type, string name, string help, double value, (string Name, string Value)[] labels)
    {
        Head(type, name, help);
        Line(name, value, labels);
    }

    /// <summary>Once for each name; samples of one name must follow each other.</summary>
    private void Head(string type, string name, string help)
    {
        if (!_named.Add(name)) return;
        _text.Append("# HELP ").Append(name).Append(' ').Append(help.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal)).Append('\n');
        _text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
    }

    private void Line(string name, double value, (string Name, string Value)[] labels)
    {
        _text.Append(name);
        for (int i = 0; i < labels.Length; i++)
        {
            _text.Append(i == 0 ? '{' : ',').Append(labels[i].Name).Append("=\"").Append(Escape(labels[i].Value)).Append('"');
        }

        if (labels.Length > 0) _text.Append('}');
        _text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Escape(string value) => value.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
