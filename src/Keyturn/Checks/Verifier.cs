using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;

namespace Keyturn.Checks;

/// <summary>What verify found of an account's stored password.</summary>
public enum Verdict
{
    /// <summary>The server asked for it and accepts it.</summary>
    Verified,

    /// <summary>The server refuses it: somebody changed the password behind Keyturn's back.</summary>
    Drifted,

    /// <summary>An older or failed version turned out to be in force, and is the current one again.</summary>
    Restored,

    /// <summary>No verdict: locked, expired, not asked, unreachable.</summary>
    Undecided,
}

/// <summary>What came of a verify.</summary>
/// <param name="Verdict">What was found; null with a refusal.</param>
/// <param name="Failure">Why it is not verified.</param>
/// <param name="Refusal">Nothing was tried.</param>
public sealed record VerifyOutcome(Verdict? Verdict, Failure? Failure = null, Refusal? Refusal = null)
{
    /// <summary>The version that is in force, as far as it is known.</summary>
    public int? Version { get; init; }
}

/// <summary>
/// Checks the stored current password against the server. An open or parked reset is settled first. Probes lock accounts, so there is at
/// most one login that is expected to fail; older versions are looked for in the server's verifier.
/// </summary>
public sealed class Verifier(
    EngineCatalog engines, AdminSessions sessions, IInstanceStore instances, ISecretStore secrets, IResetStore resets, AccountQueue queue, Reconciler reconciler,
    FailedLogins failed, IAuditLog audit, TimeProvider clock)
{
    private const int VersionsTried = 10;

    /// <summary>Failed resets may have made many versions since an old one that is valid still.</summary>
    private const int VersionsRead = 100;

    private readonly UncertainLogins _logins = new(engines, sessions, failed, clock);

    /// <summary>Verifies the account's current password, and writes down whether it has drifted.</summary>
    public async ValueTask<VerifyOutcome> VerifyAsync(Caller caller, Instance instance, AccountName name, CancellationToken cancel)
    {
        var engine = engines[instance.Engine];
        if (Checker.Refuse(instance, name, engine) is { } refusal)
        {
            return await RefusedAsync(caller, instance, name, refusal);
        }

        // A reset that ran between looking and writing down would make what was found a lie. Here it waits; on another node it is noticed.
        using var turn = await queue.EnterAsync(instance.Id, name, AccountQueue.ShortPatience, cancel);
        if (turn is null)
        {
            return await RefusedAsync(caller, instance, name, new Refusal(RefusalReason.Busy, "A reset of this account is running."));
        }

        if (await instances.FindAccountAsync(instance.Id, name, cancel) is not { } account)
        {
            return await RefusedAsync(caller, instance, name, new Refusal(RefusalReason.SecretMissing, $"Keyturn holds no password of {name}."));
        }

        if (await SettleAsync(account, cancel) is { } open)
        {
            return await RefusedAsync(caller, instance, name, new Refusal(RefusalReason.Busy, "A reset of this account is not settled yet.") { ResetId = open.Id });
        }

        // On another node one may have begun since: what is looked at is read together with that none has.
        var versions = await secrets.ReadAsync(account.Id, VersionsRead, cancel);
        if (versions.OpenReset is { } begun)
        {
            return await RefusedAsync(caller, instance, name, new Refusal(RefusalReason.Busy, "A reset of this account has begun meanwhile.") { ResetId = begun });
        }

        if (versions.Current is not { } current)
        {
            return await RefusedAsync(caller, instance, name, new Refusal(RefusalReason.SecretMissing, $"Keyturn holds no password of {name}."));
        }

        // After the versions: a reset that has left an old password valid since, here or on another node, is noticed by one of the two.
        account = await instances.FindAccountAsync(account.Id, cancel) ?? account;

        // To its end, whoever hangs up: a login that was made has its row.
        var outcome = await LookAsync(instance, account, current, versions, CancellationToken.None);
        return await WriteDownAsync(caller, instance, account, outcome, versions.Seen, CancellationToken.None);
    }

    private async ValueTask<ResetRecord?> SettleAsync(Account account, CancellationToken cancel)
    {
        if (await resets.FindUnsettledAsync(account.Id, cancel) is not { } unsettled)
        {
            return null;
        }

        await reconciler.SettleAsync(unsettled.Id);
        return await resets.FindUnsettledAsync(account.Id, cancel);
    }

    private async ValueTask<VerifyOutcome> LookAsync(
        Instance instance, Account account, StoredSecret current, SecretVersions versions, CancellationToken cancel)
    {
        // A node that was added lately has what it came with; that says nothing of the others.
        IReadOnlyList<Node> nodes = [.. (await sessions.NodesToChangeAsync(instance, cancel)).Where(node => !instance.IsJoining(node))];
        if (nodes.Count == 0)
        {
            return new VerifyOutcome(Verdict.Undecided, new Failure(EngineError.LoginHeldBack, "All nodes that have accounts are joining: none of them says anything of the passwords yet."));
        }

        var old = versions.Versions.FirstOrDefault(version => version.Version == account.Old?.Version)?.Password;
        foreach (var node in nodes)
        {
            var (verdict, failure) = await LookAtAsync(instance, account, node, current, old, cancel);
            if (verdict == Verdict.Drifted && await FindInForceAsync(instance, nodes, account, versions, cancel) is { } other)
            {
                return new VerifyOutcome(Verdict.Restored, failure) { Version = other.Version };
            }

            if (verdict != Verdict.Verified)
            {
                return new VerifyOutcome(verdict, failure is null ? null : instance.At(node, failure));
            }
        }

        return new VerifyOutcome(Verdict.Verified) { Version = current.Version };
    }

    private async ValueTask<(Verdict Verdict, Failure? Failure)> LookAtAsync(
        Instance instance, Account account, Node node, StoredSecret current, Secret? old, CancellationToken cancel)
    {
        if (account.Proof != ProofMode.Login || await _logins.IsForOtherHostsAsync(instance, node, account.Name, cancel))
        {
            return await ReadBackAsync(instance, node, account.Name, current.Password, old, cancel);
        }

        var tried = new Credential(account.Name, current.Password);
        var login = await _logins.TryOwnAsync(instance, node, tried, cancel);
        if (login.Failure?.Error == EngineError.LoginHeldBack)
        {
            // The verifier tells without a guess: another password's is drift, this one's makes the login one to be expected.
            var (verdict, failure) = await ReadBackAsync(instance, node, account.Name, current.Password, old, cancel);
            if (verdict != Verdict.Verified)
            {
                return verdict == Verdict.Drifted ? (verdict, failure) : (verdict, login.Failure);
            }

            login = await _logins.TryExpectedAsync(instance, node, tried, $"version {current.Version}", cancel);
        }

        if (login.Login != Login.WrongPassword)
        {
            return (login.Login == Login.Accepted ? Verdict.Verified : Verdict.Undecided, login.Failure);
        }

        // Refused for a reason that nobody has shown us yet (a rule in pg_hba.conf): no drift as long as the verifier is the stored password's.
        return await ReadBackAsync(instance, node, account.Name, current.Password, old, cancel) is (Verdict.Verified, _)
            ? (Verdict.Undecided, new Failure(EngineError.AccountExpired, "The stored verifier is that of the current password, but the server refuses the login: is the account expired?"))
            : (Verdict.Drifted, login.Failure);
    }

    /// <param name="instance">Where.</param>
    /// <param name="node">At which node.</param>
    /// <param name="account">Whose.</param>
    /// <param name="password">The one that is to be in force.</param>
    /// <param name="old">The one that a reset has left valid beside it; null where it is to be the only one.</param>
    /// <param name="cancel">The caller hangs up.</param>
    private async ValueTask<(Verdict Verdict, Failure? Failure)> ReadBackAsync(
        Instance instance, Node node, AccountName account, Secret password, Secret? old, CancellationToken cancel)
    {
        var lent = await sessions.LendAsync(instance, node, cancel);
        if (lent.Value is not { } session)
        {
            return (Verdict.Undecided, lent.Failure);
        }

        await using (session)
        {
            using var deadline = new Deadline(clock, instance.AnswerLimit, cancel);
            var readback = await session.Session.ReadBackAsync(account, password, deadline.Token);
            if (readback.Verdict == ReadbackVerdict.Mixed && old is not null && session.Session is IKeepsOldPassword keeps)
            {
                readback = await keeps.ReadBackAsync(account, password, old, deadline.Token);
            }

            return readback.Verdict switch
            {
                ReadbackVerdict.Matches => (Verdict.Verified, null),
                ReadbackVerdict.Unreadable => (Verdict.Undecided, readback.Failure),
                ReadbackVerdict.Missing => (Verdict.Drifted, new Failure(EngineError.AccountMissing, $"There is no account {account}.")),
                _ => (Verdict.Drifted, new Failure(EngineError.WrongPassword, "The stored verifier is another password's.")),
            };
        }
    }

    /// <summary>
    /// The version that all nodes have. One that only some have (a node that was restarted from an older file) must not become the one that
    /// is served for the others too.
    /// </summary>
    private async ValueTask<StoredSecret?> FindInForceAsync(
        Instance instance, IReadOnlyList<Node> nodes, Account account, SecretVersions versions, CancellationToken cancel)
    {
        foreach (var version in versions.Versions.Where(version => version.State != SecretState.Current).Take(VersionsTried))
        {
            if (await IsInForceAsync(instance, nodes, account, version, cancel))
            {
                return version;
            }
        }

        return null;
    }

    private async ValueTask<bool> IsInForceAsync(Instance instance, IReadOnlyList<Node> nodes, Account account, StoredSecret version, CancellationToken cancel)
    {
        foreach (var node in nodes)
        {
            if (await ReadBackAsync(instance, node, account.Name, version.Password, old: null, cancel) is not (Verdict.Verified, _))
            {
                return false;
            }
        }

        return true;
    }

    private async ValueTask<VerifyOutcome> WriteDownAsync(
        Caller caller, Instance instance, Account account, VerifyOutcome outcome, VersionsSeen seen, CancellationToken cancel)
    {
        var entry = Entry(caller, instance, account.Name, outcome.Verdict.ToString()!) with { Detail = outcome.Failure?.Error.ToString() };
        var isWritten = outcome.Verdict switch
        {
            Verdict.Restored => await secrets.PromoteAsync(account.Id, outcome.Version!.Value, seen, entry, cancel),
            Verdict.Verified => await instances.SetVerifiedAsync(account.Id, seen, entry, cancel),
            Verdict.Drifted => await instances.SetDriftAsync(account.Id, clock.GetUtcNow(), seen, entry, cancel),
            _ => await instances.SetDriftAsync(account.Id, account.DriftedAt, seen, entry, cancel),
        };
        return isWritten ? outcome : await RefusedAsync(caller, instance, account.Name, new Refusal(RefusalReason.Busy, "A reset of this account has begun, or ended, meanwhile."), wasAsked: true);
    }

    /// <summary>Where the server was not asked, and Keyturn itself is going to look again in a minute, there is no row each time.</summary>
    private async ValueTask<VerifyOutcome> RefusedAsync(Caller caller, Instance instance, AccountName name, Refusal refusal, bool wasAsked = false)
    {
        if (wasAsked || caller != Caller.Keyturn(instance.ProjectId))
        {
            await audit.AppendAsync(Entry(caller, instance, name, "refused") with { Detail = refusal.Name, ResetId = refusal.ResetId }, CancellationToken.None);
        }

        return new VerifyOutcome(Verdict: null, Refusal: refusal);
    }

    private static AuditEntry Entry(Caller caller, Instance instance, AccountName name, string outcome) =>
        new() { Caller = caller, Action = "account.verify", Outcome = outcome, InstanceId = instance.Id, Account = name.ToString() };
}
