using Keyturn.Instances;

namespace Keyturn.Engines;

/// <summary>What connecting told about a server.</summary>
public sealed record ServerInfo
{
    /// <summary>Product as it calls itself: <c>PostgreSQL</c>, <c>MySQL</c>, <c>MariaDB</c>, <c>Redis</c>, <c>Valkey</c>.</summary>
    public required string Product { get; init; }

    /// <summary>Version text, without the product's name.</summary>
    public required string Version { get; init; }

    /// <summary>What tells this server from all others (system_identifier, server_uuid, server_uid, host:port).</summary>
    public required string Identity { get; init; }

    /// <summary>Whether copies of the server have the same identity (PostgreSQL): another one is no copy then.</summary>
    public bool HasIdentityOfItsPrimary { get; init; }

    /// <summary>True on a standby, a replica, or where read_only is set: accounts cannot be changed here.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>True where the address is a pooler (PgBouncer): proofs must go to the server itself.</summary>
    public bool IsPooler { get; init; }

    /// <summary>Negotiated protocol (<c>TLSv1.3</c>); null without TLS.</summary>
    public string? TlsProtocol { get; init; }

    /// <summary>Things an operator should know: password_encryption, validation plugins, not persisted, …</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];
}

/// <summary>After how many wrong passwords in a row a server locks an account.</summary>
/// <param name="After">The last one that it counts: the account is locked by it.</param>
/// <param name="Failed">How many there have been; null where the server does not tell.</param>
public sealed record Lockout(long After, long? Failed)
{
    /// <summary>How many more until it is locked; the most that it can be where the server does not tell.</summary>
    public long TriesLeft => Math.Max(0, After - (Failed ?? 0));
}

/// <summary>One row of an account on the server.</summary>
public sealed record AccountRow
{
    /// <summary>Its full name.</summary>
    public required AccountName Name { get; init; }

    /// <summary>Authentication method or plugin as the server calls it; alternatives joined by <c> or </c>.</summary>
    public required string Method { get; init; }

    /// <summary>Whether it has, or can be given, a password. False for socket and certificate rows.</summary>
    public bool ByPassword { get; init; } = true;

    /// <summary>What stands in the way of a login although the password is right; <see cref="EngineError.None"/> if nothing is known to.</summary>
    public EngineError LoginObstacle { get; init; }

    /// <summary>When wrong passwords lock the account; null where they do not.</summary>
    public Lockout? Lockout { get; init; }

    /// <summary>MySQL and MariaDB: the row is for hosts that we are not, so that nobody logs in by it from here.</summary>
    public bool IsForOtherHost { get; init; }

    /// <summary>Whether the account is an administrator (superuser, all privileges), as far as the admin login may see.</summary>
    public bool IsAdmin { get; init; }

    /// <summary>MongoDB: the roles it was given. MySQL and MariaDB, in lists only: its privileges on databases.</summary>
    public IReadOnlyList<AccountRole> Roles { get; init; } = [];

    /// <summary>Things an operator should know about the row.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];
}

/// <summary>What there is of an account, and what the admin login may do to it. Reading it changed nothing.</summary>
public sealed record Inspection
{
    /// <summary>The account's rows; empty when there is none of that name.</summary>
    public required IReadOnlyList<AccountRow> Rows { get; init; }

    /// <summary>Whether the admin login may change the password; null when only trying would tell.</summary>
    public bool? MayChangePassword { get; init; }

    /// <summary>What the admin login lacks for what may be asked of this account, by capability; empty when it lacks nothing.</summary>
    public IReadOnlyList<MissingRight> Missing { get; init; } = [];

    /// <summary>The statements that grant what is missing to change the password, in the engine's own words; null when nothing is.</summary>
    public string? MissingGrant => GrantFor(Capability.Reset);

    /// <summary>Whether the stored verifier can be read back.</summary>
    public bool CanReadBack { get; init; }

    /// <summary>The nearest lockout of any row that has a password; null where no wrong password locks the account.</summary>
    public Lockout? Lockout => Rows.Where(row => row.ByPassword).Select(row => row.Lockout).OfType<Lockout>().MinBy(lockout => lockout.TriesLeft);

    /// <summary>MySQL and MariaDB: no row with a password lets anybody in from here, so that a login would be tried, and counted, on another one's.</summary>
    public bool IsForOtherHosts => Rows.Any(row => row.ByPassword) && Rows.Where(row => row.ByPassword).All(row => row.IsForOtherHost);

    /// <summary>Whether the account exists.</summary>
    public bool Exists => Rows.Count > 0;

    /// <summary>The statements that grant what is missing for one thing; null when nothing is.</summary>
    public string? GrantFor(Capability capability) => Missing.FirstOrDefault(right => right.Capability == capability)?.Grant;
}
