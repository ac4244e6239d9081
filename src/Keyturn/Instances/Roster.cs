using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Engines;
using Keyturn.Resets;

namespace Keyturn.Instances;

/// <summary>An account as the server shows it, beside what Keyturn holds of it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Row">What the server shows; null where Keyturn holds an account that the server no longer has.</param>
/// <param name="Held">What Keyturn holds; null where it holds nothing.</param>
public sealed record RosterLine(AccountName Name, AccountRow? Row, Account? Held);

/// <summary>The accounts of a server: who is there, and dropping one.</summary>
public sealed class Roster(
    EngineCatalog engines, AdminSessions sessions, IInstanceStore instances, IResetStore resets, AccountQueue queue, IAuditLog audit, TimeProvider clock)
{
    private static readonly TimeSpan ListLimit = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The server's accounts, in name order, and those that only Keyturn knows. Where accounts live on each node, all nodes are asked, and
    /// what is not the same everywhere is among the remarks; a node that cannot be asked is a failure, because it may have more.
    /// </summary>
    public async ValueTask<Answer<IReadOnlyList<RosterLine>>> ListAsync(Instance instance, CancellationToken cancel)
    {
        var shown = new List<(Node, IReadOnlyList<AccountRow>)>();
        foreach (var node in instance.NodesToChange(engines[instance.Engine].Traits))
        {
            var listed = await ListAtAsync(instance, node, cancel);
            if (listed.Value is not { } rows)
            {
                return instance.At(node, listed.Failure!);
            }

            shown.Add((node, rows));
        }

        return Answer.Of(Join(NodeAccounts.Join(shown), await instances.ListAccountsAsync(instance.Id, cancel)));
    }

    /// <summary>What there is of one account on the server, or on all of its nodes.</summary>
    public async ValueTask<Answer<Inspection>> InspectAsync(Instance instance, AccountName name, CancellationToken cancel)
    {
        var engine = engines[instance.Engine];
        if (engine.Validate(name) is { } invalid)
        {
            return invalid;
        }

        var shown = new List<(Node, Inspection)>();
        foreach (var node in instance.NodesToChange(engine.Traits))
        {
            var lent = await sessions.LendInspectedAsync(instance, node, name, cancel);
            if (lent.Value is not { } session)
            {
                return instance.At(node, lent.Failure!);
            }

            await session.Lent.DisposeAsync();
            shown.Add((node, session.Inspection));
        }

        return Answer.Of(NodeAccounts.Join(shown));
    }

    /// <summary>
    /// The account that a call means which names only a user: all of its rows, unless Keyturn holds the one row there is by its own name, which is
    /// the same. A row that is held and gone, while another is there, is not meant.
    /// </summary>
    public async ValueTask<AccountName> NameOfUserAsync(Instance instance, string user, CancellationToken cancel)
    {
        var name = new AccountName(user);
        if (await instances.FindOverlapAsync(instance.Id, name, cancel) is not { } held)
        {
            return name;
        }

        var inspected = await InspectAsync(instance, name, cancel);
        var rows = inspected.Value?.Rows.Where(row => row.ByPassword).ToList();
        return rows is [var only] && string.Equals(only.Name.Host, held.Name.Host, StringComparison.OrdinalIgnoreCase) ? held.Name : name;
    }

    /// <summary>
    /// Drops an account from every node that it lives on, then forgets it. Null when it is gone. The admin login and accounts with an
    /// open reset are refused; secrets are forgotten only once the server has none of that name. Nothing is sent before the audit log says that
    /// it begins, and from there on the caller hanging up ends nothing.
    /// </summary>
    /// <param name="caller">Who drops it.</param>
    /// <param name="instance">Where.</param>
    /// <param name="name">Which.</param>
    /// <param name="cancel">The caller hanging up.</param>
    /// <param name="stays">Why the door does not drop this one; null when it does.</param>
    public async ValueTask<Refusal?> DropAsync(Caller caller, Instance instance, AccountName name, CancellationToken cancel, string? stays = null)
    {
        var never = stays is null ? RefuseDrop(instance, name) : new Refusal(RefusalReason.Protected, stays);
        using var turn = never is null ? await queue.EnterAsync(instance.Id, name, AccountQueue.ShortPatience, cancel) : null;
        if ((never ?? (turn is null ? OpenReset(resetId: null) : await RefuseDropAsync(instance, name, cancel))) is { } refusal)
        {
            await audit.AppendAsync(Entry(caller, instance, name, "refused") with { ResetId = refusal.ResetId, Detail = refusal.Name }, CancellationToken.None);

            // The open reset is named to who reads the log: it need not be one of the caller's.
            return refusal with { ResetId = null };
        }

        await audit.AppendSyncedAsync(Entry(caller, instance, name, "prepared"), cancel);
        return await DropEverywhereAsync(caller, instance, name);
    }

    private Refusal? RefuseDrop(Instance instance, AccountName name)
    {
        if (name.User == instance.Admin.User)
        {
            return new Refusal(RefusalReason.Protected, $"{name} is the login that Keyturn administers {instance.Name} with.");
        }

        if (ReservedAccounts.Find(instance.Engine, name) is { } reserved)
        {
            return new Refusal(RefusalReason.Protected, reserved);
        }

        return engines[instance.Engine].Validate(name) is { } invalid ? Refusal.Of(invalid) : Refusal.Of(instance);
    }

    private async ValueTask<Refusal?> RefuseDropAsync(Instance instance, AccountName name, CancellationToken cancel)
    {
        if (await FindOpenResetAsync(instance, name, cancel) is { } open)
        {
            return OpenReset(open);
        }

        // Where it is to be dropped from several, all of them are reached before the first is changed.
        var isOnSeveral = instance.NodesToChange(engines[instance.Engine].Traits).Count > 1;
        return isOnSeveral && (await InspectAsync(instance, name, cancel)).Failure is { } unreached ? Refusal.Of(unreached) : null;
    }

    private async ValueTask<Answer<IReadOnlyList<AccountRow>>> ListAtAsync(Instance instance, Node node, CancellationToken cancel)
    {
        var lent = await sessions.LendAsync(instance, node, cancel);
        if (lent.Value is not { } session)
        {
            return lent.Failure!;
        }

        await using (session)
        {
            using var deadline = new Deadline(clock, ListLimit, cancel);
            var listed = await session.Session.ListAccountsAsync(deadline.Token);
            await sessions.ForgetIfRefusedAsync(instance.Id, listed.Failure);
            return listed;
        }
    }

    /// <summary>Its end is in the log whatever it is; if that cannot be written any more, the log tells of the beginning alone.</summary>
    private async ValueTask<Refusal?> DropEverywhereAsync(Caller caller, Instance instance, AccountName name)
    {
        var dropped = new List<string>();
        foreach (var node in instance.NodesToChange(engines[instance.Engine].Traits))
        {
            var result = await DropAtAsync(instance, node, name);
            if (result.Failure is { Error: not EngineError.AccountMissing } failure)
            {
                var outcome = result.Change == Change.Unknown ? "undecided" : "failed";
                await audit.AppendAsync(Entry(caller, instance, name, outcome) with { Detail = $"{node.Address}: {failure.Error}{Where(dropped)}" }, CancellationToken.None);
                return Refusal.Of(instance.At(node, failure));
            }

            if (result.Change == Change.Applied)
            {
                dropped.Add(node.Address);
            }
        }

        return await ForgetAsync(caller, instance, name, dropped);
    }

    private static string Where(List<string> dropped) => dropped.Count == 0 ? "" : $"; dropped at {string.Join(", ", dropped)}";

    private static AuditEntry Entry(Caller caller, Instance instance, AccountName name, string outcome) =>
        new() { Caller = caller, Action = "account.drop", Outcome = outcome, InstanceId = instance.Id, Account = name.ToString() };

    private static Refusal OpenReset(Guid? resetId) => new(RefusalReason.Busy, "A reset of this account is open.") { ResetId = resetId };

    /// <summary>What Keyturn holds of it: a name without a host is all of its rows, and each of them may be held by its own name.</summary>
    private async ValueTask<IEnumerable<Account>> HeldAsync(Instance instance, AccountName name, CancellationToken cancel) =>
        (await instances.ListAccountsAsync(instance.Id, name.User, cancel)).Where(held => (name.Host is null ? held.Name with { Host = null } : held.Name) == name);

    private async ValueTask<Guid?> FindOpenResetAsync(Instance instance, AccountName name, CancellationToken cancel)
    {
        foreach (var held in await HeldAsync(instance, name, cancel))
        {
            if (await resets.FindUnsettledAsync(held.Id, cancel) is { IsOpen: true } open)
            {
                return open.Id;
            }
        }

        return null;
    }

    private async ValueTask<ChangeResult> DropAtAsync(Instance instance, Node node, AccountName name)
    {
        var lent = await sessions.LendAsync(instance, node, CancellationToken.None);
        if (lent.Value is not { } session)
        {
            return new ChangeResult(Change.NotSent, lent.Failure);
        }

        using var deadline = new Deadline(clock, instance.AnswerLimit);
        var dropped = await DropOnAsync(session, name, deadline.Token);
        await sessions.ForgetIfRefusedAsync(instance.Id, dropped.Failure);
        return dropped.Change == Change.Unknown ? await LookAfterAsync(instance, node, name, session.Session.Session, dropped.Failure!) : dropped;
    }

    private static async ValueTask<ChangeResult> DropOnAsync(LentSession lent, AccountName name, CancellationToken cancel)
    {
        await using (lent)
        {
            var dropped = await lent.Session.DropAccountAsync(name, cancel);
            return dropped.Change == Change.Applied ? await PersistAsync(lent.Session, cancel) : dropped;
        }
    }

    /// <summary>No answer came: the session that sent the drop is ended, and then it shows whether the account is still there.</summary>
    private async ValueTask<ChangeResult> LookAfterAsync(Instance instance, Node node, AccountName name, ServerSession sent, Failure why)
    {
        var unknown = ChangeResult.Unknown(why.Error, $"The server did not answer; {name} may be gone, now or later. {why.Detail}");
        var lent = await sessions.LendNewAsync(instance, node, CancellationToken.None);
        if (lent.Value is not { } session)
        {
            return unknown;
        }

        await using (session)
        {
            using var deadline = new Deadline(clock, instance.AnswerLimit * 2);
            var end = await session.Session.EndSessionAsync(sent, deadline.Token);
            var found = end.End == SessionEnd.Gone ? await session.Session.InspectAsync(name, deadline.Token) : end.Failure ?? why;
            return found.Value switch
            {
                null => unknown,
                { Exists: true } => new ChangeResult(Change.Refused, why),
                _ => await PersistAsync(session.Session, deadline.Token),
            };
        }
    }

    private static async ValueTask<ChangeResult> PersistAsync(IAdminSession session, CancellationToken cancel)
    {
        var persisted = session is IPersistsAccounts persists ? await persists.PersistAsync(cancel) : ChangeResult.Applied;
        return persisted.Failure is { Error: EngineError.NotPersisted } ? ChangeResult.Applied : persisted;
    }

    /// <summary>What is held is forgotten together with the row that says so; what is not held has a row too.</summary>
    private async ValueTask<Refusal?> ForgetAsync(Caller caller, Instance instance, AccountName name, List<string> dropped)
    {
        var rows = 0;
        foreach (var held in await HeldAsync(instance, name, CancellationToken.None))
        {
            var done = Entry(caller, instance, held.Name, "done") with { Detail = dropped.Count == 0 ? "the server had none; forgotten" : "forgotten" };
            if (!await instances.RemoveAccountAsync(held.Id, done, CancellationToken.None))
            {
                var refusal = OpenReset(await FindOpenResetAsync(instance, name, CancellationToken.None));
                await audit.AppendAsync(Entry(caller, instance, held.Name, "failed") with { ResetId = refusal.ResetId, Detail = $"{refusal.Reason}: not forgotten{Where(dropped)}" }, CancellationToken.None);
                return refusal with { ResetId = null };
            }

            rows++;
        }

        if (rows == 0)
        {
            var end = dropped.Count > 0 ? Entry(caller, instance, name, "done") : Entry(caller, instance, name, "failed") with { Detail = nameof(EngineError.AccountMissing) };
            await audit.AppendAsync(end, CancellationToken.None);
        }

        return dropped.Count > 0 ? null : Refusal.Of(new Failure(EngineError.AccountMissing, $"There is no account {name}."));
    }

    private static IReadOnlyList<RosterLine> Join(IReadOnlyList<AccountRow> rows, IReadOnlyList<Account> held)
    {
        var byName = held.ToDictionary(account => account.Name);
        var lines = rows.Select(row => new RosterLine(row.Name, row, byName.GetValueOrDefault(row.Name) ?? byName.GetValueOrDefault(row.Name with { Host = null })));
        var users = rows.Select(row => row.Name.User).ToHashSet(StringComparer.Ordinal);
        var gone = held.Where(account => !users.Contains(account.Name.User)).Select(account => new RosterLine(account.Name, Row: null, account));
        return [.. lines.Concat(gone).OrderBy(line => line.Name.ToString(), StringComparer.Ordinal)];
    }
}
