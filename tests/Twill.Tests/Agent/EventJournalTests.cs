using Twill.Agent.Journal;
using Xunit;

namespace Twill.Tests.Agent;

public sealed class EventJournalTests
{
    private readonly EventJournal _journal = new(TimeProvider.System);

    [Fact]
    public void Add_MoreThanItKeeps_TheOldestGo()
    {
        for (int i = 0; i < EventJournal.Capacity + 5; i++) _journal.Add("change", $"{i}");
        IReadOnlyList<JournalEntry> all = _journal.After(0);
        Assert.Equal(EventJournal.Capacity, all.Count);
        Assert.Equal((6L, "5"), (all[0].Sequence, all[0].Text));
        Assert.Equal([EventJournal.Capacity + 5L], _journal.After(EventJournal.Capacity + 4).Select(e => e.Sequence));
    }

    [Fact]
    public async Task WaitAfter_SomethingHappens_EndsWithIt()
    {
        ValueTask<IReadOnlyList<JournalEntry>> wait = _journal.WaitAfter(0, TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.False(wait.IsCompleted);
        _journal.Add("repair", "route 10.244.2.0/24: put back", "ip (4121)", 3.5);
        JournalEntry entry = Assert.Single(await wait);
        Assert.Equal(("repair", "ip (4121)", 3.5), (entry.Kind, entry.By, entry.Ms));
    }

    [Fact]
    public async Task WaitAfter_NothingHappens_EndsEmpty() => Assert.Empty(await _journal.WaitAfter(0, TimeSpan.FromMilliseconds(1), TestContext.Current.CancellationToken));

    [Fact]
    public async Task WaitAfter_SomethingIsThere_DoesNotWait()
    {
        _journal.Add("start", "x");
        ValueTask<IReadOnlyList<JournalEntry>> wait = _journal.WaitAfter(0, TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.True(wait.IsCompleted);
        Assert.Single(await wait);
    }
}
