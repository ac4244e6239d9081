using Keyturn.Instances;

namespace Keyturn.Server.Dialects.GaussDb;

/// <summary>What is wrong with a list of <c>db-users</c>, before a database is asked. A sentence names the member, never its value.</summary>
internal static class DbUserRules
{
    /// <summary>Users in one call, and rows.</summary>
    public const int MaxUsers = 50;

    private const int LongestNewName = 32;

    /// <summary>Why the bodies cannot be meant; null when they can.</summary>
    public static string? Broken(IReadOnlyList<CreateUserBody?>? users) =>
        BrokenCount(users?.Count ?? 0) ?? users!.Select(Broken).FirstOrDefault(sentence => sentence is not null) ?? BrokenRows(Rows(users!));

    /// <summary>Why the bodies cannot be meant; null when they can.</summary>
    public static string? Broken(IReadOnlyList<UserBody?>? users, bool needPassword = false) =>
        BrokenCount(users?.Count ?? 0) ?? users!.Select(user => Broken(user, needPassword)).FirstOrDefault(sentence => sentence is not null) ?? BrokenRows(Rows(users!));

    /// <summary>The rows that are asked for, in their order.</summary>
    public static IReadOnlyList<AccountName> Rows(IReadOnlyList<CreateUserBody?> users) =>
        [.. users.SelectMany(user => Hosts(user!).Select(host => new AccountName(user!.Name!, host)))];

    /// <summary>The rows that are asked for, in their order.</summary>
    public static IReadOnlyList<AccountName> Rows(IReadOnlyList<UserBody?> users) => [.. users.Select(user => new AccountName(user!.Name!, user.Host))];

    /// <summary>Everywhere, unless it says where.</summary>
    public static IReadOnlyList<string> Hosts(CreateUserBody user) => user.Hosts is { Count: > 0 } hosts ? [.. hosts.Select(host => host!)] : ["%"];

    private static string? BrokenCount(int count) => count is 0 or > MaxUsers ? $"users must have 1 to {MaxUsers} entries." : null;

    private static string? Broken(CreateUserBody? user) => user switch
    {
        null => "An entry of users is null.",
        { Name: null or "" } or { Password: null } => "Each of users needs name and password.",
        { Name: { } name } when name.Length > LongestNewName || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') => $"A name is 1 to {LongestNewName} letters, digits or underscores.",
        { Hosts: { } hosts } when hosts.Any(string.IsNullOrEmpty) => "An entry of hosts is empty.",
        { Databases.Count: > 0 } => "Keyturn grants no databases: leave databases out.",
        { Comment.Length: > 0 } => "Keyturn keeps no comments: leave comment out.",
        _ => null,
    };

    private static string? Broken(UserBody? user, bool needPassword) => user switch
    {
        null => "An entry of users is null.",
        { Name: null or "" } or { Host: null or "" } => "Each of users needs name and host.",
        { Password: null } when needPassword => "Each of users needs a password.",
        _ => null,
    };

    private static string? BrokenRows(IReadOnlyList<AccountName> rows) =>
        rows.Count > MaxUsers ? $"One call makes at most {MaxUsers} rows."
        : rows.Select(row => (row.User, row.Host!.ToLowerInvariant())).Distinct().Count() < rows.Count ? "A name with the same host occurs twice in users."
        : null;
}
