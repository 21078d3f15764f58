using System.Net;
using Twill.Plugin;

namespace Twill.Agent.Deploy;

/// <summary>Everything Kubernetes has to be told: one text for `kubectl apply -f`. Pure; deploy/twill.yaml is what it gives without options.</summary>
/// <param name="Settings">Of every node's agent; its name is each node's own.</param>
/// <param name="Image">With this program as /twill; nothing else needs to be in it.</param>
/// <param name="ApiServer">Where agents find the API server; null: by the address of the service `kubernetes`, which kube-proxy or its like must serve.</param>
internal sealed record Manifest(AgentSettings Settings, string Image, string Namespace, IPEndPoint? ApiServer)
{
    internal const string DefaultNamespace = "kube-system", NodeName = "$(NODE_NAME)";

    internal static string DefaultImage => $"twill:{AboutText.Version}";

    /// <summary>Where the agents answer the kubelet's questions: not a port for others.</summary>
    internal static IPEndPoint DefaultListen { get; } = new(IPAddress.Loopback, 9077);

    private IPEndPoint Listen => Settings.Listen ?? DefaultListen;

    /// <summary>As YAML.</summary>
    internal string Text => $$"""
        # Twill on every node. `twill manifest` writes this; its options change it. What each part is for: docs/kubernetes.md.
        apiVersion: v1
        kind: ServiceAccount
        metadata:
          name: twill
          namespace: {{Namespace}}
        ---
        # All that the agent asks the API server for. It writes {{(HasLeases ? "who announces which address, and which service has which" : "nothing there")}}.
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata:
          name: twill
        rules:
        - apiGroups: [""]
          resources: [nodes{{(Settings.Services ? ", services" : "")}}]
          verbs: [get, list, watch]
        {{Slices}}{{Grants}}---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata:
          name: twill
        roleRef:
          apiGroup: rbac.authorization.k8s.io
          kind: ClusterRole
          name: twill
        subjects:
        - kind: ServiceAccount
          name: twill
          namespace: {{Namespace}}
        {{Leases}}---
        apiVersion: apps/v1
        kind: DaemonSet
        metadata:
          name: twill
          namespace: {{Namespace}}
          labels: {app.kubernetes.io/name: twill}
        spec:
          selector:
            matchLabels: {app.kubernetes.io/name: twill}
          updateStrategy:
            # Pods keep their network while an agent is replaced, so many may be at once.
            rollingUpdate: {maxUnavailable: 10%}
          template:
            metadata:
              labels: {app.kubernetes.io/name: twill}
            spec:
              serviceAccountName: twill
              hostNetwork: true
              priorityClassName: system-node-critical
              terminationGracePeriodSeconds: 1
              nodeSelector: {kubernetes.io/os: linux}
              tolerations:
              - operator: Exists # a node without a network is not ready, and this makes it so
              initContainers:
              - name: plugin
                image: {{Image}}
                command: [/twill, install, --plugin-only, --root, /host]
                securityContext:
                  readOnlyRootFilesystem: true
                volumeMounts:
                - {name: cni-bin, mountPath: /host/opt/cni/bin}
              containers:
              - name: agent
                image: {{Image}}
                command:
                - /twill
                - agent
        {{Arguments}}
                env:
                - name: NODE_NAME
                  valueFrom:
                    fieldRef: {fieldPath: spec.nodeName}
                - {name: DOTNET_GCgen0size, value: "40000"} # hexadecimal: a small heap
        {{ApiServerVariables}}        securityContext:
                  readOnlyRootFilesystem: true
                  allowPrivilegeEscalation: false
                  capabilities:
                    drop: [ALL]
                    add: [NET_ADMIN, NET_RAW]
                livenessProbe:
                  httpGet: {host: "{{Listen.Address}}", port: {{Listen.Port}}, path: /healthz}
                  periodSeconds: 30
                  failureThreshold: 4
                readinessProbe:
                  httpGet: {host: "{{Listen.Address}}", port: {{Listen.Port}}, path: /readyz}
                  periodSeconds: 5
                resources:
                  requests: {cpu: 20m, memory: 32Mi}
                  limits: {memory: 256Mi}
                volumeMounts:
                - {name: cni-conf, mountPath: {{Settings.CniDirectory}}}
                - {name: run, mountPath: /run/twill}
                - {name: settings, mountPath: /host/proc/sys/net}
              volumes:
              - name: cni-bin
                hostPath: {path: /opt/cni/bin, type: DirectoryOrCreate}
              - name: cni-conf
                hostPath: {path: {{Settings.CniDirectory}}, type: DirectoryOrCreate}
              - name: run # the agent's socket, for `twill status` on the node
                hostPath: {path: /run/twill, type: DirectoryOrCreate}
              - name: settings # forwarding and the like; a container's own /proc/sys cannot be written
                hostPath: {path: /proc/sys/net, type: Directory}

        """;

    /// <summary>One word to a line.</summary>
    private string Arguments => string.Join('\n', (Settings with { Node = NodeName, Listen = Listen, ProcSys = "/host/proc/sys" }).ToArguments().Select(word => $"        - {Scalar(word)}"));

    private string Slices => !Settings.Services ? "" : """
        - apiGroups: [discovery.k8s.io]
          resources: [endpointslices]
          verbs: [get, list, watch]

        """;

    private string Grants => !HasLeases ? "" : """
        - apiGroups: [""]
          resources: [services/status]
          verbs: [patch]

        """;

    private bool HasLeases => Settings.Services && Settings.LoadBalancerPools.Count > 0;

    /// <summary>In the agent's own namespace only.</summary>
    private string Leases => !HasLeases ? "" : $$"""
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata:
          name: twill
          namespace: {{Namespace}}
        rules:
        - apiGroups: [coordination.k8s.io]
          resources: [leases]
          verbs: [get, create, patch]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata:
          name: twill
          namespace: {{Namespace}}
        roleRef:
          apiGroup: rbac.authorization.k8s.io
          kind: Role
          name: twill
        subjects:
        - kind: ServiceAccount
          name: twill
          namespace: {{Namespace}}

        """;

    private string ApiServerVariables => ApiServer is null ? "" : $$"""
                - {name: KUBERNETES_SERVICE_HOST, value: "{{ApiServer.Address}}"}
                - {name: KUBERNETES_SERVICE_PORT, value: "{{ApiServer.Port}}"}

        """;

    /// <summary>Plain where YAML reads it as the same text.</summary>
    private static string Scalar(string word) => word.Length > 0 && word.All(c => char.IsAsciiLetter(c) || c is '-' or '/' or '$' or '(' or ')' or '_') && !word.StartsWith("- ", StringComparison.Ordinal) ? word : $"\"{word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
