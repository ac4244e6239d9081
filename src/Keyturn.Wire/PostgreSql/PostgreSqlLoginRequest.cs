using Keyturn.Wire.Sasl;

namespace Keyturn.Wire.PostgreSql;

/// <summary>Where to log in, and as whom.</summary>
/// <param name="Host">Name or address; an absolute path is the folder of a local socket, which PostgreSQL does not protect by TLS.</param>
/// <param name="Port">TCP port, or the number in the local socket's name.</param>
/// <param name="Tls">How the connection is protected.</param>
/// <param name="User">The role. No NUL.</param>
/// <param name="Password">Its password, not prepared. No NUL.</param>
public sealed record PostgreSqlLoginRequest(string Host, int Port, WireTls Tls, string User, string Password)
{
    /// <summary>The database to enter: there on nearly every server, whatever the role may do in it.</summary>
    public string Database { get; init; } = "postgres";

    /// <summary>Keys of the same password, if they are known: they save the derivation and change no result.</summary>
    public ScramKeys? Keys { get; init; }

    /// <summary>Nothing of it is for a log.</summary>
    public override string ToString() => $"{User} at {Host}:{Port}";
}
