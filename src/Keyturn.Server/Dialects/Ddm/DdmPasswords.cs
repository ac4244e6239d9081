using Keyturn.Instances;
using Keyturn.Passwords;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Dialects.Ddm;

/// <summary>What DDM asks of passwords, and how it says which rule is broken.</summary>
internal static class DdmPasswords
{
    /// <summary>Of accounts.</summary>
    public static readonly PasswordPolicy OfAccounts = new()
    {
        MinLength = 8,
        MaxLength = 32,
        MinClasses = 3,
        Specials = "~!@#/%^*-_+?",
        OnlyAllowedSpecials = true,
        RefuseName = true,
        RefuseWeak = true,
        // Short ones score low on zxcvbn's scale: the documents' samples (Test_345612) get 1 or 2. Common words in any disguise are refused all the same.
        MinScore = 1,
    };

    /// <summary>Of the administrator, whose documents have an equals sign for the slash.</summary>
    public static readonly PasswordPolicy OfAdministrator = OfAccounts with { Specials = "~!@#%^*-_=+?" };

    /// <summary>Judges nothing but how easily a password is guessed.</summary>
    private static readonly PasswordPolicy OnlyWeak = new() { MinLength = 1, MinClasses = 0, RefuseName = false, MinScore = OfAccounts.MinScore };

    /// <summary>Whether it is soon guessed, whatever else is wrong with it.</summary>
    public static bool IsWeak(Secret password) => OnlyWeak.Check(password, new AccountName("")).Any(broken => broken.Rule == "weak");

    /// <summary>The row for what is broken: that a password is weak is said only of one whose form is good.</summary>
    public static JsonHttpResult<DdmError> Answer(HttpContext http, IReadOnlyList<Violation> violations) =>
        violations.All(broken => broken.Rule == "weak")
            ? DdmErrors.Answer(http, DdmFault.WeakPassword)
            : DdmErrors.Answer(http, DdmFault.Password, string.Join(' ', violations.Where(broken => broken.Rule != "weak").Select(broken => broken.Sentence)));
}
