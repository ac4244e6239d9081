using Keyturn.Jobs;

namespace Keyturn.Storage.Tests.Sqlite;

public sealed class JobStoreTests : IAsyncLifetime
{
    private TestStore _test = null!;

    public async ValueTask InitializeAsync() => _test = await TestStore.CreateAsync();

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Find_AfterTheProcessHasEnded_IsTheJobWithItsResetsInOrder()
    {
        var job = NewJob() with { Failure = "the second was refused", ResetIds = [Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()] };
        await _test.Store.Jobs.AddAsync(job, default);
        await _test.ReopenAsync();

        var found = (await _test.Store.Jobs.FindAsync(_test.ProjectId, job.Id, default)).ShouldNotBeNull();

        found.ResetIds.ShouldBe(job.ResetIds);
        (found with { ResetIds = job.ResetIds }).ShouldBe(job);
    }

    [Fact]
    public async Task Find_AnotherProjectsJob_IsNull()
    {
        var job = NewJob();
        await _test.Store.Jobs.AddAsync(job, default);

        (await _test.Store.Jobs.FindAsync(Guid.NewGuid(), job.Id, default)).ShouldBeNull();
    }

    [Fact]
    public async Task Add_MuchLater_ForgetsWhatNobodyMayAskForAnyMore()
    {
        var (old, late) = (NewJob() with { ResetIds = [Guid.NewGuid()] }, NewJob() with { CreatedAt = _test.Clock.Now.AddDays(2) });
        await _test.Store.Jobs.AddAsync(old, default);
        await _test.Store.Jobs.AddAsync(late, default);
        _test.Clock.Advance(Job.Kept + TimeSpan.FromDays(1));

        await _test.Store.Jobs.AddAsync(NewJob(), default);

        (await _test.Store.Jobs.FindAsync(_test.ProjectId, old.Id, default)).ShouldBeNull();
        (await _test.Store.Jobs.FindAsync(_test.ProjectId, late.Id, default)).ShouldNotBeNull();
    }

    private Job NewJob() => new()
    {
        Id = Guid.NewGuid(),
        ProjectId = _test.ProjectId,
        InstanceId = _test.Instance.Id,
        Name = "ResetPasswords",
        CreatedAt = _test.Clock.Now,
        EndedAt = _test.Clock.Now.AddSeconds(1),
        ResetIds = [],
    };
}
