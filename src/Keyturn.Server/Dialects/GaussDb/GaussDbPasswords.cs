using Keyturn.Passwords;

namespace Keyturn.Server.Dialects.GaussDb;

/// <summary>What GaussDB asks of passwords, and how it says which rule is broken.</summary>
internal static class GaussDbPasswords
{
    /// <summary>Of the administrator. That its own name or the reverse is none is not among the rules that are documented for it.</summary>
    public static readonly PasswordPolicy OfAdministrator = new()
    {
        MinLength = 8,
        MaxLength = 32,
        MinClasses = 3,
        Specials = "~!@#$%^*-_=+?,()&",
        OnlyAllowedSpecials = true,
        RefuseName = false,
        // Short ones score low on zxcvbn's scale: the documents' samples (Test_345612) get 1 or 2. Common words in any disguise are refused all the same.
        MinScore = 1,
    };

    /// <summary>Of accounts.</summary>
    public static readonly PasswordPolicy OfAccounts = OfAdministrator with { RefuseName = true };

    /// <summary>The row for what is broken: the form before the name, the name before the strength, whichever else is broken too.</summary>
    public static GaussDbFault Fault(IReadOnlyList<Violation> violations) => violations.Select(violation => violation.Rule).ToHashSet() switch
    {
        var rules when rules.Overlaps(Form) => GaussDbFault.Password,
        var rules when rules.Contains("equals-name") => GaussDbFault.PasswordIsName,
        var rules when rules.Contains("reversed-name") => GaussDbFault.PasswordIsNameReversed,
        var rules when rules.Contains("weak") => GaussDbFault.WeakPassword,
        _ => GaussDbFault.Password,
    };

    private static readonly string[] Form = ["min-length", "max-length", "classes", "specials", "control-characters", "well-formed"];
}
