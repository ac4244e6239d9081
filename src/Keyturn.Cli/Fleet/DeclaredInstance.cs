using System.Text.Json.Nodes;

namespace Keyturn.Cli.Fleet;

/// <summary>An instance as a file describes it.</summary>
/// <param name="At">Where it begins.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Body">The members of the API's object that the file names; what it does not name stays as it is.</param>
internal sealed record DeclaredInstance(Position At, string Name, JsonObject Body)
{
    /// <summary>Where the admin login's present password is, if the file says so.</summary>
    public PasswordSource? AdminPassword { get; init; }

    /// <summary>Whether the nodes are only some of them, and Keyturn finds the others.</summary>
    public bool IsDiscovered { get; init; }

    public IReadOnlyList<DeclaredAccount> Accounts { get; init; } = [];
}

/// <summary>A file, or a variable of the environment.</summary>
internal sealed record PasswordSource(string? File, string? Variable);

/// <summary>An account as a file describes it. What is null stays as it is.</summary>
/// <param name="At">Where it begins.</param>
/// <param name="Key">Its name.</param>
/// <param name="Proof">How its resets are proved.</param>
/// <param name="EveryDays">How often Keyturn rotates it by itself; 0 for by hand only.</param>
internal sealed record DeclaredAccount(Position At, AccountKey Key, string? Proof, int? EveryDays);

/// <summary>An account's name, by which the file's and the server's are the same: hosts without case, and MongoDB's <c>admin</c> as none.</summary>
internal readonly record struct AccountKey(string User, string? Host, string? AuthDatabase)
{
    public static AccountKey Of(string user, string? host, string? authDatabase) =>
        new(user, string.IsNullOrEmpty(host) ? null : host, authDatabase is null or "" or "admin" ? null : authDatabase);

    public bool Equals(AccountKey other) => User == other.User && AuthDatabase == other.AuthDatabase && string.Equals(Host, other.Host, StringComparison.OrdinalIgnoreCase);

    public override int GetHashCode() => HashCode.Combine(User, AuthDatabase, StringComparer.OrdinalIgnoreCase.GetHashCode(Host ?? ""));

    public override string ToString() => (Host, AuthDatabase) switch
    {
        ({ } host, _) => $"{User}@{host}",
        (_, { } database) => $"{database}.{User}",
        _ => User,
    };
}
