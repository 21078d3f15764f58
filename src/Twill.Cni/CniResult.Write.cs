using System.Net;

namespace Twill.Cni;

public sealed partial record CniResult
{
    /// <summary>The result in the form of the request's version, as UTF-8 JSON with a final newline.</summary>
    /// <exception cref="CniException">
    /// Code 7: 0.1.0 and 0.2.0 carry one address of each family and need at least one; to leave one out would be a lie.
    /// Code 999: an ip whose interface is not in the result.
    /// </exception>
    public byte[] Write(SpecVersion version)
    {
        var json = new JsonOutput();
        WriteTo(json, version);
        return json.ToBytes();
    }

    internal void WriteTo(JsonOutput json, SpecVersion version)
    {
        var form = version.ResultForm;
        json.WriteStartObject();
        json.WriteString("cniVersion"u8, version.Text);
        if (form == ResultForm.Ip4Ip6)
        {
            WriteOldIps(json, version);
        }
        else
        {
            WriteInterfaces(json, form);
            WriteIps(json, form);
            WriteRoutes(json, form == ResultForm.Full, null);
        }

        WriteDns(json);
        json.WriteEndObject();
    }

    private void WriteInterfaces(JsonOutput json, ResultForm form)
    {
        if (Interfaces.Count == 0)
            return;
        json.WriteStartArray("interfaces"u8);
        foreach (var item in Interfaces)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, item.Name);
            if (item.Mac is not null)
                json.WriteString("mac"u8, item.Mac);
            if (form == ResultForm.Full && item.Mtu is { } mtu)
                json.WriteNumber("mtu"u8, mtu);
            if (item.Sandbox is not null)
                json.WriteString("sandbox"u8, item.Sandbox);
            if (form == ResultForm.Full && item.SocketPath is not null)
                json.WriteString("socketPath"u8, item.SocketPath);
            if (form == ResultForm.Full && item.PciId is not null)
                json.WriteString("pciID"u8, item.PciId);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteIps(JsonOutput json, ResultForm form)
    {
        if (Ips.Count == 0)
            return;
        json.WriteStartArray("ips"u8);
        foreach (var ip in Ips)
        {
            if (ip.Interface is { } i && (i < 0 || i >= Interfaces.Count))
            {
                throw new CniException(CniErrorCode.Internal,
                    $"cannot write the result: {ip.Address} names interface {i}, and there are {Interfaces.Count}");
            }

            json.WriteStartObject();
            if (form == ResultForm.IpsWithVersion)
                json.WriteString("version"u8, VersionOf(ip.Address));
            if (ip.Interface is { } index)
                json.WriteNumber("interface"u8, index);
            json.WriteString("address"u8, ip.Address.ToString());
            WriteAddress(json, "gateway"u8, ip.Gateway);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteOldIps(JsonOutput json, SpecVersion version)
    {
        CniIp? ip4 = null, ip6 = null;
        foreach (var ip in Ips)
        {
            if ((ip.Address.IsIPv4 ? ip4 : ip6) is { } known)
            {
                throw new CniException(CniErrorCode.InvalidConfig,
                    $"cannot write the result: cniVersion {version} carries one address of each family, not both {known.Address} and {ip.Address}; use cniVersion 0.3.0 or newer");
            }

            if (ip.Address.IsIPv4)
                ip4 = ip;
            else
                ip6 = ip;
        }

        if (ip4 is null && ip6 is null)
        {
            throw new CniException(CniErrorCode.InvalidConfig,
                $"cannot write the result: it has no address, and cniVersion {version} needs one; use cniVersion 0.3.0 or newer");
        }

        WriteOldIp(json, "ip4"u8, ip4);
        WriteOldIp(json, "ip6"u8, ip6);
    }

    private void WriteOldIp(JsonOutput json, ReadOnlySpan<byte> name, CniIp? ip)
    {
        if (ip is null)
            return;
        json.WriteStartObject(name);
        json.WriteString("ip"u8, ip.Address.ToString());
        WriteAddress(json, "gateway"u8, ip.Gateway);
        WriteRoutes(json, false, ip.Address.IsIPv4);
        json.WriteEndObject();
    }

    private void WriteRoutes(JsonOutput json, bool full, bool? isIPv4)
    {
        var any = false;
        foreach (var route in Routes)
        {
            if (isIPv4 is { } family && route.Dst.IsIPv4 != family)
                continue;
            if (!any)
                json.WriteStartArray("routes"u8);
            any = true;
            json.WriteStartObject();
            json.WriteString("dst"u8, route.Dst.ToString());
            WriteAddress(json, "gw"u8, route.Gw);
            if (full)
            {
                if (route.Mtu is { } mtu)
                    json.WriteNumber("mtu"u8, mtu);
                if (route.AdvMss is { } advMss)
                    json.WriteNumber("advmss"u8, advMss);
                if (route.Priority is { } priority)
                    json.WriteNumber("priority"u8, priority);
                if (route.Table is { } table)
                    json.WriteNumber("table"u8, table);
                if (route.Scope is { } scope)
                    json.WriteNumber("scope"u8, scope);
            }

            json.WriteEndObject();
        }

        if (any)
            json.WriteEndArray();
    }

    private void WriteDns(JsonOutput json)
    {
        if (Dns.IsEmpty)
            return;
        json.WriteStartObject("dns"u8);
        WriteStrings(json, "nameservers"u8, Dns.Nameservers);
        if (Dns.Domain is not null)
            json.WriteString("domain"u8, Dns.Domain);
        WriteStrings(json, "search"u8, Dns.Search);
        WriteStrings(json, "options"u8, Dns.Options);
        json.WriteEndObject();
    }

    private static void WriteStrings(JsonOutput json, ReadOnlySpan<byte> name, IReadOnlyList<string> list)
    {
        if (list.Count == 0)
            return;
        json.WriteStartArray(name);
        foreach (var item in list)
            json.WriteStringValue(item);
        json.WriteEndArray();
    }

    private static void WriteAddress(JsonOutput json, ReadOnlySpan<byte> name, IPAddress? address)
    {
        if (address is not null)
            json.WriteString(name, address.ToString());
    }
}
