using System.Security.Cryptography;
using System.Text;

namespace Keyturn.Wire.Sasl;

/// <summary>
/// The client's side of one SCRAM exchange (RFC 5802, RFC 7677): three calls, in order. A server that does not keep to it
/// is a <see cref="WireFault.ProtocolViolation"/>.
/// </summary>
public sealed class ScramClient
{
    /// <summary>More rounds than this would be an attack on our processor, not a verifier.</summary>
    public const int MostIterations = 1_000_000;

    private const int LongestSalt = 1024;
    private readonly ReadOnlyMemory<byte> _password;
    private readonly ScramKeys? _known;
    private readonly ScramChannelBinding _binding;
    private readonly string _nonce;
    private readonly string _bareFirst;
    private byte[] _serverSignature = [];

    /// <summary>Begins an exchange.</summary>
    /// <param name="user">The name as the protocol wants it in the exchange; PostgreSQL ignores it and wants it empty.</param>
    /// <param name="password">Prepared (SASLprep), in UTF-8.</param>
    /// <param name="known">Keys of the same password, used if the server names their salt and iterations.</param>
    /// <param name="binding">What we say about TLS.</param>
    public ScramClient(string user, ReadOnlyMemory<byte> password, ScramKeys? known, ScramChannelBinding binding)
        : this(user, password, known, binding, Convert.ToBase64String(RandomNumberGenerator.GetBytes(18)))
    {
    }

    internal ScramClient(string user, ReadOnlyMemory<byte> password, ScramKeys? known, ScramChannelBinding binding, string nonce)
    {
        _password = password;
        _known = known;
        _binding = binding;
        _nonce = nonce;
        var saslName = user.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal);
        _bareFirst = $"n={saslName},r={nonce}";
    }

    /// <summary>SCRAM-SHA-256 unless said otherwise.</summary>
    public ScramMechanism Mechanism { get; init; } = ScramMechanism.Sha256;

    /// <summary>Fewer rounds than this are refused: a server that asks for few wants the proof to be guessed at.</summary>
    public int LeastIterations { get; init; } = 1;

    /// <summary>The client's first message.</summary>
    public byte[] First() => Encoding.UTF8.GetBytes(_binding.Header + _bareFirst);

    /// <summary>Reads the server's first message and gives the client's final one, with the proof.</summary>
    public byte[] Final(ReadOnlySpan<byte> serverFirst)
    {
        var challenge = ScramChallenge.Parse(serverFirst);
        if (!challenge.Nonce.StartsWith(_nonce, StringComparison.Ordinal) || challenge.Nonce.Length == _nonce.Length)
        {
            throw WireException.Violation("the server's nonce does not extend ours");
        }

        if (challenge.Iterations < LeastIterations || challenge.Iterations > MostIterations || challenge.Salt.Length is 0 or > LongestSalt)
        {
            throw WireException.Violation($"the server asks for {challenge.Iterations} iterations over {challenge.Salt.Length} bytes of salt");
        }

        var keys = _known is not null && _known.AreFor(Mechanism, challenge.Salt, challenge.Iterations)
            ? _known
            : ScramKeys.Derive(Mechanism, _password.Span, challenge.Salt, challenge.Iterations);
        var bareFinal = $"c={_binding.Encoded},r={challenge.Nonce}";
        var authMessage = Encoding.UTF8.GetBytes($"{_bareFirst},{challenge.Text},{bareFinal}");
        _serverSignature = Mechanism.Sign(keys.ServerKey, authMessage);
        return Encoding.UTF8.GetBytes($"{bareFinal},p={Convert.ToBase64String(Proof(keys, authMessage))}");
    }

    /// <summary>Checks the server's final message: only a server that holds the verifier can sign.</summary>
    public void Verify(ReadOnlySpan<byte> serverFinal)
    {
        Span<byte> signature = stackalloc byte[Mechanism.Length];
        var isSignature = serverFinal.StartsWith("v="u8)
            && Convert.TryFromBase64String(Encoding.UTF8.GetString(FirstAttribute(serverFinal[2..])), signature, out var length)
            && length == Mechanism.Length;
        if (!isSignature || !CryptographicOperations.FixedTimeEquals(signature, _serverSignature))
        {
            throw WireException.Violation("the server's signature is not of this account's verifier");
        }
    }

    private byte[] Proof(ScramKeys keys, byte[] authMessage)
    {
        var proof = Mechanism.Sign(keys.StoredKey, authMessage);
        for (var i = 0; i < proof.Length; i++)
        {
            proof[i] ^= keys.ClientKey[i];
        }

        return proof;
    }

    // Extensions may follow the signature.
    private static ReadOnlySpan<byte> FirstAttribute(ReadOnlySpan<byte> attributes) =>
        attributes.IndexOf((byte)',') is >= 0 and var comma ? attributes[..comma] : attributes;
}
