using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;

namespace Keyturn.Checks;

/// <summary>What came of adopting an account.</summary>
/// <param name="Account">The account that Keyturn now holds; null with a refusal.</param>
/// <param name="Refusal">Nothing was stored.</param>
public sealed record AdoptOutcome(Account? Account, Refusal? Refusal = null);

/// <summary>Takes an account over with its present password: proves it by a login and stores it. Changes nothing on the server.</summary>
public sealed class Adopter(
    EngineCatalog engines, AdminSessions sessions, IInstanceStore instances, ISecretStore secrets, IResetStore resets, AccountQueue queue, GuessLimits limits, FailedLogins failed,
    IAuditLog audit, TimeProvider clock)
{
    /// <summary>Failed resets may have made many versions since an old one that is valid still.</summary>
    private const int VersionsRead = 100;

    private readonly UncertainLogins _logins = new(engines, sessions, failed, clock);

    /// <summary>
    /// Proves <paramref name="password"/> as <paramref name="proof"/> asks and stores it as the current one. An account without a login
    /// from here is adopted with <see cref="ProofMode.Readback"/>.
    /// </summary>
    public async ValueTask<AdoptOutcome> AdoptAsync(
        Caller caller, Instance instance, AccountName name, Secret password, ProofMode? proof, CancellationToken cancel)
    {
        var engine = engines[instance.Engine];
        if (Checker.Refuse(instance, name, engine) is { } refusal)
        {
            return await RefusedAsync(refusal);
        }

        // A reset that ended between the proof and the storing would leave the older password as the current one.
        using var turn = await queue.EnterAsync(instance.Id, name, AccountQueue.ShortPatience, cancel);
        if (turn is null)
        {
            return await RefusedAsync(new Refusal(RefusalReason.Busy, "A reset of this account is running."));
        }

        if (await instances.FindOverlapAsync(instance.Id, name, cancel) is { } overlap)
        {
            return await RefusedAsync(new Refusal(RefusalReason.Conflict, $"The user is held as {overlap.Name}: name the account like that."));
        }

        // Before the password is compared with anything: what is stored is a password too that may be guessed.
        using var guess = await limits.BeginAsync(caller, instance, name, cancel);
        if (guess.Wait > TimeSpan.Zero)
        {
            return await RefusedAsync(GuessLimits.Refuse(guess));
        }

        var account = await instances.FindAccountAsync(instance.Id, name, cancel)
            ?? new Account(Guid.CreateVersion7(clock.GetUtcNow()), instance.Id, name, ProofMode.Login, clock.GetUtcNow());
        var versions = await secrets.ReadAsync(account.Id, VersionsRead, cancel);
        var seen = versions.Seen;

        // After the versions: a reset on another node that has left an old password valid since is noticed by one of the two.
        account = await instances.FindAccountAsync(account.Id, cancel) ?? account;
        account = account with { Proof = proof ?? account.Proof };
        if (account.Old is { } old && IsOld(old, versions, password))
        {
            return await RefusedAsync(new Refusal(RefusalReason.Conflict, $"This is the old password of {name}, which a reset has left valid until {old.Until:u}: there is a newer one."));
        }

        if (await resets.FindUnsettledAsync(account.Id, cancel) is { } unsettled
            && (RefuseEither(unsettled, versions, password) ?? await RefuseAsync(instance, account, unsettled, cancel)) is { } busy)
        {
            return await RefusedAsync(busy);
        }

        if (await ProveOnceAsync(caller, instance, account, password, guess, cancel) is { } unproved)
        {
            return new AdoptOutcome(Account: null, unproved);
        }

        // It was proved, and has its row, whoever still listens.
        var entry = Entry(caller, instance, name, "done", $"proof: {account.Proof}");
        if (!await secrets.AdoptAsync(account, password, seen, entry, CancellationToken.None))
        {
            return await RefusedAsync(new Refusal(RefusalReason.Busy, "A reset of this account is open, or has just ended."));
        }

        if (name == instance.Admin)
        {
            await sessions.ForgetAsync(instance.Id);
        }

        return new AdoptOutcome(account);

        async ValueTask<AdoptOutcome> RefusedAsync(Refusal refusal)
        {
            await audit.AppendAsync(Entry(caller, instance, name, "refused", refusal.Name) with { ResetId = refusal.ResetId }, CancellationToken.None);
            return new AdoptOutcome(Account: null, refusal);
        }
    }

    private static AuditEntry Entry(Caller caller, Instance instance, AccountName name, string outcome, string detail) =>
        new() { Caller = caller, Action = "account.adopt", Outcome = outcome, InstanceId = instance.Id, Account = name.ToString(), Detail = detail };

    /// <summary>A login cannot tell the old password from the new one; adopted, it would be the one that stays when the other is discarded.</summary>
    private static bool IsOld(OldPassword old, SecretVersions versions, Secret password) =>
        !password.Equals(versions.Current?.Password) && password.Equals(versions.Versions.FirstOrDefault(version => version.Version == old.Version)?.Password);

    /// <summary>
    /// Of a parked reset that leaves the old password valid a server may have both, so that a login with either does not show which is the newer one; and
    /// with the reset put aside nobody would discard the other.
    /// </summary>
    private static Refusal? RefuseEither(ResetRecord parked, SecretVersions versions, Secret password) =>
        parked.KeepOldFor is not null && versions.Candidates.Any(version => version.Password.Equals(password))
            ? new Refusal(RefusalReason.Busy, "A reset that leaves the old password valid is parked, so that both may be: verify the account, or reset it once more.") { ResetId = parked.Id }
            : null;

    /// <summary>
    /// Adopting puts a parked reset aside for good, so what that one sent must not land afterwards. The admin login itself may be adopted
    /// without: Keyturn cannot look while it does not know that very password.
    /// </summary>
    private async ValueTask<Refusal?> RefuseAsync(Instance instance, Account account, ResetRecord unsettled, CancellationToken cancel)
    {
        if (unsettled.IsOpen)
        {
            return new Refusal(RefusalReason.Busy, "A reset of this account is open.") { ResetId = unsettled.Id };
        }

        using var deadline = new Deadline(clock, Target.DefaultConnectLimit * 2, cancel);
        var opened = await OpenNodes.OpenAsync(sessions, engines[instance.Engine].Traits, instance, account.Name, deadline.Token);
        if (opened.Value is not { } open)
        {
            return account.Name == instance.Admin ? null : Refusal.Of(opened.Failure!);
        }

        await using (open)
        {
            return await Reconciler.EndSessionsAsync(open, unsettled.Nodes, deadline.Token) is { } failure ? Refusal.Of(failure) : null;
        }
    }

    /// <summary>As a check, and to its end: whoever may adopt could find passwords out by it, and hang up.</summary>
    private async ValueTask<Refusal?> ProveOnceAsync(Caller caller, Instance instance, Account account, Secret password, GuessLimits.Guess guess, CancellationToken cancel)
    {
        var held = new HeldRefusal(clock);
        var proof = await ProveAsync(instance, account, password, CancellationToken.None);
        await (proof switch
        {
            { IsGuess: true } => guess.WasWrongAsync(),
            { Login: Login.Accepted } => guess.WasRightAsync(),
            _ => ValueTask.CompletedTask,
        });
        if (proof.Login == Login.Accepted)
        {
            return null;
        }

        var refusal = Refusal.Of(proof.Failure ?? new Failure(EngineError.PasswordNotAsked, "The server let the account in without asking for the password."));
        await audit.AppendAsync(Entry(caller, instance, account.Name, "refused", $"{refusal.Name}; proof: {account.Proof}"), CancellationToken.None);
        await held.WaitAsync(cancel);
        return refusal;
    }

    private async ValueTask<LoginResult> ProveAsync(Instance instance, Account account, Secret password, CancellationToken cancel)
    {
        if (account.Proof == ProofMode.None)
        {
            return new LoginResult(Login.NoVerdict, new Failure(EngineError.Unsupported, "A password cannot be adopted without proof: choose login or readback."));
        }

        foreach (var node in await sessions.NodesToChangeAsync(instance, cancel))
        {
            var proof = account.Proof == ProofMode.Readback
                ? await ReadBackAsync(instance, node, account.Name, password, cancel)
                : await _logins.TryAsync(instance, node, new Credential(account.Name, password), cancel);
            if (proof.Login != Login.Accepted)
            {
                return proof.Failure is { } failure ? proof with { Failure = instance.At(node, failure) } : proof;
            }
        }

        return LoginResult.Accepted;
    }

    /// <summary>What the verifier says, as a login would: the same of a wrong password and of no such account.</summary>
    private async ValueTask<LoginResult> ReadBackAsync(Instance instance, Node node, AccountName account, Secret password, CancellationToken cancel)
    {
        var lent = await sessions.LendAsync(instance, node, cancel);
        if (lent.Value is not { } session)
        {
            return new LoginResult(Login.Unreachable, lent.Failure);
        }

        await using (session)
        {
            using var deadline = new Deadline(clock, instance.AnswerLimit, cancel);
            var readback = await session.Session.ReadBackAsync(account, password, deadline.Token);
            return readback.Verdict switch
            {
                ReadbackVerdict.Matches => LoginResult.Accepted,
                ReadbackVerdict.Unreadable => new LoginResult(Login.NoVerdict, readback.Failure ?? new Failure(EngineError.AdminLacksPrivilege, "The verifier cannot be read back.")),
                _ => new LoginResult(Login.WrongPassword, new Failure(EngineError.WrongPassword, "The server has no such account, or its verifier is another password's.")),
            };
        }
    }
}
