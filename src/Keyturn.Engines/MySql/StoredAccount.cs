using Keyturn.Instances;

namespace Keyturn.Engines.MySql;

/// <summary>What a row of the account table asks of the connection.</summary>
internal enum RequiredTls
{
    None,
    Any,
    Certificate,
}

/// <summary>One way to authenticate, as the account table has it.</summary>
/// <param name="Plugin">The server's name of the plugin.</param>
/// <param name="Stored">Its authentication string: a verifier, a service's name, or nothing.</param>
/// <param name="IsByPassword">Whether the plugin checks passwords that the server keeps.</param>
internal sealed record StoredMethod(string Plugin, string Stored, bool IsByPassword);

/// <summary>One row of the account table.</summary>
internal sealed record StoredAccount
{
    public required AccountName Name { get; init; }

    /// <summary>At least one; MariaDB's alternatives in the order they are tried.</summary>
    public required IReadOnlyList<StoredMethod> Methods { get; init; }

    /// <summary>MySQL: the verifier of the older password that a RETAIN CURRENT PASSWORD has kept.</summary>
    public string? Retained { get; init; }

    public bool IsLocked { get; init; }

    /// <summary>So many wrong passwords in a row lock it; null where they do not.</summary>
    public Lockout? Lockout { get; init; }

    public bool IsPasswordExpired { get; init; }

    public RequiredTls RequiredTls { get; init; }

    public bool IsAdmin { get; init; }

    /// <summary>The row of the same user that the server tries instead of this one, for whoever comes from here. See <see cref="HostOrder"/>.</summary>
    public AccountName? Shadow { get; init; }

    public bool IsByPassword => Methods.Any(method => method.IsByPassword);

    /// <summary>The row for the domain, seen over a connection that is or is not encrypted and has or has not a certificate to present.</summary>
    public AccountRow ToRow(bool overTls, bool withCertificate) => new()
    {
        Name = Name,
        Method = string.Join(" or ", Methods.Select(method => method.Plugin)),
        ByPassword = IsByPassword,
        LoginObstacle = Obstacle(overTls, withCertificate),
        Lockout = Lockout,
        IsAdmin = IsAdmin,
        Remarks = [.. Remarks()],
    };

    /// <summary>An expired password is none: a new one ends it.</summary>
    private EngineError Obstacle(bool overTls, bool withCertificate) => RequiredTls switch
    {
        _ when IsLocked => EngineError.AccountLocked,
        RequiredTls.Any when !overTls => EngineError.TlsRequired,
        RequiredTls.Certificate when !overTls || !withCertificate => EngineError.TlsRequired,
        _ => EngineError.None,
    };

    private IEnumerable<string> Remarks()
    {
        if (Methods.Any(method => method is { IsByPassword: true, Stored: "" }))
        {
            yield return "has no password";
        }

        if (IsPasswordExpired)
        {
            yield return "the password has expired; a reset renews it";
        }

        if (Retained is not null)
        {
            yield return "an older password is retained; a reset discards it";
        }

        if (Lockout is { } lockout)
        {
            yield return lockout.Failed is null
                ? $"wrong passwords lock it: {lockout.After} in a row"
                : $"wrong passwords lock it: {lockout.After} in a row, {lockout.TriesLeft} more";
        }

        if (RequiredTls == RequiredTls.Certificate)
        {
            yield return "requires a client certificate";
        }

        if (Shadow is { } shadow)
        {
            yield return $"from here the server lets the user in by {shadow}, and by no other row";
        }
    }
}
