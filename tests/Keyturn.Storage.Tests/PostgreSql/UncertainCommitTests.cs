using Keyturn.Resets;

namespace Keyturn.Storage.Tests.PostgreSql;

/// <summary>
/// Commits that the server does not say a plain yes to. What makes them so is a trigger that runs inside the commit itself, on a real
/// server: it ends the session, as a shutdown does, or warns, as a cancelled wait for a replica does.
/// </summary>
public sealed class UncertainCommitTests : IAsyncLifetime
{
    private TestStore _test = null!;

    public async ValueTask InitializeAsync() => _test = await TestStore.CreateAsync(StoreKind.PostgreSql);

    public ValueTask DisposeAsync() => _test?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Prepare_SessionEndsDuringCommit_IsUnknown()
    {
        var account = await _test.AdoptedAccountAsync("app", "old");
        AtCommit("PERFORM pg_terminate_backend(pg_backend_pid()), pg_sleep(5);");

        var prepared = await _test.Store.Resets.PrepareAsync(_test.Intent(account));

        prepared.Conflict.ShouldBe(PrepareConflict.Unknown);
    }

    [Fact]
    public async Task Prepare_CommitWarns_IsUnknownAndMayBeThere()
    {
        var account = await _test.AdoptedAccountAsync("app", "old");
        AtCommit("RAISE WARNING 'canceling wait for synchronous replication due to user request';");
        var intent = _test.Intent(account);

        var prepared = await _test.Store.Resets.PrepareAsync(intent);

        prepared.Conflict.ShouldBe(PrepareConflict.Unknown);
        (await _test.Store.Resets.FindAsync(intent.ResetId, default)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Prepare_CommitIsRefused_NothingIsWritten()
    {
        var account = await _test.AdoptedAccountAsync("app", "old");
        AtCommit("RAISE EXCEPTION 'no';");
        var intent = _test.Intent(account);

        var prepared = await _test.Store.Resets.PrepareAsync(intent);

        prepared.Conflict.ShouldBe(PrepareConflict.StoreFailed);
        (await _test.Store.Resets.FindAsync(intent.ResetId, default)).ShouldBeNull();
    }

    private void AtCommit(string statement) => _test.Execute(
        $"""
        CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {statement} RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON resets DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION at_commit();
        """);
}
