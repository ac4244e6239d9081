namespace Keyturn.Access;

/// <summary>What projects, principals and credentials must be; all problems at once.</summary>
public static class AccessRules
{
    private const int MaxLabelLength = 128;

    /// <summary>Of an address (RFC 5321 §4.5.3.1.3, without the angle brackets).</summary>
    private const int MaxEmailLength = 254;

    /// <summary>What is wrong with a project.</summary>
    public static IEnumerable<Violation> Broken(Project project)
    {
        if (!IsName(project.Name))
        {
            yield return Name("name");
        }

        if (!IsName(project.Region))
        {
            yield return Name("region");
        }
    }

    /// <summary>What is wrong with a principal.</summary>
    public static IEnumerable<Violation> Broken(Principal principal)
    {
        if (!IsName(principal.Name))
        {
            yield return Name("name");
        }

        if (principal.Email is { } email && !IsEmail(email))
        {
            yield return new Violation("email", "An e-mail address is up to 254 printable ASCII characters with one '@' inside, and no ':'.");
        }
    }

    /// <summary>What is wrong with a credential that is to be made at that time.</summary>
    public static IEnumerable<Violation> Broken(PrincipalCredential credential, DateTimeOffset now)
    {
        if (credential.Label.Length > MaxLabelLength || credential.Label.Any(char.IsControl))
        {
            yield return new Violation("label", "A label is up to 128 printable characters.");
        }

        if (credential.IsExpired(now))
        {
            yield return new Violation("expires-at", "It would be expired already.");
        }
    }

    /// <summary>What is wrong with the name of a policy or a group.</summary>
    public static IEnumerable<Violation> BrokenName(string name)
    {
        if (!IsName(name))
        {
            yield return Name("name");
        }
    }

    /// <summary>A refusal that names all that is wrong.</summary>
    internal static Refusal Refuse(IReadOnlyList<Violation> broken) =>
        new(RefusalReason.InvalidRequest, string.Join(' ', broken.Select(violation => violation.Sentence))) { Violations = broken };

    private static Violation Name(string member) => new(member, $"A {member} is 1 to 64 letters, digits, '.', '_' or '-'.");

    private static bool IsName(string text) => text.Length is > 0 and <= 64 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <summary>Not more than what its use needs: it goes as the user of Basic authentication (RFC 7617), which a colon ends.</summary>
    private static bool IsEmail(string text) =>
        text.Length <= MaxEmailLength && text.All(c => c is > ' ' and < '\x7f' and not ':') && text.IndexOf('@', StringComparison.Ordinal) is > 0 and var at
        && at == text.LastIndexOf('@') && at < text.Length - 1;
}
