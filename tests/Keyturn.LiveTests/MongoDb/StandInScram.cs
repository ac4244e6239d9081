using System.Security.Cryptography;
using System.Text;
using Keyturn.Wire.MongoDb;

namespace Keyturn.LiveTests.MongoDb;

/// <summary>The server's side of one SCRAM exchange.</summary>
internal sealed class StandInScram(StandInUser user, StandInVerifier verifier, StandInKnobs knobs, bool skipEmptyExchange)
{
    private string _clientFirst = "";
    private string _serverFirst = "";
    private bool _isProved;

    public StandInUser User => user;

    public bool IsDone { get; private set; }

    public BsonDocument Start(byte[] payload)
    {
        var text = Encoding.UTF8.GetString(payload);
        _clientFirst = text[text.IndexOf("n=", StringComparison.Ordinal)..];
        var nonce = _clientFirst[(_clientFirst.IndexOf(",r=", StringComparison.Ordinal) + 3)..] + RandomNumberGenerator.GetHexString(16);
        _serverFirst = $"r={nonce},s={Convert.ToBase64String(verifier.Salt)},i={verifier.Iterations}";
        return Answer(_serverFirst);
    }

    /// <summary>Null where the proof is wrong.</summary>
    public BsonDocument? Continue(byte[] payload)
    {
        if (_isProved)
        {
            IsDone = payload.Length == 0;
            return IsDone ? Answer("") : null;
        }

        var final = Encoding.UTF8.GetString(payload);
        var bareFinal = final[..final.LastIndexOf(",p=", StringComparison.Ordinal)];
        var authMessage = Encoding.UTF8.GetBytes($"{_clientFirst},{_serverFirst},{bareFinal}");
        var proof = Convert.FromBase64String(final[(bareFinal.Length + 3)..]);
        var signature = CryptographicOperations.HmacData(verifier.Hash, verifier.StoredKey, authMessage);
        byte[] clientKey = [.. proof.Zip(signature, (a, b) => (byte)(a ^ b))];
        if (!CryptographicOperations.FixedTimeEquals(CryptographicOperations.HashData(verifier.Hash, clientKey), verifier.StoredKey))
        {
            return null;
        }

        _isProved = true;
        IsDone = skipEmptyExchange && knobs.SkipsEmptyExchange;
        var own = CryptographicOperations.HmacData(verifier.Hash, verifier.ServerKey, authMessage);
        own[0] ^= knobs.HasWrongSignature ? (byte)1 : (byte)0;
        return Answer($"v={Convert.ToBase64String(own)}");
    }

    private BsonDocument Answer(string payload) => new() { { "conversationId", 1 }, { "done", IsDone }, { "payload", Encoding.UTF8.GetBytes(payload) } };
}
