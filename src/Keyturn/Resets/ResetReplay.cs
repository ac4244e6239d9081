using System.Globalization;
using Keyturn.Audit;
using Keyturn.Instances;
using Keyturn.Passwords;
using Microsoft.Extensions.Logging;

namespace Keyturn.Resets;

/// <summary>
/// Answers a request from a reset that an earlier request made: by idempotency key, or because the earlier one's answer never arrived.
/// The answer is rendered again from the reset; none is kept.
/// </summary>
public sealed partial class ResetReplay(IResetStore store, ISecretStore secrets, IAuditLog audit, TimeProvider clock, ILogger<ResetReplay> logger)
{
    /// <summary>How long a repeat without a key gets the outcome of a reset whose caller was told no end.</summary>
    public static readonly TimeSpan RepeatWithin = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>The outcome of a reset as it stands now, whoever asks: with its password if that is still the current one.</summary>
    public async ValueTask<ResetOutcome> OutcomeAsync(ResetRecord reset, CancellationToken cancel)
    {
        if (reset.State != ResetState.Done)
        {
            return new ResetOutcome { Reset = reset };
        }

        var versions = await secrets.ReadAsync(reset.Account.Id, limit: 1, cancel);
        var current = reset.Account.UnverifiedSince is null ? versions.Known : null;
        return new ResetOutcome { Reset = reset, Password = current?.Version == reset.Version ? current.Password : null };
    }

    /// <summary>
    /// The outcome for a request that did not make the reset: a generated password that its answer shows is revealed by it, and the audit log says so before. Without that
    /// row the answer has no password; the reset is done, and that is told.
    /// </summary>
    internal async ValueTask<ResetOutcome> ShownAsync(ResetRequest request, ResetOutcome outcome)
    {
        if (outcome is not { Password: not null, Reset: { } reset } || request is not { Password: null, HidesPassword: false, Kind: not ResetKind.DiscardOld })
        {
            return outcome;
        }

        try
        {
            var entry = new AuditEntry
            {
                Caller = request.Caller,
                Action = "account.reveal",
                Outcome = "done",
                InstanceId = request.Instance.Id,
                Account = request.Account.ToString(),
                ResetId = reset.Id,
                Detail = $"{request.Operation}; the answer to a request that was made before",
            };
            await audit.AppendAsync(entry, CancellationToken.None);
            return outcome;
        }
        catch (Exception error)
        {
            LogRevealFailed(error, reset.Id);
            return outcome with { Password = null };
        }
    }

    /// <summary>Waits up to <paramref name="patience"/> while the account's last reset is open; then gives it as it stands, if it is open or parked.</summary>
    public async ValueTask<ResetRecord?> WaitUntilSettledAsync(Guid accountId, TimeSpan patience, CancellationToken cancel)
    {
        var until = clock.GetUtcNow() + patience;
        while (true)
        {
            var unsettled = await store.FindUnsettledAsync(accountId, cancel);
            if (unsettled is not { IsOpen: true } || clock.GetUtcNow() >= until)
            {
                return unsettled;
            }

            await Task.Delay(PollInterval, clock, cancel);
        }
    }

    /// <summary>What a request says, in one text that is the same for the same request. No part of it has line breaks: the rules see to that.</summary>
    internal static string Text(ResetRequest request) => string.Join('\n',
        [KindText(request), request.AuthPlugin, request.Proof, request.Password is null ? "generated" : "given", .. request.Roles, request.Password?.Reveal(), .. DueText(request)]);

    /// <summary>A request that keeps nothing has the text that it had before there was anything to keep.</summary>
    private static string KindText(ResetRequest request) =>
        request.KeepOldFor is { } time ? string.Create(CultureInfo.InvariantCulture, $"{request.Kind}, old one kept for {time.TotalSeconds}") : $"{request.Kind}";

    /// <summary>Only where there is one: what was stored of requests without a schedule stays what it was.</summary>
    private static IEnumerable<string> DueText(ResetRequest request) => request.DueAt is { } due ? [due.ToString("O", CultureInfo.InvariantCulture)] : [];

    /// <summary>The outcome that the request repeats; null if it is a new one.</summary>
    internal async ValueTask<ResetOutcome?> FindAsync(ResetRequest request, Account account, byte[] digest, CancellationToken cancel)
    {
        if (request.IdempotencyKey is not { } key)
        {
            var repeated = await store.FindRepeatAsync(request.Caller.PrincipalId, request.Operation, account.Id, digest, cancel) is { } id
                ? await OutcomeAsync(id, request.Patience, cancel)
                : null;

            // Done once, but another password has followed: "done" would be told of one that is no longer in force.
            return repeated is null or { Reset.State: ResetState.Done, Password: null } ? null : await ShownAsync(request, repeated);
        }

        return await store.FindByKeyAsync(request.Caller.PrincipalId, request.Operation, account.Id, key, digest, cancel) switch
        {
            null => null,
            { SameRequest: false, ResetId: var named } => KeyReused(named),
            { ResetId: var named } => await OutcomeAsync(named, request.Patience, cancel) is { Reset.IsOpen: false } ended ? await ShownAsync(request, ended) : StillOpen(named),
        };
    }

    /// <summary>Prepare wrote nothing: a race that another request won, or a store that cannot write.</summary>
    internal async ValueTask<ResetOutcome> RefuseAsync(ResetRequest request, Account account, byte[] digest, PrepareResult prepared)
    {
        if (prepared.Conflict == PrepareConflict.KeyTaken && await FindAsync(request, account, digest, CancellationToken.None) is { } replayed)
        {
            return replayed;
        }

        var detail = prepared.Detail;
        var refusal = prepared.Conflict switch
        {
            PrepareConflict.ResetOpen => new Refusal(RefusalReason.Busy, detail ?? "Another reset of this account is open."),
            PrepareConflict.KeyTaken => new Refusal(RefusalReason.KeyReused, "The idempotency key is taken."),
            PrepareConflict.Overlap => new Refusal(RefusalReason.Conflict, detail ?? "The user's rows are held under another name: name the account as it was first named."),
            PrepareConflict.InstanceChanged => new Refusal(RefusalReason.Conflict, "The instance's registration was changed meanwhile: ask again."),
            PrepareConflict.VersionsChanged => new Refusal(RefusalReason.Busy, "The account's password was changed meanwhile."),
            PrepareConflict.NotDue => new Refusal(RefusalReason.Busy, "The account was rotated, or its schedule changed, meanwhile."),
            PrepareConflict.InstanceGone => new Refusal(RefusalReason.InstanceMissing, "The instance is no longer registered."),
            _ => new Refusal(RefusalReason.Store, detail ?? "Keyturn's store could not write; nothing was sent."),
        };
        return ResetOutcome.Refused(refusal with { ResetId = prepared.OtherReset });
    }

    private async ValueTask<ResetOutcome?> OutcomeAsync(Guid resetId, TimeSpan patience, CancellationToken cancel)
    {
        if (await store.FindAsync(resetId, cancel) is not { } reset)
        {
            return null;
        }

        if (reset.IsOpen)
        {
            await WaitUntilSettledAsync(reset.Account.Id, patience, cancel);
            reset = await store.FindAsync(resetId, cancel) ?? reset;
        }

        return await OutcomeAsync(reset, cancel);
    }

    private static ResetOutcome StillOpen(Guid resetId) => ResetOutcome.Refused(
        new Refusal(RefusalReason.Busy, "The reset that this idempotency key names is still open.") { ResetId = resetId });

    private static ResetOutcome KeyReused(Guid resetId) => ResetOutcome.Refused(
        new Refusal(RefusalReason.KeyReused, "The idempotency key was used for another request.") { ResetId = resetId });

    [LoggerMessage(EventId = 1003, Level = LogLevel.Error, Message = "That the password of reset {ResetId} is shown once more could not be written: the answer is without it")]
    private partial void LogRevealFailed(Exception error, Guid resetId);
}
