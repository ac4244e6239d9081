using System.Buffers.Binary;
using System.Text;

namespace Keyturn.Wire.PostgreSql;

/// <summary>What an authentication message asks for, or says.</summary>
internal enum AuthenticationKind
{
    Ok = 0,
    KerberosV5 = 2,
    CleartextPassword = 3,
    Md5Password = 5,
    Gss = 7,
    GssContinue = 8,
    Sspi = 9,
    Sasl = 10,
    SaslContinue = 11,
    SaslFinal = 12,
}

/// <summary>An authentication message; its data is valid as long as the message's body.</summary>
internal readonly record struct AuthenticationMessage(AuthenticationKind Kind, ReadOnlyMemory<byte> Data)
{
    private const int Md5SaltLength = 4;

    /// <summary>The mechanisms of <see cref="AuthenticationKind.Sasl"/>, in the server's order of preference.</summary>
    public IReadOnlyList<string> Mechanisms =>
        Encoding.ASCII.GetString(Data.Span).Split('\0', StringSplitOptions.RemoveEmptyEntries);

    public static AuthenticationMessage Parse(ReadOnlyMemory<byte> body)
    {
        if (body.Length < sizeof(int))
        {
            throw WireException.Violation("an authentication message without a kind");
        }

        var message = new AuthenticationMessage((AuthenticationKind)BinaryPrimitives.ReadInt32BigEndian(body.Span), body[sizeof(int)..]);
        return message is { Kind: AuthenticationKind.Md5Password, Data.Length: not Md5SaltLength }
            ? throw WireException.Violation($"an MD5 salt of {message.Data.Length} bytes")
            : message;
    }
}
