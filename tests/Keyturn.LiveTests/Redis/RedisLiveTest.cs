using System.Security.Cryptography;
using System.Text;
using Keyturn.Engines;
using Keyturn.Engines.Redis;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Wire;
using Keyturn.Wire.Redis;

namespace Keyturn.LiveTests.Redis;

/// <summary>What the tests of one behaviour on several servers share: sessions, raw commands, users that are dropped in the end.</summary>
public abstract class RedisLiveTest : IAsyncDisposable
{
    private static readonly RedisEngine Redis = RedisEngine.Redis(TimeProvider.System);
    private static readonly RedisEngine Valkey = RedisEngine.Valkey(TimeProvider.System);
    private readonly List<(LabServer Server, string User)> _users = [];
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(300));

    /// <summary>Those that the lab has.</summary>
    public static TheoryData<string> Servers { get; } = [.. Lab.Known("redis-7", "redis-8", "valkey-8", "valkey-9").DefaultIfEmpty("redis-7")];

    protected CancellationToken Cancel => _deadline.Token;

    public async ValueTask DisposeAsync()
    {
        foreach (var (server, user) in _users)
        {
            await using var raw = await RawAsync(server);
            await raw.ExecuteAsync(new RespCommand("ACL", "DELUSER", user), Cancel);
        }

        _deadline.Dispose();
        GC.SuppressFinalize(this);
    }

    protected static IEngine EngineOf(LabServer server) => server.Engine == Valkey.Name ? Valkey : Redis;

    protected static string HashOf(string password) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(password)));

    protected static PasswordChange Change(string user, string password) => new(new AccountName(user), new Secret(password));

    /// <summary>A name no other test has.</summary>
    protected string NewUser(LabServer server)
    {
        var user = $"kt{Guid.NewGuid():N}";
        _users.Add((server, user));
        return user;
    }

    /// <summary>A connection of the superuser without TLS, past the engine.</summary>
    protected async Task<RedisClient> RawAsync(LabServer server, LabLogin? login = null)
    {
        var client = await RedisClient.ConnectAsync(server.Host, server.PlainPort, new WireTls(WireTlsMode.Disable), Cancel);
        await OkAsync(client, "AUTH", (login ?? server.Superuser).User, (login ?? server.Superuser).Password);
        return client;
    }

    protected async Task OkAsync(RedisClient client, params string[] words) =>
        (await client.ExecuteAsync(new RespCommand(words), Cancel)).ShouldBeOfType<RespText>(string.Join(' ', words.Take(2))).Text.ShouldBe("OK");

    protected async Task<RespError> ErrorAsync(RedisClient client, params string[] words) =>
        (await client.ExecuteAsync(new RespCommand(words), Cancel)).ShouldBeOfType<RespError>(string.Join(' ', words.Take(2)));

    protected async Task<string> TextAsync(RedisClient client, params string[] words) =>
        (await client.ExecuteAsync(new RespCommand(words), Cancel)).ShouldBeOfType<RespText>(string.Join(' ', words.Take(2))).Text;

    protected async Task<IAdminSession> ConnectAsync(LabServer server, LabLogin? login = null, Target? target = null)
    {
        var answer = await EngineOf(server).ConnectAsync(target ?? Lab.Target(server), (login ?? server.Admin).Credential, Cancel);
        answer.Failure.ShouldBeNull();
        return answer.Value!;
    }

    protected async Task<Inspection> InspectAsync(IAdminSession admin, string user)
    {
        var answer = await admin.InspectAsync(new AccountName(user), Cancel);
        answer.Failure.ShouldBeNull();
        return answer.Value!;
    }

    protected async Task<LoginResult> LoginAsync(LabServer server, string user, string password, DerivedKeys? derived = null, Target? target = null) =>
        await EngineOf(server).TryLoginAsync(target ?? Lab.Target(server), new LabLogin(user, password).Credential, derived, Cancel);
}
