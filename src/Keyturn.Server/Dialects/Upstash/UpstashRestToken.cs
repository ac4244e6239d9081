using System.Buffers.Binary;
using System.Text;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;

namespace Keyturn.Server.Dialects.Upstash;

/// <summary>
/// REST tokens in Upstash's layout: kind, port (big endian), 1, the length of the id and that of the secret, then both, in URL-safe base64 with
/// padding. The full one's secret is the password itself. Keyturn has no REST endpoint to use them at.
/// </summary>
internal sealed class UpstashRestToken(IResetStore store)
{
    private const byte FullKind = 1;
    private const byte ReadOnlyKind = 2;
    private const byte Layout = 1;
    private const int IdLength = 36;

    /// <summary>Null for a password whose length does not fit.</summary>
    public static Secret? Full(Instance instance, Secret password)
    {
        var secret = Encoding.UTF8.GetBytes(password.Reveal());
        return secret.Length <= byte.MaxValue ? Format(FullKind, instance, secret) : null;
    }

    /// <summary>Its secret is a digest that only this store can make: another one after each reset, and nothing can be learned from it.</summary>
    public Secret ReadOnly(Instance instance, int version) => Format(ReadOnlyKind, instance, store.Digest($"upstash read-only REST token\n{instance.Id}\n{version}"));

    private static Secret Format(byte kind, Instance instance, ReadOnlySpan<byte> secret)
    {
        Span<byte> port = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(port, (ushort)instance.Primary.Port);
        byte[] token = [kind, .. port, Layout, IdLength, (byte)secret.Length, .. Encoding.ASCII.GetBytes(instance.Id.ToString()), .. secret];
        return new Secret(Convert.ToBase64String(token).Replace('+', '-').Replace('/', '_'));
    }
}
