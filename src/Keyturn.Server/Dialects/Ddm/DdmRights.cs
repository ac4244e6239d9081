using Keyturn.Engines;

namespace Keyturn.Server.Dialects.Ddm;

/// <summary>Basic permissions of accounts, which are rights on the databases that come with them.</summary>
internal static class DdmRights
{
    private const int LongestDatabase = 64;

    private const int MostDatabases = 64;

    /// <summary>In the order of the documents, in which lists show them: Terraform compares lists by position.</summary>
    private static readonly string[] Known = ["CREATE", "DROP", "ALTER", "INDEX", "INSERT", "DELETE", "UPDATE", "SELECT"];

    /// <summary>What is wrong with those that are asked for; null when there is nothing.</summary>
    public static string? Broken(UserBody asked) => (asked.BaseAuthority ?? [], asked.Databases ?? []) switch
    {
        ([], []) => null,
        var (authority, _) when authority.Any(name => !Known.Contains(name)) => $"There are {string.Join(", ", Known)}.",
        (_, []) => "Name the databases that they are for: rights on all would reach the server's own.",
        ([], _) => "Databases go with a base_authority.",
        var (_, databases) when databases.Count > MostDatabases => $"One account is made with {MostDatabases} databases at most.",
        var (_, databases) when !databases.All(database => IsDatabase(database?.Name)) => $"The name of a database has 1 to {LongestDatabase} printable characters.",
        _ => null,
    };

    /// <summary>Each permission on each database.</summary>
    public static IReadOnlyList<AccountRole> Of(UserBody asked) =>
        [.. from database in asked.Databases ?? [] from right in asked.BaseAuthority ?? [] select new AccountRole(right!, database!.Name!)];

    /// <summary>What is shown of these: the permissions that there are on any database.</summary>
    public static IReadOnlyList<string> Authority(IReadOnlyList<AccountRole> held) => [.. Known.Where(name => held.Any(right => right.Name == name))];

    /// <summary>The databases that they are for, by name.</summary>
    public static IReadOnlyList<UserName> Databases(IReadOnlyList<AccountRole> held) =>
        [.. held.Where(right => Known.Contains(right.Name)).Select(right => right.Database).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(name => new UserName(name))];

    private static bool IsDatabase(string? name) => name is { Length: > 0 and <= LongestDatabase } && !name.Any(char.IsControl);
}
