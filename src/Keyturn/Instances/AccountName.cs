namespace Keyturn.Instances;

/// <summary>The name of a login on a server.</summary>
/// <param name="User">User or role name, as the server stores it; case matters.</param>
/// <param name="Host">
/// MySQL and MariaDB only: the host part of one row (<c>%</c>, <c>10.0.0.%</c>). Null means all rows of <paramref name="User"/>
/// that authenticate by password.
/// </param>
/// <param name="AuthDatabase">MongoDB only: the database that the account is defined in. Null means <see cref="DefaultAuthDatabase"/>.</param>
public readonly record struct AccountName(string User, string? Host = null, string? AuthDatabase = null)
{
    /// <summary>The database that MongoDB's clients mean when they name none.</summary>
    public const string DefaultAuthDatabase = "admin";

    /// <summary>
    /// MongoDB only: the database that the account is defined in; null for <see cref="DefaultAuthDatabase"/>, so that <c>app</c> and
    /// <c>admin.app</c> are one account wherever names are compared or stored.
    /// </summary>
    public string? AuthDatabase { get; init => field = Canonical(value); } = Canonical(AuthDatabase);

    /// <summary><c>user</c>, <c>user@host</c> or <c>database.user</c>: for people, not for a server.</summary>
    public override string ToString() => (Host, AuthDatabase) switch
    {
        ({ } host, _) => $"{User}@{host}",
        (_, { } database) => $"{database}.{User}",
        _ => User,
    };

    private static string? Canonical(string? database) => database == DefaultAuthDatabase ? null : database;
}
