using System.Text.Json;

namespace Twill.Kube;

/// <remarks>Source: k8s.io/api/core/v1, Node. Kubelets write a node's status every few minutes; such an event allocates nothing here.</remarks>
internal sealed class KubeNodeReader : IKubeReader<KubeNode>
{
    private readonly StringListScratch _cidrs = new();
    private readonly StringListScratch _internal = new();
    private readonly StringListScratch _external = new();
    private string? _uid, _cidr, _hostname, _zone, _region;
    private bool _unschedulable, _deleting;

    public KubeNode Read(string key, ref Utf8JsonReader json, KubeNode? known)
    {
        _cidrs.Begin(known?.PodCidrs);
        _internal.Begin(known?.InternalIps);
        _external.Begin(known?.ExternalIps);
        (_uid, _cidr, _hostname, _zone, _region, _unschedulable, _deleting) = (null, null, null, null, null, false, false);
        while (json.NextProperty())
        {
            if (json.ValueTextEquals("metadata"u8))
                ReadMetadata(ref json, known);
            else if (json.ValueTextEquals("spec"u8))
                ReadSpec(ref json, known);
            else if (json.ValueTextEquals("status"u8))
                ReadStatus(ref json, known);
            else
                json.SkipValue();
        }

        if (_cidrs.Count == 0 && _cidr is not null)
            _cidrs.Add(_cidr);
        var (cidrs, internals, externals) = (_cidrs.End(), _internal.End(), _external.End());
        if (known is not null && known.Uid == (_uid ?? "") && known.Hostname == _hostname && known.Zone == _zone && known.Region == _region
            && known.IsUnschedulable == _unschedulable && known.IsDeleting == _deleting
            && ReferenceEquals(cidrs, known.PodCidrs) && ReferenceEquals(internals, known.InternalIps) && ReferenceEquals(externals, known.ExternalIps))
        {
            return known;
        }

        return new KubeNode
        {
            Name = key,
            Uid = _uid ?? "",
            PodCidrs = cidrs,
            InternalIps = internals,
            ExternalIps = externals,
            Hostname = _hostname,
            Zone = _zone,
            Region = _region,
            IsUnschedulable = _unschedulable,
            IsDeleting = _deleting,
        };
    }

    private void ReadMetadata(ref Utf8JsonReader json, KubeNode? known)
    {
        if (!json.EnterObject())
            return;
        while (json.NextProperty())
        {
            if (json.ValueTextEquals("uid"u8))
            {
                _uid = json.StringValue(known?.Uid);
            }
            else if (json.ValueTextEquals("deletionTimestamp"u8))
            {
                json.SkipValue();
                _deleting = json.TokenType != JsonTokenType.Null;
            }
            else if (json.ValueTextEquals("labels"u8))
            {
                ReadLabels(ref json, known);
            }
            else
            {
                json.SkipValue();
            }
        }
    }

    private void ReadLabels(ref Utf8JsonReader json, KubeNode? known)
    {
        if (!json.EnterObject())
            return;
        while (json.NextProperty())
        {
            if (json.ValueTextEquals("topology.kubernetes.io/zone"u8))
                _zone = json.StringValue(known?.Zone);
            else if (json.ValueTextEquals("topology.kubernetes.io/region"u8))
                _region = json.StringValue(known?.Region);
            else
                json.SkipValue();
        }
    }

    private void ReadSpec(ref Utf8JsonReader json, KubeNode? known)
    {
        if (!json.EnterObject())
            return;
        while (json.NextProperty())
        {
            if (json.ValueTextEquals("podCIDRs"u8))
            {
                if (!json.EnterArray())
                    continue;
                while (json.NextElement())
                    _cidrs.Add(ref json);
            }
            else if (json.ValueTextEquals("podCIDR"u8))
            {
                _cidr = json.StringValue(known is { PodCidrs.Count: > 0 } ? known.PodCidrs[0] : null);
                if (_cidr is "")
                    _cidr = null;
            }
            else if (json.ValueTextEquals("unschedulable"u8))
            {
                _unschedulable = json.BoolValue();
            }
            else
            {
                json.SkipValue();
            }
        }
    }

    private void ReadStatus(ref Utf8JsonReader json, KubeNode? known)
    {
        if (!json.EnterObject())
            return;
        while (json.NextProperty())
        {
            if (!json.ValueTextEquals("addresses"u8))
            {
                json.SkipValue();
                continue;
            }

            if (!json.EnterArray())
                continue;
            while (json.NextElement())
                ReadAddress(ref json, known);
        }
    }

    /// <summary>The reader stands on an address's beginning. Its type may come after it, as Go sorts nothing but maps.</summary>
    private void ReadAddress(ref Utf8JsonReader json, KubeNode? known)
    {
        if (json.TokenType != JsonTokenType.StartObject)
            throw new FormatException("an address is no object");
        var type = AddressType.Other;
        var ahead = json;
        while (ahead.NextProperty())
        {
            var isType = ahead.ValueTextEquals("type"u8);
            ahead.SkipValue();
            if (isType)
                type = ahead.TokenType != JsonTokenType.String ? AddressType.Other : ahead.ValueTextEquals("InternalIP"u8) ? AddressType.Internal : ahead.ValueTextEquals("ExternalIP"u8) ? AddressType.External : ahead.ValueTextEquals("Hostname"u8) ? AddressType.Hostname : AddressType.Other;
        }

        while (json.NextProperty())
        {
            if (!json.ValueTextEquals("address"u8) || type == AddressType.Other)
            {
                json.SkipValue();
                continue;
            }

            if (type == AddressType.Hostname)
            {
                var name = json.StringValue(known?.Hostname);
                _hostname ??= name;
                continue;
            }

            json.Read();
            (type == AddressType.Internal ? _internal : _external).Add(ref json);
        }
    }

    private enum AddressType
    {
        Other,
        Internal,
        External,
        Hostname,
    }
}
