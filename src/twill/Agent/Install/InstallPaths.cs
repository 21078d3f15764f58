namespace Twill.Agent.Install;

/// <summary>Where the files of an installation are.</summary>
/// <param name="Root">Of the machine, or a directory that becomes one (an image).</param>
internal sealed record InstallPaths(string Root)
{
    internal const string Machine = "/";

    /// <summary>This program as it is called when it is installed.</summary>
    internal const string InstalledProgram = "/usr/local/bin/twill";

    /// <summary>The CNI plugin, the small executable that this program carries (<see cref="PluginFile"/>).</summary>
    internal string Plugin => Under("opt/cni/bin/twill");

    /// <summary>The same file once more, where the node has none of that name: containerd 1.x calls it in every pod.</summary>
    internal string Loopback => Under("opt/cni/bin/loopback");

    /// <summary>Agent and command line, where PATH finds it.</summary>
    internal string Program => Under(InstalledProgram);

    internal string Unit => Under(SystemdUnit.Path[1..]);

    /// <summary>Gives our routes their name in `ip route`: proto twill.</summary>
    internal string Protocols => Under("etc/iproute2/rt_protos.d/twill.conf");

    /// <summary>What the node was like before the first installation.</summary>
    internal string Before => Under("var/lib/twill/before");

    internal bool IsMachine => Path.GetFullPath(Root) == Machine;

    internal string Under(string path) => Path.Combine(Root, path.TrimStart('/'));
}
