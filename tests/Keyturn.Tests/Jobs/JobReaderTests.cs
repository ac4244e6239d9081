using Keyturn.Jobs;
using Keyturn.Tests.Resets;

namespace Keyturn.Tests.Jobs;

public sealed class JobReaderTests
{
    [Fact]
    public async Task Find_AllResetsDone_IsCompletedWhenTheLastWas()
    {
        await using var world = await World.CreateAsync();
        var job = await AddAsync(world, failure: null, (await world.ResetAsync()).Reset!.Id, Guid.NewGuid());

        var found = await FindAsync(world, job);

        (found.State, found.Failure).ShouldBe((JobState.Completed, null));
        found.EndedAt.ShouldBe(found.Job.EndedAt);
    }

    [Fact]
    public async Task Find_OneResetIsOpen_RunsUntilItIsSettled()
    {
        await using var world = await World.CreateAsync();
        await world.DieWhileSendingAsync("Wished-for-4711!");
        var reset = await world.LastResetAsync();
        var job = await AddAsync(world, "other: refused.", reset.Id);

        var running = await FindAsync(world, job);
        await world.Reconciler.SettleAsync(reset.Id);
        var settled = await FindAsync(world, job);

        (running.State, running.EndedAt, running.Failure).ShouldBe((JobState.Running, null, null));
        (settled.State, settled.Failure).ShouldBe((JobState.Failed, "other: refused."));
    }

    [Fact]
    public async Task Find_ResetFailed_SaysOfWhichAccountAndWhy()
    {
        await using var world = await World.CreateAsync();
        world.Server.Fates.Enqueue(Fate.Refuse);
        var job = await AddAsync(world, "What follows was left.", (await world.ResetAsync()).Reset!.Id);

        (await FindAsync(world, job)).ShouldSatisfyAllConditions(
            found => found.State.ShouldBe(JobState.Failed),
            found => found.Failure.ShouldBe("app: nothing was changed. refused What follows was left."));
    }

    [Fact]
    public async Task Find_AnotherProject_IsNull()
    {
        await using var world = await World.CreateAsync();
        var job = await AddAsync(world, failure: null);

        (await Reader(world).FindAsync(Guid.NewGuid(), job.Id, default)).ShouldBeNull();
    }

    private static async Task<Job> AddAsync(World world, string? failure, params Guid[] resets)
    {
        var job = new Job
        {
            Id = Guid.NewGuid(),
            ProjectId = world.Instance.ProjectId,
            InstanceId = world.Instance.Id,
            Name = "test",
            CreatedAt = world.Clock.GetUtcNow(),
            EndedAt = world.Clock.GetUtcNow().AddSeconds(1),
            Failure = failure,
            ResetIds = resets,
        };
        await world.Whole.Jobs.AddAsync(job, default);
        return job;
    }

    private static async Task<JobProgress> FindAsync(World world, Job job) => (await Reader(world).FindAsync(job.ProjectId, job.Id, default)).ShouldNotBeNull();

    private static JobReader Reader(World world) => new(world.Whole.Jobs, world.Store);
}
