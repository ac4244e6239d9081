using Keyturn.Checks;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Rotations;
using Keyturn.Server.Api.Instances;

namespace Keyturn.Server.Api.Accounts;

/// <summary>An account as the server shows it, beside what Keyturn holds of it.</summary>
internal sealed record AccountAnswer
{
    public required string User { get; init; }

    public string? Host { get; init; }

    public string? AuthDatabase { get; init; }

    /// <summary>Name of its instance, in lists of several instances' accounts.</summary>
    public string? Instance { get; init; }

    /// <summary><c>user</c>, <c>user@host</c> or <c>database.user</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Authentication method as the server calls it; absent for an account that only Keyturn still knows.</summary>
    public string? Method { get; init; }

    public bool? ByPassword { get; init; }

    /// <summary>What stands in the way of a login although the password is right.</summary>
    public EngineError? LoginObstacle { get; init; }

    /// <summary>What to do about it.</summary>
    public string? NextStep { get; init; }

    public bool? IsAdmin { get; init; }

    public IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>Whether Keyturn knows it.</summary>
    public required bool Held { get; init; }

    /// <summary>In lists, of an account that Keyturn knows: whether it holds a password of it. An imported one has none until it is adopted or reset.</summary>
    public bool? HasPassword { get; init; }

    public ProofMode? Proof { get; init; }

    /// <summary>When verify last found that the server refuses the current password.</summary>
    public DateTimeOffset? DriftedAt { get; init; }

    /// <summary>When the account was restored from a backup; absent once its password is shown to be in force.</summary>
    public DateTimeOffset? UnverifiedSince { get; init; }

    /// <summary>When the old password is to be discarded that a reset has left valid; absent where the present one is to be the only one.</summary>
    public DateTimeOffset? OldPasswordUntil { get; init; }

    /// <summary>When Keyturn rotates it by itself; absent where it does not.</summary>
    public ScheduleAnswer? Schedule { get; init; }

    public static AccountAnswer Of(AccountName name, AccountRow? row, Account? held, RotationSchedule? schedule = null) => new()
    {
        User = name.User,
        Host = name.Host,
        AuthDatabase = name.AuthDatabase,
        Name = name.ToString(),
        Method = row?.Method,
        ByPassword = row?.ByPassword,
        LoginObstacle = row?.LoginObstacle is { } obstacle and not EngineError.None ? obstacle : null,
        NextStep = row?.LoginObstacle is { } mended and not EngineError.None ? mended.NextStep() : null,
        IsAdmin = row?.IsAdmin,
        Remarks = row?.Remarks ?? [],
        Held = held is not null,
        Proof = held?.Proof,
        DriftedAt = held?.DriftedAt,
        UnverifiedSince = held?.UnverifiedSince,
        OldPasswordUntil = held?.Old?.Until,
        Schedule = schedule is null ? null : ScheduleAnswer.Of(schedule),
    };
}

/// <summary>The accounts of a server, by name.</summary>
internal sealed record AccountsAnswer(IReadOnlyList<AccountAnswer> Accounts);

/// <summary>A page of the accounts that Keyturn holds.</summary>
/// <param name="Accounts">By when Keyturn first heard of them.</param>
/// <param name="Next">What to ask for the next page with, as <c>after</c>; absent on the last.</param>
internal sealed record HeldAccountsAnswer(IReadOnlyList<AccountAnswer> Accounts, Guid? Next);

/// <summary>Accounts on the server that Keyturn is to know: all, or those that are named.</summary>
internal sealed record ImportBody(bool All, IReadOnlyList<ImportWire?>? Accounts)
{
    /// <summary>Only say what would be done.</summary>
    public bool DryRun { get; init; }
}

/// <summary>One of them; on MySQL and MariaDB without a host: all rows of the user.</summary>
internal sealed record ImportWire(string? User, string? Host, string? AuthDatabase, ProofMode? Proof);

/// <summary>What came of each.</summary>
internal sealed record ImportAnswer(IReadOnlyList<ImportedWire> Accounts);

/// <summary>What came of one account.</summary>
internal sealed record ImportedWire(string User, string? Host, string? AuthDatabase, string Name, ImportResult Result, string? Reason)
{
    public static ImportedWire Of(ImportedAccount account) =>
        new(account.Name.User, account.Name.Host, account.Name.AuthDatabase, account.Name.ToString(), account.Result, account.Reason);
}

/// <summary>What there is of one account, and what the admin login may do to it.</summary>
internal sealed record AccountInspectionAnswer(IReadOnlyList<AccountAnswer> Rows, bool Exists, bool CanReadBack, bool Held)
{
    /// <summary>Absent when only trying would tell.</summary>
    public bool? MayChangePassword { get; init; }

    /// <summary>The statements that would grant what is missing to change the password.</summary>
    public string? MissingGrant { get; init; }

    /// <summary>What the admin login lacks for anything that may be asked of the account; absent where it lacks nothing.</summary>
    public IReadOnlyList<MissingGrantWire>? MissingGrants { get; init; }

    public ProofMode? Proof { get; init; }

    public int? CurrentVersion { get; init; }

    /// <summary>The version that is valid beside the current one; absent where none is to be.</summary>
    public int? OldVersion { get; init; }

    /// <summary>When it is to be discarded.</summary>
    public DateTimeOffset? OldPasswordUntil { get; init; }

    /// <summary>When Keyturn rotates it by itself; absent where it does not.</summary>
    public ScheduleAnswer? Schedule { get; init; }
}

/// <summary>An account to make. Without a password one is generated.</summary>
internal sealed record CreateBody(string? User, string? Host, string? AuthDatabase, Secret? Password, string? AuthPlugin, ProofMode? Proof, bool Reveal = true);

/// <summary>A reset. Without a password one is generated.</summary>
internal sealed record ResetBody(Secret? Password, string? AuthPlugin, ProofMode? Proof)
{
    /// <summary>Whether the answer shows the new password. Without it, it does; that of the admin login only to who may reveal passwords.</summary>
    public bool? Reveal { get; init; }

    /// <summary>
    /// How long the password before stays valid beside the new one: 1 second to 90 days, on MySQL, MariaDB, Redis and Valkey. Without it no old
    /// password is let in any more.
    /// </summary>
    public long? KeepOldForSeconds { get; init; }

    /// <summary>Whether the sessions that began before are to be ended, once the reset is done.</summary>
    public bool EndSessions { get; init; }

    /// <summary>How long to wait, once the reset is done, for the replicas to accept the new password.</summary>
    public double? WaitForReplicasSeconds { get; init; }
}

/// <summary>The present password of an account that Keyturn is to take over.</summary>
internal sealed record AdoptBody(Secret? Password, ProofMode? Proof);

/// <summary>The account as Keyturn holds it now.</summary>
internal sealed record AdoptAnswer(AccountAnswer Account);

/// <summary>A password to check.</summary>
internal sealed record CheckBody(Secret? Password);

/// <summary>Whether the database accepts the password.</summary>
internal sealed record CheckAnswer(bool Accepted, Login Verdict, EngineError? Cause, string? Detail, string? NextStep);

/// <summary>How the account's resets are to be proved.</summary>
internal sealed record ProofBody(ProofMode? Proof);

/// <summary>What verify found of the stored password.</summary>
internal sealed record VerifyAnswer(Verdict Verdict, int? Version, EngineError? Cause, string? Detail, string? NextStep);

/// <summary>The password that is in force.</summary>
internal sealed record SecretAnswer(int Version, SecretState State, Secret Password, DateTimeOffset CreatedAt)
{
    public static SecretAnswer Of(StoredSecret secret) => new(secret.Version, secret.State, secret.Password, secret.CreatedAt);
}

/// <summary>What may be in force while a reset is open: pending first, then current.</summary>
internal sealed record CandidatesAnswer(IReadOnlyList<SecretAnswer> Candidates);

/// <summary>The versions that are kept, newest first.</summary>
internal sealed record VersionsAnswer(IReadOnlyList<VersionWire> Versions);

/// <summary>One version; with its password only where that was asked for.</summary>
internal sealed record VersionWire(int Version, SecretState State, DateTimeOffset CreatedAt, Guid? ResetId, Secret? Password);
