namespace Keyturn.Instances;

/// <summary>The name of a login on a server.</summary>
/// <param name="User">User or role name, as the server stores it; case matters.</param>
/// <param name="Host">
/// MySQL and MariaDB only: the host part of one row (<c>%</c>, <c>10.0.0.%</c>). Null means all rows of <paramref name="User"/>
/// that authenticate by password.
/// </param>
/// <param name="AuthDatabase">MongoDB only: the database that the account is defined in.</param>
public readonly record struct AccountName(string User, string? Host = null, string? AuthDatabase = null)
{
    /// <summary><c>user</c>, <c>user@host</c> or <c>database.user</c>: for people, not for a server.</summary>
    public override string ToString() => (Host, AuthDatabase) switch
    {
        ({ } host, _) => $"{User}@{host}",
        (_, { } database) => $"{database}.{User}",
        _ => User,
    };
}
