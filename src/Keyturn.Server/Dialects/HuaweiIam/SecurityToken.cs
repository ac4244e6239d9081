using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Keyturn.Access;
using Keyturn.Passwords;

namespace Keyturn.Server.Dialects.HuaweiIam;

/// <summary>
/// The third part of a temporary key pair. It is an HMAC of the AK under the SK, which nobody but its owner and the store has, so that
/// there is nothing more to keep.
/// </summary>
internal static class SecurityToken
{
    public const string Header = "X-Security-Token";

    public static Secret Of(string accessKey, Secret secretKey) =>
        new(Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secretKey.Reveal()), Encoding.UTF8.GetBytes("security token of " + accessKey))));

    /// <summary>Whether this token goes with the pair: the right one with a temporary pair, none with another.</summary>
    public static bool IsOf(KnownCredential pair, string sent) =>
        pair.Credential.IsTemporary ? Of(pair.Credential.PublicId!, pair.Material.SecretKey!).Equals(new Secret(sent)) : sent.Length == 0;
}
