using System.Text.RegularExpressions;
using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Jobs;
using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Storage.Care;
using Keyturn.Storage.Sqlite;

namespace Keyturn.Storage.Tests.Sqlite;

/// <summary>A store of a million accounts answers like one of a thousand: no statement reads a whole table.</summary>
public sealed class QueryPlanTests : IAsyncLifetime
{
    /// <summary>
    /// No table, tables of a few rows, the open resets, of which there are as many as servers that are down, and the instances' servers when one
    /// is registered.
    /// </summary>
    private static readonly string[] MayBeScanned =
    [
        "SCAN CONSTANT ROW", "SCAN store", "SCAN data_keys", "SCAN principals", "SCAN sqlite_schema", "USING INDEX resets_open", "USING COVERING INDEX resets_open",
        "INDEX schedules_failing",
        "SCAN projects", "SCAN audit_chains", "SCAN instances", "SCAN newest", "SCAN candidates", "SCAN due", "SCAN ranked",
    ];

    private TestStore _test = null!;

    public async ValueTask InitializeAsync() => _test = await TestStore.CreateAsync(StoreKind.Sqlite);

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Statements_OfEveryOperation_FindTheirRowsByIndex()
    {
        await UseEverythingAsync();

        var statements = _test.Sqlite.Statements.Where(sql => Regex.IsMatch(sql, @"^(SELECT|UPDATE|DELETE)\b")).ToList();

        statements.Count.ShouldBeGreaterThan(30);
        foreach (var sql in statements)
        {
            var scans = (await PlanAsync(sql)).Where(step => step.StartsWith("SCAN", StringComparison.Ordinal) && !MayBeScanned.Any(step.Contains) && !step.StartsWith("SCAN (", StringComparison.Ordinal));
            scans.ShouldBeEmpty(sql);
        }
    }

    private async Task<IReadOnlyList<string>> PlanAsync(string sql)
    {
        await using var readers = new SqliteReaders(_test.Path, _test.Clock);
        var names = Regex.Matches(sql, @"\$\w+").Select(match => match.Value).Distinct();
        return await readers.ReadAsync(
            session => session.QueryAsync($"EXPLAIN QUERY PLAN {sql}", row => row.GetString(3), [.. names.Select(name => (name, (object?)null))]), default);
    }

    private async Task UseEverythingAsync()
    {
        var (resets, secrets, instances) = (_test.Store.Resets, _test.Store.Secrets, _test.Store.Instances);
        var account = await _test.AdoptedAccountAsync("app", "old");
        var intent = await _test.PrepareAsync(_test.Intent(account) with { IdempotencyKey = "key" });
        await resets.MaySendAsync(intent.ResetId, 1, TimeSpan.FromSeconds(1));
        await resets.RecordSessionsAsync(intent.ResetId, 1, intent.Nodes);
        _test.Clock.Advance(TimeSpan.FromDays(2));
        await _test.Store.Retention.RunAsync(new RetentionRules(10, TimeSpan.FromDays(90)), default);
        await instances.ListToProbeAsync(10, default);
        await instances.TryBeginProbeAsync(account.Id, default);
        await instances.ProbeLaterAsync(account.Id, TimeSpan.Zero, default);
        await instances.ListToDiscardAsync(10, default);
        await instances.TryBeginDiscardAsync(account.Id, TimeSpan.Zero, default);
        await instances.CountUnverifiedAsync(_test.ProjectId, default);
        await resets.DueAsync(10, default);
        await resets.TakeOverAsync(intent.ResetId, TestStore.Lease, default);
        await _test.FinishAsync(intent, ResetState.Parked, fence: 2);
        intent = await _test.PrepareAsync(_test.Intent(account) with { IdempotencyKey = "key", Replaces = new ParkedReset(intent.ResetId, 2) });
        await _test.FinishAsync(intent, ResetState.Done);
        await _test.FinishAsync(await _test.PrepareAsync(account), ResetState.Failed);
        await resets.MarkUndeliveredAsync(intent.ResetId, TimeSpan.FromSeconds(1));
        await resets.FindByKeyAsync(_test.PrincipalId, intent.Operation, account.Id, "key", intent.RequestDigest, default);
        await resets.FindRepeatAsync(_test.PrincipalId, intent.Operation, account.Id, intent.RequestDigest, default);
        await resets.FindUnsettledAsync(account.Id, default);
        await resets.ListAsync(_test.Instance.Id, account.Id, 10, default);
        await resets.ListAsync(_test.Instance.Id, null, 10, default);
        await secrets.ReadAsync(account.Id, 2, default);
        await secrets.PromoteAsync(account.Id, 1, await _test.SeenAsync(account.Id), _test.Audit("account.verify"), default);
        await instances.FindAsync(_test.ProjectId, _test.Instance.Id, default);
        await instances.FindByNameAsync(_test.ProjectId, "first", default);
        await instances.ListAsync(_test.ProjectId, default);
        await instances.FindAccountAsync(account.Id, default);
        await instances.FindAccountAsync(_test.Instance.Id, account.Name, default);
        await instances.FindOverlapAsync(_test.Instance.Id, account.Name, default);
        await instances.ListAccountsAsync(_test.Instance.Id, default);
        await instances.ListAccountsAsync(_test.Instance.Id, "app", default);
        await instances.ListHeldAsync(_test.ProjectId, null, Guid.Empty, 10, default);
        await instances.ListHeldAsync(_test.ProjectId, _test.Instance.Id, account.Id, 10, default);
        await instances.AddAccountsAsync(_test.Instance.Id, [_test.NewAccount("imported")], _test.Audit("account.import"), default);
        await instances.SetDriftAsync(account.Id, null, await _test.SeenAsync(account.Id), _test.Audit("account.verify"), default);
        await instances.SetVerifiedAsync(account.Id, await _test.SeenAsync(account.Id), _test.Audit("account.verify"), default);
        await UseSchedulesAsync(account.Id);
        await instances.ReplaceAsync(_test.Instance with { Revision = 2 }, _test.Audit("instance.change"), default);
        await UsePrincipalsAsync();
        await UseJobsAsync();
        await _test.Store.Audit.ListAsync(_test.ProjectId, 10, default);
        await _test.Store.Audit.ListAsync(_test.ProjectId, new AuditFilter(10) { After = 1, Account = "app", Since = _test.Clock.Now }, default);
        await instances.RemoveAccountAsync(account.Id, _test.Audit("account.drop"), default);
        await instances.RemoveAsync(_test.Instance.Id, _test.Audit("instance.remove"), default);
    }

    private async Task UseSchedulesAsync(Guid accountId)
    {
        var schedules = _test.Store.Schedules;
        var schedule = (await schedules.SetAsync(accountId, 1, _test.Audit("account.schedule"), default))!;
        _test.Clock.Advance(TimeSpan.FromDays(1));
        await schedules.ListDueAsync(10, default);
        await schedules.TryTakeAsync(schedule, TestStore.Lease, default);
        await schedules.FailAsync(schedule, new Keyturn.Engines.Failure(Keyturn.Engines.EngineError.Busy, "busy"), resetId: null, TimeSpan.Zero, default);
        await schedules.ListAsync(_test.Instance.Id, default);
        await schedules.CountFailingAsync(_test.ProjectId, default);
        var account = (await _test.Store.Instances.FindAccountAsync(accountId, default))!;
        await _test.FinishAsync(await _test.PrepareAsync(_test.Intent(account) with { DueAt = schedule.DueAt }), ResetState.Done);
        await schedules.ClearAsync(accountId, _test.Audit("account.schedule"), default);
    }

    private async Task UseJobsAsync()
    {
        var job = new Job
        {
            Id = Guid.NewGuid(),
            ProjectId = _test.ProjectId,
            InstanceId = _test.Instance.Id,
            Name = "job",
            CreatedAt = _test.Clock.Now,
            EndedAt = _test.Clock.Now,
            ResetIds = [Guid.NewGuid()],
        };
        await _test.Store.Jobs.AddAsync(job, default);
        await _test.Store.Jobs.FindAsync(_test.ProjectId, job.Id, default);
    }

    private async Task UsePrincipalsAsync()
    {
        var (principals, audit, now) = (_test.Store.Principals, _test.Audit("principal.change"), _test.Clock.Now);
        var project = (await principals.FindProjectAsync(_test.ProjectId, default))!;
        await principals.FindProjectAsync(project.Name, default);
        await principals.ChangeProjectAsync(project, audit, default);
        var principal = new Principal(Guid.NewGuid(), _test.ProjectId, "second", now) { Email = "second@example.org" };
        await principals.AddAsync(principal, audit, default);
        await principals.ChangeAsync(principal, audit, default);
        await principals.FindAsync(principal.Id, default);
        await principals.ListAsync(_test.ProjectId, default);
        await principals.IsEmptyAsync(default);
        foreach (var kind in Enum.GetValues<CredentialKind>())
        {
            var credential = new PrincipalCredential(Guid.NewGuid(), principal.Id, kind, "", now) { PublicId = "AK" };
            await principals.AddCredentialAsync(credential, new CredentialMaterial(new byte[32], kind == CredentialKind.AccessKey ? new Secret("SK") : null), audit, default);
            await principals.FindByHashAsync(kind, new byte[32], default);
            await principals.RevokeAsync(principal.Id, credential.Id, audit, default);
        }

        await _test.Store.Policies.ListOfAsync(principal.Id, default);
        await _test.Store.Policies.ListAsync(_test.ProjectId, default);
        await _test.Store.Policies.ListGroupsAsync(_test.ProjectId, default);
        await principals.FindAccessKeyAsync("AK", default);
        await principals.FindPasswordAsync(principal.Id, default);
        await principals.ListCredentialsAsync(principal.Id, default);
        await principals.RemoveAsync(principal.Id, audit, default);
    }
}
