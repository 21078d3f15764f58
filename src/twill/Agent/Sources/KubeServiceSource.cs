using System.Globalization;
using Twill.Fabric.Services.Model;
using Twill.Kube;

namespace Twill.Agent.Sources;

/// <summary>Services and EndpointSlices of the Kubernetes API. Read only; a service that did not change stays the same object.</summary>
/// <param name="client">Stays the caller's.</param>
internal sealed class KubeServiceSource(KubeClient client, TimeProvider time) : ISource<ServiceDescription>
{
    private readonly SortedDictionary<string, KubeService> _services = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<string, KubeEndpointSlice>> _slices = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, ServiceDescription> _translated = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _problems = new(StringComparer.Ordinal);
    private readonly HashSet<string> _stale = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _away = new(StringComparer.Ordinal);

    private volatile SourceReading<ServiceDescription> _reading = SourceReading<ServiceDescription>.Nothing;

    public string Description => $"kubernetes {client.Config.Server}";

    public SourceReading<ServiceDescription> Reading => _reading;

    public async Task RunAsync(Action changed, CancellationToken token)
    {
        void Heard(string what, InformerNotice notice)
        {
            lock (_away)
            {
                switch (notice.Kind)
                {
                    case InformerNoticeKind.Away or InformerNoticeKind.StillAway: _away[what] = notice.Problem?.Message ?? "no news from the API server"; break;
                    case InformerNoticeKind.Back: _away.Remove(what); break;
                    default: return;
                }

                Put(_reading.Items, _reading.Revision);
            }

            changed();
        }

        await using Informer<KubeService> services = client.Inform(KubeService.Resource, new InformerOptions { Notice = n => Heard("services", n) });
        await using Informer<KubeEndpointSlice> slices = client.Inform(KubeEndpointSlice.Resource, new InformerOptions { Notice = n => Heard("endpointslices", n) });
        using InformerFeed<KubeService> serviceFeed = services.Subscribe();
        using InformerFeed<KubeEndpointSlice> sliceFeed = slices.Subscribe();
        try
        {
            // Both lists before the first reading: a service without its endpoints would refuse connections.
            Take(await serviceFeed.NextAsync(token).ConfigureAwait(false));
            Take(await sliceFeed.NextAsync(token).ConfigureAwait(false));
            Task<IReadOnlyList<KubeChange<KubeService>>> nextServices = serviceFeed.NextAsync(token).AsTask();
            Task<IReadOnlyList<KubeChange<KubeEndpointSlice>>> nextSlices = sliceFeed.NextAsync(token).AsTask();
            while (true)
            {
                Translate();
                lock (_away) Put([.. _translated.Values], $"{services.Status.Version.ToString(CultureInfo.InvariantCulture)}/{slices.Status.Version.ToString(CultureInfo.InvariantCulture)}");
                changed();
                await Task.WhenAny(nextServices, nextSlices).ConfigureAwait(false);
                if (nextServices.IsCompleted)
                {
                    Take(await nextServices.ConfigureAwait(false));
                    nextServices = serviceFeed.NextAsync(token).AsTask();
                }

                if (nextSlices.IsCompleted)
                {
                    Take(await nextSlices.ConfigureAwait(false));
                    nextSlices = sliceFeed.NextAsync(token).AsTask();
                }
            }
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
        }
    }

    private void Take(IReadOnlyList<KubeChange<KubeService>> changes)
    {
        foreach (KubeChange<KubeService> change in changes)
        {
            _stale.Add(change.Key);
            if (change.Now is { } now) _services[change.Key] = now;
            else _services.Remove(change.Key);
        }
    }

    private void Take(IReadOnlyList<KubeChange<KubeEndpointSlice>> changes)
    {
        foreach (KubeChange<KubeEndpointSlice> change in changes)
        {
            if (change.Before is { } before && KeyOf(before) is { } old && _slices.TryGetValue(old, out SortedDictionary<string, KubeEndpointSlice>? had))
            {
                _stale.Add(old);
                had.Remove(before.Name);
                if (had.Count == 0) _slices.Remove(old);
            }

            if (change.Now is not { } now || KeyOf(now) is not { } key) continue;
            _stale.Add(key);
            if (!_slices.TryGetValue(key, out SortedDictionary<string, KubeEndpointSlice>? all)) _slices.Add(key, all = new SortedDictionary<string, KubeEndpointSlice>(StringComparer.Ordinal));
            all[now.Name] = now;
        }

        static string? KeyOf(KubeEndpointSlice slice) => slice.Service.Length == 0 ? null : $"{slice.Namespace}/{slice.Service}";
    }

    private void Translate()
    {
        foreach (string key in _stale)
        {
            _problems.Remove(key);
            if (!_services.TryGetValue(key, out KubeService? service) || KubeServiceTranslation.Of(service, _slices.TryGetValue(key, out SortedDictionary<string, KubeEndpointSlice>? slices) ? slices.Values : [], out string? problem) is not { } description)
            {
                _translated.Remove(key);
                continue;
            }

            _translated[key] = description;
            if (problem is not null) _problems[key] = problem;
        }

        _stale.Clear();
    }

    /// <summary>Under the lock of <see cref="_away"/>.</summary>
    private void Put(IReadOnlyList<ServiceDescription>? items, string revision)
    {
        string? problem = _away.Count > 0 ? string.Join("; ", _away.Select(a => $"{a.Key}: {a.Value}")) : _problems.Count > 0 ? string.Join("; ", _problems.Values) : items is null ? _reading.Problem : null;
        bool same = items is not null == _reading.Items is not null && (problem is null) == (_reading.Problem is null);
        _reading = new SourceReading<ServiceDescription>(items, revision, problem, same && _reading.Since != 0 ? _reading.Since : time.GetTimestamp());
    }
}
