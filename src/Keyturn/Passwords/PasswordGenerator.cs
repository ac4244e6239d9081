using System.Security.Cryptography;

namespace Keyturn.Passwords;

/// <summary>Makes passwords from the operating system's random numbers.</summary>
/// <remarks>
/// One character of each class that the policy uses, the others drawn uniformly from all of them, then a Fisher–Yates shuffle. Each
/// draw is uniform (no modulo), so that all characters of a class are equally likely at every place. Of a policy's own alphabet, every
/// character is drawn from all of it.
/// </remarks>
public static class PasswordGenerator
{
    private const string Lower = "abcdefghijklmnopqrstuvwxyz";
    private const string Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const string Digits = "0123456789";

    /// <summary>A password of <see cref="PasswordPolicy.GeneratedLength"/> characters, all of them ASCII.</summary>
    /// <exception cref="ArgumentException">The policy contradicts itself; see <see cref="PasswordPolicy.Problems"/>.</exception>
    public static Secret Generate(PasswordPolicy policy)
    {
        if (policy.Problems() is [var problem, ..])
        {
            throw new ArgumentException(problem.Sentence, nameof(policy));
        }

        if (policy.GeneratedAlphabet is { } alphabet)
        {
            return new Secret(RandomNumberGenerator.GetString(alphabet, policy.GeneratedLength));
        }

        string[] classes = policy.Specials.Length == 0 ? [Lower, Upper, Digits] : [Lower, Upper, Digits, policy.Specials];
        var password = new char[policy.GeneratedLength];
        for (var i = 0; i < classes.Length; i++)
        {
            password[i] = classes[i][RandomNumberGenerator.GetInt32(classes[i].Length)];
        }

        RandomNumberGenerator.GetItems(string.Concat(classes), password.AsSpan(classes.Length));
        RandomNumberGenerator.Shuffle(password.AsSpan());
        return new Secret(new string(password));
    }
}
