using Keyturn.Audit;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Storage.Sealing;

namespace Keyturn.Storage.Tables;

/// <summary>What stood in the way of adopting a password.</summary>
internal enum AdoptionConflict
{
    None,

    /// <summary>A reset of the account is open.</summary>
    ResetOpen,

    /// <summary>The account's versions are others than those that were looked at, or somebody has stored the account meanwhile.</summary>
    Changed,

    /// <summary>The user is held as all rows where one row is named, or the other way round.</summary>
    Overlap,
}

/// <summary>
/// A password that a login has just shown becomes the current one. If the account's last reset is parked, that settles it: which password is in
/// force is what it waited for.
/// </summary>
internal static class PasswordAdoption
{
    /// <summary>Locks the account, and says what stands in the way. Changes nothing.</summary>
    public static async ValueTask<AdoptionConflict> FindConflictAsync(StoreSession session, Account account, VersionsSeen seen)
    {
        await session.LockAccountAsync(account.Id);
        if (await ResetRows.FindOpenIdAsync(session, account.Id) is not null)
        {
            return AdoptionConflict.ResetOpen;
        }

        if (await SecretRows.SeenAsync(session, account.Id) != seen)
        {
            return AdoptionConflict.Changed;
        }

        if (await AccountRows.FindAsync(session, account.Id) is not null)
        {
            return AdoptionConflict.None;
        }

        // Under the instance's lock: another caller may have stored the account under an id of its own since this one looked.
        await session.LockInstanceAsync(account.InstanceId);
        return await AccountRows.FindAsync(session, account.InstanceId, account.Name) is not null ? AdoptionConflict.Changed
            : await AccountRows.FindOverlapAsync(session, account.InstanceId, account.Name) is not null ? AdoptionConflict.Overlap
            : AdoptionConflict.None;
    }

    /// <summary>Stores the password, and the account where it is new, behind <see cref="FindConflictAsync"/>.</summary>
    public static async ValueTask WriteAsync(StoreSession session, KeyRing keys, Account account, Secret password, AuditEntry audit)
    {
        var now = await session.NowAsync();
        if (await AccountRows.FindAsync(session, account.Id) is null)
        {
            await AccountRows.InsertAsync(session, account);
        }
        else
        {
            await AccountRows.SetProofAsync(session, account.Id, account.Proof);
        }

        await SettleAsync(session, account.Id, now, "A password was adopted.");
        await SecretRows.AddAsync(session, keys, account.Id, password, SecretState.Current, resetId: null, now);
        await AuditRows.AppendAsync(session, audit, now);
    }

    /// <summary>Nothing is pending, current, drifted or unverified afterwards.</summary>
    public static async ValueTask SettleAsync(StoreSession session, Guid accountId, DateTimeOffset now, string why)
    {
        await ResetRows.SupersedeParkedAsync(session, accountId, now, why);
        await SecretRows.FailPendingAsync(session, accountId);
        await SecretRows.RetireCurrentAsync(session, accountId);
        await AccountRows.SetVerifiedAsync(session, accountId);
    }
}
