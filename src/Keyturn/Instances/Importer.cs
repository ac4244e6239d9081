using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Engines;

namespace Keyturn.Instances;

/// <summary>An account that is on a server and that Keyturn is to know.</summary>
/// <param name="Name">Its name; on MySQL and MariaDB without a host all rows of the user.</param>
/// <param name="Proof">How its resets are to be proved.</param>
public sealed record AccountToImport(AccountName Name, ProofMode Proof = ProofMode.Login);

/// <summary>What came of importing an account.</summary>
public enum ImportResult
{
    /// <summary>Keyturn knows it now.</summary>
    Imported,

    /// <summary>It would be imported, had it not been asked for only.</summary>
    Importable,

    /// <summary>Keyturn knew it already; nothing of it was changed.</summary>
    Held,

    /// <summary>Not among the accounts that "all" means: nobody logs in with a password of it.</summary>
    Skipped,

    /// <summary>It is not there, or not to be touched.</summary>
    Refused,
}

/// <summary>What came of one account.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Result">What came of it.</param>
/// <param name="Reason">Why it was left out; null where it was not.</param>
public sealed record ImportedAccount(AccountName Name, ImportResult Result, string? Reason = null);

/// <summary>
/// Takes accounts that exist on a server into the store, without a password: nothing is changed on the server, nobody logs in as them. They can
/// be adopted, reset and scheduled then.
/// </summary>
public sealed class Importer(EngineCatalog engines, IInstanceStore instances, Roster roster, TimeProvider clock)
{
    /// <summary>In one transaction: others write in between.</summary>
    private const int AtOnce = 500;

    /// <summary>Imports the accounts that are named, or all that the server has and somebody logs in to with a password.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="instance">Where.</param>
    /// <param name="named">Which; null for all.</param>
    /// <param name="isTrial">Only say what would be done.</param>
    /// <param name="cancel">The caller hangs up.</param>
    public async ValueTask<Answer<IReadOnlyList<ImportedAccount>>> ImportAsync(
        Caller caller, Instance instance, IReadOnlyList<AccountToImport>? named, bool isTrial, CancellationToken cancel)
    {
        var listed = await roster.ListAsync(instance, cancel);
        if (listed.Value is not { } lines)
        {
            return listed.Failure!;
        }

        var shown = lines.Where(line => line.Row is not null).ToLookup(line => line.Name with { Host = null });
        var wanted = named ?? All(shown);
        var judged = wanted.Select(account => Judge(instance, account.Name, [.. shown[account.Name with { Host = null }]], isNamed: named is not null)).ToList();
        return Answer.Of(isTrial ? judged : await AddAsync(caller, instance, wanted, judged, cancel));
    }

    /// <summary>A user with several rows is one account, unless one of them is held by its own name: then each is.</summary>
    private static List<AccountToImport> All(ILookup<AccountName, RosterLine> shown) =>
    [
        .. shown.SelectMany(rows => rows.Any(row => row.Held?.Name.Host is not null) ? rows.Select(row => row.Name) : [rows.Key])
            .Select(name => new AccountToImport(name)),
    ];

    private ImportedAccount Judge(Instance instance, AccountName name, List<RosterLine> ofUser, bool isNamed)
    {
        var rows = ofUser.Where(line => name.Host is null || string.Equals(line.Name.Host, name.Host, StringComparison.OrdinalIgnoreCase)).ToList();
        if (rows.Find(row => row.Held is { } held && IsSame(held.Name, name)) is not null)
        {
            return new ImportedAccount(name, ImportResult.Held);
        }

        if (WhyNever(instance, name, rows) is { } never)
        {
            return new ImportedAccount(name, isNamed ? ImportResult.Refused : ImportResult.Skipped, never);
        }

        if (ofUser.Find(row => row.Held is { } held && (held.Name.Host is null) != (name.Host is null)) is { Held: var other })
        {
            return new ImportedAccount(name, ImportResult.Refused, $"The user is held as {other!.Name}: name the account like that.");
        }

        return !isNamed && rows.TrueForAll(row => row.Row!.LoginObstacle == EngineError.LoginNotPermitted)
            ? new ImportedAccount(name, ImportResult.Skipped, $"{name} may not log in: name it, if Keyturn is to know it all the same.")
            : new ImportedAccount(name, ImportResult.Importable);
    }

    private string? WhyNever(Instance instance, AccountName name, List<RosterLine> rows)
    {
        if (engines[instance.Engine].Validate(name) is { } invalid)
        {
            return invalid.Detail;
        }

        if (name.User == instance.Admin.User && name.AuthDatabase == instance.Admin.AuthDatabase)
        {
            return $"{name} is the login that Keyturn administers {instance.Name} with, and is held as {instance.Admin}.";
        }

        return ReservedAccounts.Find(instance.Engine, name)
            ?? (rows.Count == 0 ? $"There is no account {name}." : null)
            ?? (rows.TrueForAll(row => !row.Row!.ByPassword) ? $"{name} does not authenticate by a password ({rows[0].Row!.Method})." : null);
    }

    private async ValueTask<IReadOnlyList<ImportedAccount>> AddAsync(
        Caller caller, Instance instance, IReadOnlyList<AccountToImport> wanted, List<ImportedAccount> judged, CancellationToken cancel)
    {
        var proofs = wanted.DistinctBy(account => account.Name).ToDictionary(account => account.Name, account => account.Proof);
        var added = new HashSet<AccountName>();
        var names = judged.Where(account => account.Result == ImportResult.Importable).Select(account => account.Name).Distinct();
        foreach (var some in names.Chunk(AtOnce))
        {
            var accounts = some.Select(name => new Account(Guid.CreateVersion7(clock.GetUtcNow()), instance.Id, name, proofs[name], clock.GetUtcNow()));
            var entry = new AuditEntry { Caller = caller, Action = "account.import", Outcome = "done", InstanceId = instance.Id };
            added.UnionWith(await instances.AddAccountsAsync(instance.Id, [.. accounts], entry, cancel));
        }

        return [.. judged.Select(account => account.Result == ImportResult.Importable ? account with { Result = added.Contains(account.Name) ? ImportResult.Imported : ImportResult.Held } : account)];
    }

    private static bool IsSame(AccountName one, AccountName other) =>
        one with { Host = null } == other with { Host = null } && string.Equals(one.Host, other.Host, StringComparison.OrdinalIgnoreCase);
}
