using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Instances;
using Keyturn.Resets;

namespace Keyturn.Passwords;

/// <summary>A password, or why it is not served.</summary>
/// <param name="Versions">What may be served: the current version, or the candidates, or all; empty with a refusal.</param>
/// <param name="Refusal">Nothing is served.</param>
public sealed record RevealOutcome(IReadOnlyList<StoredSecret> Versions, Refusal? Refusal = null);

/// <summary>
/// Serves stored passwords. While a reset of the account is open nobody knows which one is in force, so none is served as the
/// password; its owner may still ask for the candidates. The same holds of an account that was restored from a backup, until it is verified.
/// </summary>
public sealed class SecretReader(IInstanceStore instances, ISecretStore secrets, ResetReplay resets, IAuditLog audit)
{
    /// <summary>How long a read waits for an open reset.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private const int MaxVersions = 100;

    /// <summary>The current password.</summary>
    public async ValueTask<RevealOutcome> RevealAsync(Caller caller, Instance instance, AccountName name, CancellationToken cancel)
    {
        if (await instances.FindAccountAsync(instance.Id, name, cancel) is not { } account)
        {
            return await MissingAsync(caller, instance, name);
        }

        var versions = await secrets.ReadAsync(account.Id, limit: 1, cancel);
        if (versions is { OpenReset: not null, Known: null })
        {
            await resets.WaitUntilSettledAsync(account.Id, Patience, cancel);
            versions = await secrets.ReadAsync(account.Id, limit: 1, cancel);
            account = await instances.FindAccountAsync(account.Id, cancel) ?? account;
        }

        if (versions is { OpenReset: { } open, Known: null })
        {
            await AuditAsync(caller, instance, name, "refused", open, cancel);
            var refusal = new Refusal(RefusalReason.Busy, "A reset of this account is open, so that nobody knows yet which password is in force. Ask for the candidates, or later.");
            return new RevealOutcome([], refusal with { ResetId = open });
        }

        if (versions.Current is not { } current)
        {
            return await MissingAsync(caller, instance, name);
        }

        if (account.UnverifiedSince is { } restored)
        {
            await AuditAsync(caller, instance, name, "refused", resetId: null, cancel);
            return new RevealOutcome([], new Refusal(RefusalReason.Unverified, Sentence(instance, name, restored)));
        }

        await AuditAsync(caller, instance, name, "done", resetId: null, cancel);
        return new RevealOutcome([current]);
    }

    /// <summary>The current password if it is known now: for answers about several accounts, which wait for none and leave out what is not known.</summary>
    public async ValueTask<StoredSecret?> FindAsync(Caller caller, Instance instance, AccountName name, CancellationToken cancel)
    {
        var account = await instances.FindAccountAsync(instance.Id, name, cancel);
        var versions = account is null ? null : await secrets.ReadAsync(account.Id, limit: 1, cancel);
        if (versions is not { Known: { } current } || account!.UnverifiedSince is not null)
        {
            return null;
        }

        await AuditAsync(caller, instance, name, "done", resetId: null, cancel);
        return current;
    }

    /// <summary>Whatever may be in force: the pending version of an open reset and the current one.</summary>
    public async ValueTask<RevealOutcome> CandidatesAsync(Caller caller, Instance instance, AccountName name, CancellationToken cancel) =>
        await SomeAsync(caller, instance, name, versions => [.. versions.Candidates], limit: 1, cancel);

    /// <summary>All versions that are kept, newest first.</summary>
    public async ValueTask<RevealOutcome> HistoryAsync(Caller caller, Instance instance, AccountName name, CancellationToken cancel) =>
        await SomeAsync(caller, instance, name, versions => versions.Versions, MaxVersions, cancel);

    private async ValueTask<RevealOutcome> SomeAsync(
        Caller caller, Instance instance, AccountName name, Func<SecretVersions, IReadOnlyList<StoredSecret>> choose, int limit, CancellationToken cancel)
    {
        if (await instances.FindAccountAsync(instance.Id, name, cancel) is not { } account)
        {
            return await MissingAsync(caller, instance, name);
        }

        var versions = await secrets.ReadAsync(account.Id, limit, cancel);
        await AuditAsync(caller, instance, name, "done", versions.OpenReset, cancel);
        return new RevealOutcome(choose(versions));
    }

    private ValueTask AuditAsync(Caller caller, Instance instance, AccountName name, string outcome, Guid? resetId, CancellationToken cancel, string? why = null) => audit.AppendAsync(
        new AuditEntry { Caller = caller, Action = "account.reveal", Outcome = outcome, InstanceId = instance.Id, Account = name.ToString(), ResetId = resetId, Detail = why },
        cancel);

    private static string Sentence(Instance instance, AccountName name, DateTimeOffset restored) =>
        $"The password was restored from a backup at {restored:u}, and may be older than the server's. Verify it first (keyturn account verify {instance.Name} {name}), or ask for the candidates.";

    /// <summary>Somebody asked for it, whoever still listens.</summary>
    private async ValueTask<RevealOutcome> MissingAsync(Caller caller, Instance instance, AccountName name)
    {
        var refusal = new Refusal(RefusalReason.SecretMissing, $"Keyturn holds no password of {name}.");
        await AuditAsync(caller, instance, name, "refused", resetId: null, CancellationToken.None, refusal.Name);
        return new RevealOutcome([], refusal);
    }
}
