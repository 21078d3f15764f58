using Twill.Agent.Metrics;
using Xunit;

namespace Twill.Tests.Agent;

public sealed class PrometheusTextTests
{
    [Fact]
    public void Text_IsTheExpositionFormat()
    {
        var text = new PrometheusText();
        var seconds = new Histogram(0.1, 1);
        foreach (double s in (double[])[0.05, 0.1, 0.5, 3]) seconds.Observe(s);
        text.Gauge("twill_build_info", "Constant 1.", 1, ("version", "0.1"), ("commit", "a\"b\\c\nd"));
        text.Counter("twill_repairs_total", "Put back.", 3, ("object", "route"));
        text.Counter("twill_repairs_total", "Put back.", 1, ("object", "link"));
        text.Histogram("twill_repair_seconds", "Gone for.", seconds);
        Assert.Equal(
            """
            # HELP twill_build_info Constant 1.
            # TYPE twill_build_info gauge
            twill_build_info{version="0.1",commit="a\"b\\c\nd"} 1
            # HELP twill_repairs_total Put back.
            # TYPE twill_repairs_total counter
            twill_repairs_total{object="route"} 3
            twill_repairs_total{object="link"} 1
            # HELP twill_repair_seconds Gone for.
            # TYPE twill_repair_seconds histogram
            twill_repair_seconds_bucket{le="0.1"} 2
            twill_repair_seconds_bucket{le="1"} 3
            twill_repair_seconds_bucket{le="+Inf"} 4
            twill_repair_seconds_sum 3.65
            twill_repair_seconds_count 4

            """,
            text.ToString());
    }
}
