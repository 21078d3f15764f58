using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Twill.Cni;
using Xunit;

namespace Twill.Tests.Cni;

public sealed class CniResultProperties
{
    private static Gen<T?> Maybe<T>(Gen<T> gen) where T : class => Gen.Frequency((1, Gen.Constant<T?>(null)), (3, gen.Select(x => (T?)x)));

    private static Gen<T?> MaybeValue<T>(Gen<T> gen) where T : struct => Gen.Frequency((1, Gen.Constant<T?>(null)), (3, gen.Select(x => (T?)x)));

    private static Gen<string> Text { get; } = Gen.Elements("a", "eth0", "/run/netns/x y", "\u00e4\u20ac", "\"\\/\b\n\u0000\u2028", "\ud83d\ude00", "<&'+>");

    private static Gen<int> Positive { get; } = Gen.Choose(0, int.MaxValue);

    private static Gen<IPAddress> Address { get; } =
        from ipv4 in Gen.Elements(true, false)
        from bytes in Gen.Choose(0, 255).Select(b => (byte)(b < 128 ? 0 : b)).ArrayOf(16)
        select new IPAddress(ipv4 ? bytes[..4] : [0xfd, .. bytes[1..]]);

    private static Gen<IpCidr> Cidr { get; } =
        from address in Address
        from prefix in Gen.Choose(0, IpCidr.Of(address).PrefixLength)
        select new IpCidr(address, prefix);

    private static Gen<CniInterface> Interface { get; } =
        from name in Text
        from mac in Maybe(Text)
        from mtu in MaybeValue(Positive)
        from sandbox in Maybe(Text)
        from socket in Maybe(Text)
        from pci in Maybe(Text)
        select new CniInterface(name, mac, mtu, sandbox, socket, pci);

    private static Gen<CniRoute> Route { get; } =
        from dst in Cidr
        from gw in Maybe(Address)
        from mtu in MaybeValue(Positive)
        from mss in MaybeValue(Positive)
        from priority in MaybeValue(Positive.Select(p => (uint)p * 2 + 1))
        from table in MaybeValue(Positive.Select(p => (uint)p * 2 + 1))
        from scope in MaybeValue(Gen.Choose(0, 255).Select(s => (byte)s))
        select new CniRoute(dst, gw, mtu, mss, priority, table, scope);

    private static Gen<CniDns> Dns { get; } =
        from servers in Text.ListOf()
        from domain in Maybe(Text)
        from search in Text.ListOf()
        from options in Text.ListOf()
        select new CniDns { Nameservers = [.. servers], Domain = domain, Search = [.. search], Options = [.. options] };

    private static Gen<CniResult> Result { get; } =
        from interfaces in Interface.ListOf()
        from ips in (from address in Cidr
                     from gateway in Maybe(Address)
                     from index in interfaces.Count == 0 ? Gen.Constant<int?>(null) : MaybeValue(Gen.Choose(0, interfaces.Count - 1))
                     select new CniIp(address, gateway, index)).ListOf()
        from routes in Route.ListOf()
        from dns in Dns
        select new CniResult { Interfaces = [.. interfaces], Ips = [.. ips], Routes = [.. routes], Dns = dns };

    [Fact]
    [Trait("cni", "R09")]
    public void ParseOfWrite_Of110_IsTheSame() =>
        Prop.ForAll(Result.ToArbitrary(), r => CniResult.Parse(r.Write(SpecVersion.V1_1_0), SpecVersion.V0_1_0) == r)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    [Trait("cni", "R09")]
    public void ParseOfWrite_OfTheOthers_IsStableAfterOneTurn() =>
        Prop.ForAll(Result.ToArbitrary(), r =>
        {
            foreach (var version in new[] { SpecVersion.V0_3_0, SpecVersion.V0_4_0, SpecVersion.V1_0_0 })
            {
                var once = CniResult.Parse(r.Write(version), version);
                if (once.Ips.Count != r.Ips.Count || once.Routes.Count != r.Routes.Count || once.Dns != r.Dns || CniResult.Parse(once.Write(SpecVersion.V1_1_0), version) != once)
                    return false;
            }

            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
}
