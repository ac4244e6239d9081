using Keyturn.Wire;
using Keyturn.Wire.Redis;

namespace Keyturn.Engines.Redis;

/// <summary>What connecting told about a server.</summary>
/// <param name="Session">Our session there: CLIENT ID, and the run_id that changes with every start.</param>
/// <param name="Info">For people.</param>
/// <param name="AclFile">Path of the ACL file, empty where the server has none; null where the admin login may not ask.</param>
/// <param name="HasConfigFile">Whether it was started with a configuration file.</param>
/// <param name="MasterUser">On a replica: the user that it logs in to its primary as, where it is known.</param>
internal sealed record RedisServer(ServerSession Session, ServerInfo Info, string? AclFile, bool HasConfigFile, string? MasterUser)
{
    /// <summary>Logs in and asks all of it in one round trip. Changes nothing.</summary>
    public static async ValueTask<Answer<RedisServer>> GreetAsync(
        RedisClient client, Target target, Credential admin, RedisProduct product, CancellationToken cancel)
    {
        var replies = await client.ExecuteAllAsync(
            [
                new RespCommand("AUTH", admin.Account.User, admin.Password.Reveal()),
                new RespCommand("HELLO", "3"),
                new RespCommand("INFO", "server"),
                new RespCommand("INFO", "replication"),
                new RespCommand("CONFIG", "GET", "aclfile"),
                new RespCommand("CONFIG", "GET", "masteruser"),
            ],
            cancel);

        if (replies.Take(4).OfType<RespError>().FirstOrDefault() is { } refusal)
        {
            return Explain(refusal, admin);
        }

        if (replies is not [_, RespList hello, RespText info, RespText replication, var aclFile, var masterUser] || hello.Find("id") is not RespInteger id)
        {
            throw WireException.Violation("the first replies are not those of a Redis or Valkey server");
        }

        return Describe(client, target, product, id.Value, new InfoText(info.Text), new InfoText(replication.Text), Setting(aclFile), Setting(masterUser));
    }

    private static Answer<RedisServer> Describe(
        RedisClient client, Target target, RedisProduct product, long clientId, InfoText info, InfoText replication, string? aclFile, string? masterUser)
    {
        // Valkey says redis_version too (7.2.4, whatever its own is), for old clients.
        var (found, version) = info["valkey_version"] is { } valkey ? (RedisProduct.Valkey, valkey) : (RedisProduct.Redis, info["redis_version"]);
        if (found != product)
        {
            return new Failure(EngineError.Unsupported, $"The server is {found.Name} {version}: register the instance with the engine {found.Engine}.");
        }

        if (version is null || info["run_id"] is not { } runId)
        {
            throw WireException.Violation("INFO has no version or no run_id");
        }

        var isReplica = replication["role"] is "slave" or "replica";
        var hasConfigFile = info["config_file"] is { Length: > 0 };
        var about = new ServerInfo
        {
            Product = product.Name,
            Version = version,
            Identity = target.Node.Address,
            TlsProtocol = client.TlsProtocol,
            Remarks = [.. Remarks(client, isReplica, aclFile, hasConfigFile)],
        };
        var session = new ServerSession(clientId.ToString(), runId);
        return Answer.Of(new RedisServer(session, about, aclFile, hasConfigFile, isReplica ? masterUser : null));
    }

    private static IEnumerable<string> Remarks(RedisClient client, bool isReplica, string? aclFile, bool hasConfigFile)
    {
        if (isReplica)
        {
            // Not read-only: accounts are not replicated (Redis 7.0 and 8.0, Valkey 9.1), each node has and takes its own.
            yield return "The node is a replica; its accounts are its own.";
        }

        if (aclFile == "" && !hasConfigFile)
        {
            yield return "The server has neither an ACL file nor a configuration file: changed passwords do not survive a restart.";
        }

        if (!client.IsTrusted)
        {
            yield return "The server's certificate is not verified, and these servers know no login but AUTH, which sends the password itself.";
        }
    }

    private static Failure Explain(RespError refusal, Credential admin) => refusal.Code switch
    {
        "WRONGPASS" => refusal.ToFailure(),
        "NOPERM" => refusal.ToFailure() with { Detail = $"{refusal.Code} {refusal.Message}. Missing: ACL SETUSER {admin.Account.User} +info" },
        _ => refusal.ToFailure(),
    };

    private static string? Setting(RespValue reply) => reply is RespList { Items: [_, RespText value] } ? value.Text : null;
}
