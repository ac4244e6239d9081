using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Resets;

/// <summary>
/// What a reset that leaves the old password valid, or one that discards an old one, starts from: the versions as they were read. Prepare
/// refuses when they are no longer those.
/// </summary>
/// <param name="Current">The password that is in force.</param>
/// <param name="Old">The one that is to stay valid beside the new one, or the one to discard; null where Keyturn left none.</param>
/// <param name="Seen">When it was read.</param>
internal sealed record Overlap(Secret Current, Secret? Old, VersionsSeen Seen)
{
    /// <summary>The shortest time for which an old password is kept.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    /// <summary>The longest: whoever needs more needs another account.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(90);

    private const int VersionsRead = 100;

    /// <summary>Whether the request is about an old password at all.</summary>
    public static bool Concerns(ResetRequest request) => request.KeepOldFor is not null || request.Kind == ResetKind.DiscardOld;

    /// <summary>By the request alone; null when it may be tried.</summary>
    public static Refusal? Refuse(ResetRequest request) => request switch
    {
        { KeepOldFor: null } => null,
        { Kind: not ResetKind.Reset } => Invalid("Only the reset of an account that exists can leave an old password valid."),
        { AuthPlugin: not null } => Invalid("An account that is moved to another plugin cannot keep its old password."),
        { KeepOldFor: { } time } when time < Shortest || time > Longest => Invalid($"An old password is kept for at least a second and at most {Longest.TotalDays} days."),
        _ => null,
    };

    /// <summary>Reads what the request needs to know, or says why it cannot be.</summary>
    public static async ValueTask<(Overlap? Overlap, Refusal? Refusal)> ReadAsync(ISecretStore secrets, Account account, ResetRecord? parked, CancellationToken cancel)
    {
        // While an ordinary reset is parked, nobody knows which password is the old one. A discard that is parked leaves no doubt.
        if (parked is { Kind: not ResetKind.DiscardOld })
        {
            return (null, new Refusal(RefusalReason.Busy, "An earlier reset is parked, so that nobody knows which password is the old one: verify the account first.") { ResetId = parked.Id });
        }

        if (account.UnverifiedSince is not null)
        {
            return (null, new Refusal(RefusalReason.Unverified, $"The password of {account.Name} was restored from a backup: verify it first."));
        }

        var versions = await secrets.ReadAsync(account.Id, VersionsRead, cancel);
        if (versions.Current is not { } current)
        {
            return (null, new Refusal(RefusalReason.SecretMissing, $"Keyturn does not hold the present password of {account.Name}: adopt the account first."));
        }

        var old = versions.Versions.FirstOrDefault(version => version.Version == account.Old?.Version);
        return (new Overlap(current.Password, old?.Password, versions.Seen), null);
    }

    /// <summary>By what the servers can do, and have: on each of them the password that Keyturn holds must be in force.</summary>
    public async ValueTask<Failure?> RefuseAsync(OpenNodes open, AccountName account, CancellationToken cancel)
    {
        foreach (var (lent, _) in open.Nodes)
        {
            if (await RefuseAsync(lent.Session, account, cancel) is { } failure)
            {
                return lent.Instance.At(lent.Node, failure);
            }
        }

        return null;
    }

    private async ValueTask<Failure?> RefuseAsync(IAdminSession session, AccountName account, CancellationToken cancel)
    {
        if (session is not IKeepsOldPassword)
        {
            return new Failure(EngineError.Unsupported, $"{session.Server.Product} lets one password in and no old one beside it.");
        }

        var readback = await session.ReadBackAsync(account, Current, cancel);
        return readback.Verdict is ReadbackVerdict.Matches or ReadbackVerdict.Mixed
            ? null
            : readback.Failure ?? new Failure(EngineError.WrongPassword, $"The server's password of {account} is not the one that Keyturn holds.");
    }

    private static Refusal Invalid(string sentence) => new(RefusalReason.InvalidRequest, sentence);
}
