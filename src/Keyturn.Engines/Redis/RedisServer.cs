using Keyturn.Wire;
using Keyturn.Wire.Redis;

namespace Keyturn.Engines.Redis;

/// <summary>What a server tells about itself and our session when one connects.</summary>
internal sealed record RedisServer
{
    /// <summary>CLIENT ID, and the run_id, which is another after every start.</summary>
    public required ServerSession Session { get; init; }

    public required RedisProduct Product { get; init; }

    public required string Version { get; init; }

    public required bool IsReplica { get; init; }

    public required bool IsCluster { get; init; }

    /// <summary>Whether it was started with a configuration file.</summary>
    public required bool HasConfigFile { get; init; }

    /// <summary>Path of the ACL file, empty where the server has none; null where the admin login may not ask.</summary>
    public required string? AclFile { get; init; }

    /// <summary>The user that it logs in to its primary as, empty for <c>default</c>; null where the admin login may not ask.</summary>
    public required string? MasterUser { get; init; }

    /// <summary>Logs in and asks all of it in one round trip. Changes nothing. A server of another product is refused by name.</summary>
    public static async ValueTask<Answer<RedisServer>> GreetAsync(
        RedisClient client, Credential admin, RedisProduct expected, CancellationToken cancel)
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

        if (replies is not [_, RespList hello, RespText info, RespText replication, var aclFile, var masterUser])
        {
            throw WireException.Violation("the first replies are not those of a Redis or Valkey server");
        }

        var server = Read(hello, new InfoText($"{info.Text}\r\n{replication.Text}"), Setting(aclFile), Setting(masterUser));
        return server.Product == expected
            ? Answer.Of(server)
            : new Failure(EngineError.Unsupported, $"The server is {server.Product.Name} {server.Version}: register the instance with the engine {server.Product.Engine}.");
    }

    /// <summary>The server as people see it.</summary>
    public ServerInfo Describe(RedisClient client, Target target, string admin) => new()
    {
        Product = Product.Name,
        Version = Version,
        Identity = target.Node.Address,
        TlsProtocol = client.TlsProtocol,
        Remarks = [.. Remarks(admin, client.IsTrusted)],
    };

    private IEnumerable<string> Remarks(string admin, bool isTrusted)
    {
        if (IsReplica)
        {
            // Not read-only: accounts are not replicated (Redis 7.0 and 8.0, Valkey 9.1), each node has and takes its own.
            yield return "The node is a replica; its accounts are its own.";
            if (MasterUser is null)
            {
                yield return $"The admin login may not read masteruser: were a password changed that the node logs in to its primary with, masterauth could not follow. Missing: {AdminRights.Grant(admin, ["+config|get", "+config|set"])}";
            }
        }

        if (AclFile == "" && !HasConfigFile)
        {
            yield return "The server has neither an ACL file nor a configuration file: changed passwords do not survive a restart.";
        }

        if (!isTrusted)
        {
            yield return "The server's certificate is not verified, and these servers know no login but AUTH, which sends the password itself.";
        }
    }

    private static RedisServer Read(RespList hello, InfoText info, string? aclFile, string? masterUser)
    {
        // Valkey says redis_version too, for old clients: 7.2.4, whatever its own version is.
        var valkeyVersion = info["valkey_version"];
        var version = valkeyVersion ?? info["redis_version"];
        if (hello.Find("id") is not RespInteger { Value: var id } || info["run_id"] is not { } runId || version is null)
        {
            throw WireException.Violation("HELLO has no id, or INFO no run_id or version");
        }

        return new RedisServer
        {
            Session = new ServerSession(id.ToString(), runId),
            Product = valkeyVersion is null ? RedisProduct.Redis : RedisProduct.Valkey,
            Version = version,
            IsReplica = info["role"] is "slave" or "replica",
            IsCluster = hello.Find("mode") is RespText { Text: "cluster" },
            HasConfigFile = info["config_file"] is { Length: > 0 },
            AclFile = aclFile,
            MasterUser = masterUser,
        };
    }

    private static Failure Explain(RespError refusal, Credential admin) =>
        refusal.ToFailure().Lacking(refusal.Code == "NOPERM" ? AdminRights.ToLookAround(admin.Account.User) : null);

    private static string? Setting(RespValue reply) => reply is RespList { Items: [_, RespText value] } ? value.Text : null;
}
