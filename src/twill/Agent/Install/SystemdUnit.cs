namespace Twill.Agent.Install;

/// <summary>The agent's unit. Stopping it takes nothing away: the data path needs no agent.</summary>
internal static class SystemdUnit
{
    internal const string Name = "twill.service", Path = $"/etc/systemd/system/{Name}";

    /// <param name="executable">Absolute path.</param>
    /// <param name="arguments">Of `twill agent`, each one word.</param>
    /// <param name="cniDirectory">Where the agent writes the runtime's configuration.</param>
    internal static string Text(string executable, IReadOnlyList<string> arguments, string cniDirectory = NodeConfiguration.DefaultDirectory) => $"""
        # Written by `twill install`; `twill uninstall` removes it.
        [Unit]
        Description=Twill, the pod network of this node
        Documentation=man:twill-agent(1)
        After=network-online.target
        Wants=network-online.target
        Before=kubelet.service containerd.service crio.service podman.service

        [Service]
        Type=notify
        ExecStart={string.Join(' ', [Quote(executable), "agent", .. arguments.Select(Quote)])}
        TimeoutStartSec=60
        Restart=always
        RestartSec=1
        WatchdogSec=30
        # kill -9 is the normal stop: the network stays as it is, and the next start writes only what differs.
        KillMode=process
        OOMScoreAdjust=-900
        MemoryMax=256M
        Environment=DOTNET_GCgen0size=40000
        # Interfaces, routes, nftables, sysctl files below /proc/sys/net; entering pods' namespaces for CHECK; nothing else.
        CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW CAP_SYS_ADMIN CAP_SYS_PTRACE
        NoNewPrivileges=yes
        ProtectSystem=strict
        ReadWritePaths=-{cniDirectory} -/run/twill -/run/netns /proc/sys/net
        RuntimeDirectory=twill
        RuntimeDirectoryMode=0700
        RuntimeDirectoryPreserve=yes
        ProtectHome=yes
        PrivateTmp=yes
        PrivateDevices=yes
        ProtectClock=yes
        ProtectControlGroups=yes
        ProtectHostname=yes
        ProtectKernelLogs=yes
        ProtectKernelModules=yes
        MemoryDenyWriteExecute=yes
        RestrictNamespaces=net
        RestrictRealtime=yes
        RestrictSUIDSGID=yes
        RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_INET AF_INET6 AF_PACKET
        SystemCallArchitectures=native
        SystemCallFilter=@system-service
        SystemCallErrorNumber=EPERM
        LockPersonality=yes

        [Install]
        WantedBy=multi-user.target

        """;

    /// <summary>One word of ExecStart. Source: systemd.service(5), "COMMAND LINES".</summary>
    private static string Quote(string word)
    {
        string escaped = word.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("%", "%%", StringComparison.Ordinal).Replace("$", "$$", StringComparison.Ordinal);
        return escaped == word && word.Length > 0 && !word.AsSpan().ContainsAny(" \t'") ? word : $"\"{escaped}\"";
    }
}
