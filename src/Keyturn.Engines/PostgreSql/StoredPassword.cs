using System.Security.Cryptography;
using System.Text;

namespace Keyturn.Engines.PostgreSql;

/// <summary>Compares what <c>pg_authid.rolpassword</c> holds with a password.</summary>
internal static class StoredPassword
{
    /// <summary>What a stored text, null where the role has no password, says about <paramref name="password"/>.</summary>
    public static Readback Compare(string? stored, string role, string password)
    {
        if (stored is null)
        {
            return new Readback(ReadbackVerdict.Differs, new Failure(EngineError.WrongPassword, "the role has no password"));
        }

        var matches = stored.StartsWith("md5", StringComparison.Ordinal)
            ? ScramVerifier.IsSame(stored, Md5(role, password))
            : ScramVerifier.Matches(stored, password);
        return matches switch
        {
            true => new Readback(ReadbackVerdict.Matches),
            false => new Readback(ReadbackVerdict.Differs),
            null => new Readback(ReadbackVerdict.Unreadable, new Failure(EngineError.Unsupported, "the stored password is neither SCRAM-SHA-256 nor md5")),
        };
    }

    // CA5351: the server's own choice under password_encryption = md5; we only read it.
#pragma warning disable CA5351
    private static string Md5(string role, string password) => $"md5{Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(password + role)))}";
#pragma warning restore CA5351
}
