using Keyturn.Jobs;

namespace Keyturn.Storage.Tests.Stores;

public abstract class JobStoreTests(StoreKind kind) : StoreContract(kind)
{
    [Fact]
    public async Task Find_AfterTheProcessHasEnded_IsTheJobWithItsResetsInOrder()
    {
        var job = NewJob() with { Failure = "the second was refused", ResetIds = [Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()] };
        await Test.Store.Jobs.AddAsync(job, default);
        await Test.ReopenAsync();

        var found = (await Test.Store.Jobs.FindAsync(Test.ProjectId, job.Id, default)).ShouldNotBeNull();

        found.ResetIds.ShouldBe(job.ResetIds);
        (found with { ResetIds = job.ResetIds }).ShouldBe(job);
    }

    [Fact]
    public async Task Find_AnotherProjectsJob_IsNull()
    {
        var job = NewJob();
        await Test.Store.Jobs.AddAsync(job, default);

        (await Test.Store.Jobs.FindAsync(Guid.NewGuid(), job.Id, default)).ShouldBeNull();
    }

    [Fact]
    public async Task Add_MuchLater_ForgetsWhatNobodyMayAskForAnyMore()
    {
        var (old, late) = (NewJob() with { ResetIds = [Guid.NewGuid()] }, NewJob() with { CreatedAt = Test.Clock.Now.AddDays(2) });
        await Test.Store.Jobs.AddAsync(old, default);
        await Test.Store.Jobs.AddAsync(late, default);
        Test.Clock.Advance(Job.Kept + TimeSpan.FromDays(1));

        await Test.Store.Jobs.AddAsync(NewJob(), default);

        (await Test.Store.Jobs.FindAsync(Test.ProjectId, old.Id, default)).ShouldBeNull();
        (await Test.Store.Jobs.FindAsync(Test.ProjectId, late.Id, default)).ShouldNotBeNull();
    }

    private Job NewJob() => new()
    {
        Id = Guid.NewGuid(),
        ProjectId = Test.ProjectId,
        InstanceId = Test.Instance.Id,
        Name = "ResetPasswords",
        CreatedAt = Test.Clock.Now,
        EndedAt = Test.Clock.Now.AddSeconds(1),
        ResetIds = [],
    };
}

public sealed class SqliteJobStoreTests() : JobStoreTests(StoreKind.Sqlite);

public sealed class PostgreSqlJobStoreTests() : JobStoreTests(StoreKind.PostgreSql);
