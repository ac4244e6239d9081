using System.Security.Cryptography;
using System.Text;
using Keyturn.Wire.Sasl;

namespace Keyturn.Wire.MongoDb;

/// <summary>Who logs in, and with what.</summary>
/// <param name="User">The name, as it is: MongoDB does not prepare names.</param>
/// <param name="Database">The database that the account is defined in.</param>
/// <param name="Password">Its password, not prepared.</param>
public sealed record MongoDbCredential(string User, string Database, string Password)
{
    /// <summary>
    /// What <paramref name="mechanism"/> derives its keys from. SCRAM-SHA-1 keeps what MongoDB's first method hashed; neither that nor its digest
    /// is prepared (SASLprep), the password of SCRAM-SHA-256 is.
    /// </summary>
    public byte[] PasswordFor(ScramMechanism mechanism) => mechanism == ScramMechanism.Sha256
        ? SaslPrep.PrepareOrKeep(Password)
        : Encoding.ASCII.GetBytes(Convert.ToHexStringLower(Md5(Encoding.UTF8.GetBytes($"{User}:mongo:{Password}"))));

    /// <summary>Nothing of it is for a log.</summary>
    public override string ToString() => $"{Database}.{User}";

#pragma warning disable CA5351 // The protocol's, not ours: what SCRAM-SHA-1 of MongoDB calls the password.
    private static byte[] Md5(byte[] text) => MD5.HashData(text);
#pragma warning restore CA5351
}
