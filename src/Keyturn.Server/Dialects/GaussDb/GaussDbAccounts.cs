using Keyturn.Engines;
using Keyturn.Instances;

namespace Keyturn.Server.Dialects.GaussDb;

/// <summary>
/// Which of Keyturn's accounts a call means. The administrator is all rows of one user, an entry of <c>db-users</c> is one row; Keyturn holds a
/// user as the one or the other, never both, so that a row which is the only one of its user goes by the name that it is held under.
/// </summary>
internal sealed class GaussDbAccounts(Roster roster, IInstanceStore instances, EngineCatalog engines)
{
    /// <summary>The administrator.</summary>
    public ValueTask<AccountName> AdministratorAsync(Instance instance, CancellationToken cancel) =>
        roster.NameOfUserAsync(instance, GaussDbInstances.MainAccount(instance).User, cancel);

    /// <summary>The rows that have a password, by name.</summary>
    public async ValueTask<Answer<IReadOnlyList<RosterLine>>> ListAsync(Instance instance, CancellationToken cancel)
    {
        var listed = await roster.ListAsync(instance, cancel);
        return listed.Value is { } lines
            ? Answer.Of<IReadOnlyList<RosterLine>>([.. lines.Where(line => line.Row is { ByPassword: true } && ReservedAccounts.Find(instance.Engine, line.Name) is null)])
            : listed.Failure!;
    }

    /// <summary>What stands against naming an account so, by its name alone.</summary>
    public Refusal? Refuse(Instance instance, AccountName row) =>
        ReservedAccounts.Find(instance.Engine, row) is { } reserved ? new Refusal(RefusalReason.Protected, reserved)
        : engines[instance.Engine].Validate(row) is { } invalid ? Refusal.Of(invalid)
        : null;

    /// <summary>The account that each of these rows is, in their order; or why one of them cannot be named. Changes nothing.</summary>
    public async ValueTask<(IReadOnlyList<AccountName> Accounts, Refusal? Refusal)> ResolveAsync(
        Instance instance, IReadOnlyList<AccountName> rows, bool areNew, CancellationToken cancel)
    {
        if (Refusal.Of(instance) is { } status)
        {
            return ([], status);
        }

        if (rows.Select(row => Refuse(instance, row)).FirstOrDefault(refusal => refusal is not null) is { } refused)
        {
            return ([], refused);
        }

        var listed = await roster.ListAsync(instance, cancel);
        return listed.Value is { } lines ? await ResolveAsync(instance, rows, lines, areNew, cancel) : ([], Refusal.Of(listed.Failure!));
    }

    private async ValueTask<(IReadOnlyList<AccountName> Accounts, Refusal? Refusal)> ResolveAsync(
        Instance instance, IReadOnlyList<AccountName> rows, IReadOnlyList<RosterLine> lines, bool areNew, CancellationToken cancel)
    {
        var accounts = new List<AccountName>();
        foreach (var row in rows)
        {
            var held = await instances.FindOverlapAsync(instance.Id, row, cancel);
            var resolved = areNew ? ResolveNew(row, lines, held) : ResolvePresent(row, lines, held);
            if (resolved.Refusal is { } refusal)
            {
                return ([], refusal);
            }

            accounts.Add(resolved.Account);
        }

        return (accounts, null);
    }

    private static (AccountName Account, Refusal? Refusal) ResolveNew(AccountName row, IReadOnlyList<RosterLine> lines, Account? held) =>
        lines.Any(line => IsRow(line, row)) ? (row, Refusal.Of(new Failure(EngineError.AccountExists, $"{row} exists already.")))
        : held is null ? (row, null)
        : (row, HeldAsAll(row));

    private static (AccountName Account, Refusal? Refusal) ResolvePresent(AccountName row, IReadOnlyList<RosterLine> lines, Account? held)
    {
        if (lines.FirstOrDefault(line => IsRow(line, row)) is not { } found)
        {
            return (row, Refusal.Of(new Failure(EngineError.AccountMissing, $"There is no account {row}.")));
        }

        // The server's spelling of the host, of which case is no part.
        return held is null ? (found.Name, null)
            : lines.Count(line => line.Row is { ByPassword: true } && line.Name.User == row.User) == 1 ? (held.Name, null)
            : (row, HeldAsAll(row));
    }

    private static bool IsRow(RosterLine line, AccountName row) =>
        line.Row is not null && line.Name.User == row.User && string.Equals(line.Name.Host, row.Host, StringComparison.OrdinalIgnoreCase);

    private static Refusal HeldAsAll(AccountName row) =>
        new(RefusalReason.Conflict, $"Keyturn holds one password for all rows of {row.User}, of which {row} would be one with another.");
}
