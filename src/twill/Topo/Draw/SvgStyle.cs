namespace Twill.Topo.Draw;

/// <summary>Colours and type of the picture, light and dark. No font is fetched: the reader's own monospaced one is used.</summary>
internal static class SvgStyle
{
    private const string Light = """
        --bg:#f5f6f8;--card:#ffffff;--edge:#d3d9e1;--ink:#18202b;--soft:#5d6877;--shade:#10182014;
        --pod:#eef4ff;--pod-edge:#abc5f4;--pod-ink:#17489b;--bridge:#e2f5ec;--bridge-edge:#6cc19f;--bridge-ink:#07583f;
        --router:#fff3df;--router-edge:#e6b869;--router-ink:#7a4900;--net:#f2edfd;--net-edge:#b9a3ec;--net-ink:#5330ad;
        --cable:#35a07b;--wire:#7d8999;--lan:#8d99aa;--target:#1665c4;--bad:#c0233a;--bad-soft:#fdebee;
        """;

    private const string Dark = """
        --bg:#0c1016;--card:#141a23;--edge:#2c3645;--ink:#e7ecf3;--soft:#97a3b4;--shade:#00000055;
        --pod:#16233d;--pod-edge:#37579a;--pod-ink:#b3ceff;--bridge:#0f2b21;--bridge-edge:#2e8163;--bridge-ink:#86e3bf;
        --router:#2c210f;--router-edge:#8b6420;--router-ink:#f3c678;--net:#211a38;--net-edge:#6650a8;--net-ink:#cdbcff;
        --cable:#3fb48c;--wire:#7f8c9e;--lan:#5c6a7d;--target:#7db4ff;--bad:#ff7083;--bad-soft:#35151c;
        """;

    private const string Rules = """
        .topo text{white-space:pre;font:13px ui-monospace,SFMono-Regular,Menlo,"Cascadia Mono","DejaVu Sans Mono","Liberation Mono",monospace;fill:var(--ink)}
        .topo{background:var(--bg);color-scheme:light dark}
        .topo .bg{fill:var(--bg)}
        .topo .shade{fill:var(--shade)}
        .topo .node{fill:var(--card);stroke:var(--edge)}
        .topo .pod{fill:var(--pod);stroke:var(--pod-edge)}
        .topo .bridge{fill:var(--bridge);stroke:var(--bridge-edge)}
        .topo .router{fill:var(--router);stroke:var(--router-edge)}
        .topo .internet{fill:var(--net);stroke:var(--net-edge)}
        .topo .cable,.topo .uplink{fill:none;stroke:var(--cable);stroke-width:2;stroke-linejoin:round}
        .topo .uplink{stroke:var(--wire)}
        .topo .lan{fill:none;stroke:var(--lan);stroke-width:6;stroke-linecap:round}
        .topo .dot{fill:var(--cable);stroke:var(--card);stroke-width:1.5}
        .topo .dot.up{fill:var(--wire)}
        .topo .pill{fill:var(--card);stroke:var(--cable)}
        .topo .pill.on-lan{fill:var(--bg);stroke:var(--lan)}
        .topo text.name{font-weight:700}
        .topo text.in-pod.name{fill:var(--pod-ink)}
        .topo text.in-bridge.name{fill:var(--bridge-ink)}
        .topo text.in-router.name{fill:var(--router-ink)}
        .topo text.in-internet.name{fill:var(--net-ink)}
        .topo text.port,.topo text.note,.topo text.container{fill:var(--soft)}
        .topo text.headline{font-weight:700;fill:var(--ink)}
        .topo text.target{fill:var(--target);font-weight:600}
        .topo rect.bad{stroke:var(--bad);fill:var(--bad-soft)}
        .topo rect.node.bad,.topo rect.router.bad{fill:var(--card)}
        .topo path.bad{stroke:var(--bad);stroke-dasharray:5 4}
        .topo path.lan.bad{stroke-dasharray:none}
        .topo circle.bad{fill:var(--bad)}
        .topo text.bad,.topo text.problem{fill:var(--bad)}
        """;

    /// <summary>Follows the reader's choice of light or dark; data-theme on an element around it overrides.</summary>
    internal static string Css { get; } = $":root{{{Flat(Light)}}}\n@media (prefers-color-scheme:dark){{:root{{{Flat(Dark)}}}}}\n:root[data-theme=light]{{{Flat(Light)}}}\n:root[data-theme=dark]{{{Flat(Dark)}}}\n{Rules}\n";

    /// <summary>For a file of its own: no theme to override.</summary>
    internal static string FileCss { get; } = $".topo{{{Flat(Light)}}}\n@media (prefers-color-scheme:dark){{.topo{{{Flat(Dark)}}}}}\n{Rules}\n";

    private static string Flat(string text) => text.Replace("\n", "", StringComparison.Ordinal);
}
