using System.Security.Cryptography;
using System.Text;

namespace Keyturn.Engines.MySql.Verifiers;

/// <summary>mysql_native_password: an asterisk and SHA1(SHA1(password)) in upper-case hex.</summary>
internal sealed class NativePasswordVerifier : PasswordVerifier
{
    private const int StoredLength = 41;

#pragma warning disable CA5350 // SHA-1 is what the plugin stores.
    public override string Make(string password) =>
        $"*{Convert.ToHexString(SHA1.HashData(SHA1.HashData(Encoding.UTF8.GetBytes(password))))}";
#pragma warning restore CA5350

    public override bool? Matches(string stored, string password) =>
        stored.Length == StoredLength && stored[0] == '*' ? string.Equals(stored, Make(password), StringComparison.OrdinalIgnoreCase) : null;
}
