using System.Text;
using Keyturn.Wire;
using Keyturn.Wire.Dns;
using Keyturn.Wire.MongoDb;
using Keyturn.Wire.MySql;
using Keyturn.Wire.PostgreSql;
using Keyturn.Wire.Redis;
using Keyturn.Wire.Sasl;

namespace Keyturn.Fuzz.Targets;

/// <summary>The readers of the four protocols and of DNS, and what stands in their messages.</summary>
internal static class WireTargets
{
    private const string Host = "127.0.0.1";
    private const string User = "app";
    private const string Password = "S3same-open";
    private const int MostReplies = 8;
    private static readonly WireTls Plain = new(WireTlsMode.Disable);
    private static readonly byte[] Query = DnsMessage.Write(0x1234, "_mongodb._tcp.example.com", DnsType.Srv)!;

    public static IEnumerable<FuzzTarget> All() =>
    [
        new WireTarget("postgresql", PostgreSqlAsync, "SCRAM-SHA-256\0", "SCRAM-SHA-256-PLUS\0", "R\0\0\0\u0008\0\0\0\0", "Z\0\0\0\u0005I", "N\0\0\0\u0004", "r=", ",s=AQID,i=4096", "v=", ReplayPeer.Nonce),
        new WireTarget("mysql", MySqlAsync, "mysql_native_password\0", "caching_sha2_password\0", "client_ed25519\0", "parsec\0", "mysql_clear_password\0", "sha256_password\0", "-----BEGIN PUBLIC KEY-----\n"),
        new WireTarget("redis", RedisAsync, "\r\n", "*-1\r\n", "$-1\r\n", "%1\r\n", "~2\r\n", "=7\r\ntxt:abc\r\n", "_\r\n", "*2147483647\r\n", "+OK\r\n", "-WRONGPASS no\r\n"),
        new WireTarget("mongodb", MongoDbAsync, "ok\0", "saslSupportedMechs\0", "SCRAM-SHA-1\0", "speculativeAuthenticate\0", "payload\0", "done\0", "conversationId\0", "code\0", ReplayPeer.Nonce),
        new TextTarget("bson", Bson, "\u0003a\0", "\u0004a\0\u0005\0\0\0\0", "\u0002a\0\u0001\0\0\0\0") { MaxLength = OpMsg.MaxLength },
        new TextTarget("dns", Dns, "\u00c0\u000c", "\u0003www", "\0\u0021\0\u0001", "\0\u0010\0\u0001"),
        new TextTarget("scram", Scram, ReplayPeer.Nonce, "r=", ",s=", ",i=", "4096", "v=", ",m=x") { MaxLength = OpMsg.MaxLength },
        new TextTarget("saslprep", Prepared, "\u00ad", "\u200b", "\u0627", "\u0340", "\ufb01", "\u1e9b\u0323", "\ud83d\ude00", "\ufdfa"),
    ];

    private static async Task<string> PostgreSqlAsync(int port, CancellationToken cancel) =>
        Told(await PostgreSqlLogin.TryAsync(new PostgreSqlLoginRequest(Host, port, Plain, User, Password), cancel));

    private static async Task<string> MySqlAsync(int port, CancellationToken cancel)
    {
        await using var connection = await MySqlConnection.ConnectAsync(Host, port, Plain, cancel);
        var reply = await connection.LoginAsync(User, Password, cancel);
        if (reply.Verdict is not (LoginVerdict.Accepted or LoginVerdict.NotAsked))
        {
            return Told(reply);
        }

        var answer = await connection.QueryAsync("SELECT 1", QueryLimits.Few, cancel);
        return $"{reply.Verdict}, {answer.Error?.Code} {int.Log2(1 + answer.Rows.Count)} {connection.Status}";
    }

    private static async Task<string> RedisAsync(int port, CancellationToken cancel)
    {
        await using var client = await RedisClient.ConnectAsync(Host, port, Plain, cancel);
        var login = await RedisLogin.RunAsync(client, User, Password, isKnownToAsk: false, cancel);
        for (var count = 0; count < MostReplies; count++)
        {
            await client.ExecuteAsync(new RespCommand("PING"), cancel);
        }

        return Told(login);
    }

    private static async Task<string> MongoDbAsync(int port, CancellationToken cancel)
    {
        await using var connection = await MongoDbConnection.ConnectAsync(Host, port, Plain, cancel);
        var login = new MongoDbLogin(connection, new MongoDbCredential(User, "admin", Password));
        var hello = await login.GreetAsync(cancel);
        return $"{hello.IsWritable} {hello.Mechanisms?.Count} {Told(await login.FinishAsync(hello, cancel))}";
    }

    private static string Bson(byte[] input) => Violations(() =>
    {
        var document = BsonReader.Read(input);
        return $"{int.Log2(1 + document.Count())} {string.Join(' ', document.Take(4).Select(element => element.Value?.GetType().Name))}";
    });

    private static string Dns(byte[] input) => Violations(() =>
    {
        byte[] message = [.. Query, .. input];
        message[6] = message[7] = input.Length > 0 ? input[0] : (byte)0;
        var services = DnsMessage.Read(message, Query.Length, DnsType.Srv, DnsMessage.ReadSrv);
        return $"{int.Log2(1 + services.Count)} {int.Log2(1 + DnsMessage.Read(message, Query.Length, DnsType.Txt, DnsMessage.ReadTxt).Count)}";
    });

    /// <summary>The server's two messages, a line feed between them.</summary>
    private static string Scram(byte[] input) => Violations(() =>
    {
        var client = new ScramClient(User, Encoding.UTF8.GetBytes(Password), known: null, ScramChannelBinding.None, ReplayPeer.Nonce);
        client.First();
        var split = Array.IndexOf(input, (byte)'\n');
        client.Final(split < 0 ? input : input.AsSpan(0, split));
        client.Verify(split < 0 ? [] : input.AsSpan(split + 1));
        return "proved";
    });

    /// <summary>Prepared text is what it is, however often it is prepared.</summary>
    private static string Prepared(byte[] input)
    {
        var text = Encoding.Unicode.GetString(input);
        if (!SaslPrep.TryPrepare(text, out var prepared))
        {
            return "prohibited";
        }

        var isStable = !SaslPrep.TryPrepare(prepared, out var again) || again == prepared;
        return isStable ? $"{int.Log2(1 + prepared.Length)} {Ascii.IsValid(prepared)}" : throw new InvalidOperationException("what was prepared is prepared otherwise");
    }

    private static string Violations(Func<string> run)
    {
        try
        {
            return run();
        }
        catch (WireException fault)
        {
            return $"{fault.Fault} {FuzzTarget.Shape(fault.Message)}";
        }
    }

    private static string Told(LoginReply reply) => $"{reply.Verdict} {reply.Code?.Length} {reply.IsPasswordProved}";
}
