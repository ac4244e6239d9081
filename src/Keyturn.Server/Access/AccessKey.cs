using System.Security.Cryptography;
using Keyturn.Passwords;

namespace Keyturn.Server.Access;

/// <summary>Key pairs in the form that clients of Huawei's clouds expect: an AK of 20 capitals and digits, an SK of 40 letters and digits.</summary>
internal static class AccessKey
{
    private const string Prefix = "KTAK";
    private const string CapitalsAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    private const string LettersAndDigits = $"{CapitalsAndDigits}abcdefghijklmnopqrstuvwxyz";

    /// <summary>A new AK. It is no secret: requests name it, and so do lists.</summary>
    public static string GenerateId(string prefix = Prefix) => prefix + RandomNumberGenerator.GetString(CapitalsAndDigits, 16);

    /// <summary>A new SK: 238 random bits.</summary>
    public static Secret GenerateSecret() => new(RandomNumberGenerator.GetString(LettersAndDigits, 40));
}
