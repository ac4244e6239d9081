using Keyturn.Rotations;

namespace Keyturn.Instances;

/// <summary>How a reset of an account is proved.</summary>
public enum ProofMode
{
    /// <summary>By a login over the network, as the account. The default.</summary>
    Login,

    /// <summary>By reading the stored verifier back: for accounts that may not log in from here.</summary>
    Readback,

    /// <summary>Not at all. The answer says so.</summary>
    None,
}

/// <summary>A login on an instance that Keyturn holds, or is about to hold, a password for.</summary>
/// <param name="Id">Made by Keyturn.</param>
/// <param name="InstanceId">Where it lives.</param>
/// <param name="Name">Its name on the server.</param>
/// <param name="Proof">How its resets are proved.</param>
/// <param name="CreatedAt">When Keyturn first heard of it.</param>
/// <param name="DriftedAt">When verify last found that the server refuses the current password; null when it does not.</param>
/// <param name="UnverifiedSince">When the account was restored from a backup, which may be older than the server's password; null once that is shown to be in force.</param>
public sealed record Account(
    Guid Id, Guid InstanceId, AccountName Name, ProofMode Proof, DateTimeOffset CreatedAt, DateTimeOffset? DriftedAt = null, DateTimeOffset? UnverifiedSince = null)
{
    /// <summary>The password before the current one, where a reset has left it valid; null where the current one is to be the only one.</summary>
    public OldPassword? Old { get; init; }
}

/// <summary>An account that Keyturn holds, with what a list of them shows.</summary>
/// <param name="Account">The account.</param>
/// <param name="HasPassword">Whether Keyturn holds a current password of it. An imported account has none until it is adopted or reset.</param>
/// <param name="Schedule">When Keyturn rotates it by itself; null where it does not.</param>
public sealed record HeldAccount(Account Account, bool HasPassword, RotationSchedule? Schedule);

/// <summary>A password that a reset has left valid beside the new one.</summary>
/// <param name="Version">Which.</param>
/// <param name="Until">When it is to be discarded.</param>
public sealed record OldPassword(int Version, DateTimeOffset Until);
