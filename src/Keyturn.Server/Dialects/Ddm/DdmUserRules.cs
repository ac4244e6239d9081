using Keyturn.Instances;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Dialects.Ddm;

/// <summary>What accounts to make must be, and what Keyturn does not do for accounts: it says so instead of letting it pass.</summary>
internal static class DdmUserRules
{
    private const int LongestName = 32;

    /// <summary>The first thing that is wrong with any of them; null when there is nothing.</summary>
    public static JsonHttpResult<DdmError>? Refuse(HttpContext http, IReadOnlyList<UserBody?> asked) =>
        asked.Select(user => Refuse(http, user)).FirstOrDefault(error => error is not null)
        ?? (asked.DistinctBy(user => user!.Name, StringComparer.Ordinal).Count() < asked.Count ? DdmErrors.Answer(http, DdmFault.Duplicates) : null);

    /// <summary>Of what is there already, only the password can be changed.</summary>
    public static JsonHttpResult<DdmError>? RefuseChange(HttpContext http, UserBody asked) => asked switch
    {
        { BaseAuthority.Count: > 0 } or { Databases.Count: > 0 } =>
            DdmErrors.Answer(http, DdmFault.Authority, "Keyturn gives rights to accounts that it makes: change them on the database, and leave base_authority and databases empty."),
        _ => RefuseOthers(http, asked),
    };

    /// <summary>No descriptions, lifetimes and extended permissions.</summary>
    private static JsonHttpResult<DdmError>? RefuseOthers(HttpContext http, UserBody asked) => asked switch
    {
        { ExtendAuthority.Count: > 0 } => DdmErrors.Answer(http, DdmFault.ExtendedAuthority, "Keyturn grants none: leave the list empty."),
        { Description.Length: > 0 } => DdmErrors.Answer(http, DdmFault.Description, "Keyturn keeps no descriptions: leave it empty."),
        { PasswordLifetime: not (null or 0) } => DdmErrors.Answer(http, DdmFault.Parameter, "Keyturn sets no lifetime of passwords: leave password_lifetime out, or 0."),
        _ => null,
    };

    private static JsonHttpResult<DdmError>? Refuse(HttpContext http, UserBody? user) => user switch
    {
        null or { Name: null } or { Password: null } => DdmErrors.Answer(http, DdmFault.Parameter, "The members name and password are needed."),
        _ when !IsName(user.Name) => DdmErrors.Answer(http, DdmFault.AccountName),
        _ when DdmPasswords.OfAccounts.Check(user.Password, new AccountName(user.Name)) is { Count: > 0 } violations => DdmPasswords.Answer(http, violations),
        _ when DdmRights.Broken(user) is { } broken => DdmErrors.Answer(http, DdmFault.Authority, broken),
        _ => RefuseOthers(http, user),
    };

    /// <summary>1 to 32 letters, digits and underscores, a letter first.</summary>
    private static bool IsName(string name) =>
        name.Length is >= 1 and <= LongestName && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
