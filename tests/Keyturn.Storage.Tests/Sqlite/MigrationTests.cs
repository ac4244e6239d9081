using Keyturn.Access;
using Keyturn.Storage.Chain;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Sqlite;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Tests.Sqlite;

/// <summary>Stores of earlier versions keep what they hold.</summary>
public sealed class MigrationTests : IDisposable
{
    private static readonly byte[] Hash = [1, 2, 3];

    private readonly TempFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly MasterKeys _keys = new(MasterKey.Generate());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Open_StoreOfTheFirstSchema_KeepsItsPrincipalsTokensAndProjects()
    {
        var (project, principal) = (Guid.NewGuid(), Guid.NewGuid());
        var second = Guid.NewGuid();
        MakeFirst(session =>
        {
            AddPrincipal(session, project, principal, "ops", Hash, _clock.Now);
            AddPrincipal(session, second, Guid.NewGuid(), "others", [4], _clock.Now.AddDays(1));
        });

        await using var store = await Store.OpenAsync(Path, _keys, _clock);

        (await store.Principals.FindProjectAsync(project, default)).ShouldBe(new Project(project, "default", "default", _clock.Now));
        (await store.Principals.FindProjectAsync(second, default))!.Name.ShouldStartWith("default-");
        var known = (await store.Principals.FindByHashAsync(CredentialKind.Token, Hash, default)).ShouldNotBeNull();
        known.Principal.ShouldBe(new Principal(principal, project, "ops", _clock.Now) { IsOwner = true });
        known.Credential.Scopes.ShouldBe(Scopes.All);
        known.Credential.ExpiresAt.ShouldBeNull();
        (await store.Principals.RevokeAsync(principal, known.Credential.Id, Audit(project), default)).ShouldBeTrue();
    }

    [Fact]
    public async Task Open_StoreWithRowsOfBeforeThereWereChains_HasThemHashedOnce()
    {
        var project = Guid.NewGuid();
        MakeFirst(session =>
        {
            AddPrincipal(session, project, Guid.NewGuid(), "ops", Hash, _clock.Now);
            for (var i = 0; i < 3; i++)
            {
                session.Execute(
                    "INSERT INTO audit (time, project_id, principal_id, principal_name, source, request_id, action, outcome) VALUES ($time, $id, $id, 'ops', 'local', '-', 'old', 'done')",
                    ("$time", _clock.Now), ("$id", project));
            }
        });
        await using (var store = await Store.OpenAsync(Path, _keys, _clock))
        {
            (await store.Audit.ListAsync(project, 10, default)).Select(row => row.Entry.Action).ShouldBe([EarlierRows.Action, "old", "old", "old"]);
        }

        await using (var again = await Store.OpenAsync(Path, _keys, _clock))
        {
            var report = await AuditVerification.RunAsync(Path, _keys, [], _clock, default);
            (report.Faults.Count, report.Earlier, report.Rows).ShouldBe((0, 3, 1));
            await again.Database.WriteAsync(Durability.Committed, session => session.ExecuteAsync("DROP TRIGGER audit_is_not_changed"));
            await again.Database.WriteAsync(Durability.Committed, session => session.ExecuteAsync("UPDATE audit SET outcome = 'other' WHERE sequence = 2"));
        }

        (await AuditVerification.RunAsync(Path, _keys, [], _clock, default)).Faults.ShouldHaveSingleItem().Damage.ShouldBe(AuditDamage.Edited);
        using (var session = SqliteSession.OpenWriter(Path, _clock))
        {
            session.Execute("UPDATE audit SET outcome = 'done', sequence = -2 WHERE sequence = 2");
        }

        (await AuditVerification.RunAsync(Path, _keys, [], _clock, default)).Faults.Select(fault => (fault.Damage, fault.Sequence))
            .ShouldBe([(AuditDamage.Removed, null), (AuditDamage.Added, -2)]);
    }

    private static Audit.AuditEntry Audit(Guid projectId) => new() { Caller = Caller.Keyturn(projectId), Action = "credential.revoke", Outcome = "done" };

    private string Path => _folder.File("keyturn.db");

    private void MakeFirst(Action<SqliteSession> fill)
    {
        SqliteLibrary.Use();
        File.WriteAllBytes(Path, []);
        using var script = new StreamReader(typeof(Store).Assembly.GetManifestResourceStream("Sqlite/Migrations/0001-first-schema.sql")!);
        using var session = SqliteSession.OpenWriter(Path, _clock);
        session.ExecuteScript($"{script.ReadToEnd()} PRAGMA user_version = 1; PRAGMA application_id = {0x4B54524E};");
        KeyRows.CreateAsync(session, _keys.Current).AsTask().GetAwaiter().GetResult();
        fill(session);
    }

    private static void AddPrincipal(SqliteSession session, Guid project, Guid principal, string name, byte[] hash, DateTimeOffset at)
    {
        session.Execute("INSERT INTO projects (id, created_at) VALUES ($id, $at)", ("$id", project), ("$at", at));
        session.Execute(
            "INSERT INTO principals (id, project_id, name, created_at) VALUES ($id, $project, $name, $at)",
            ("$id", principal), ("$project", project), ("$name", name), ("$at", at));
        session.Execute("INSERT INTO tokens (hash, principal_id, created_at) VALUES ($hash, $principal, $at)", ("$hash", hash), ("$principal", principal), ("$at", at));
    }
}
