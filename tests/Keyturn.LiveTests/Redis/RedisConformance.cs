using System.Buffers;
using Keyturn.Engines;
using Keyturn.Engines.Redis;

namespace Keyturn.LiveTests.Redis;

public abstract class RedisConformance(IEngine engine) : EngineConformance(engine)
{
    /// <summary>"Usernames can't contain spaces or null characters": all that C calls space.</summary>
    private static readonly SearchValues<char> NotInNames = SearchValues.Create("\0 \t\n\v\f\r");

    protected override int LongestName => 1024;

    protected override bool CanBeName(string text) => !text.AsSpan().ContainsAny(NotInNames);

    /// <summary>Hostile names without the spaces that most of the shared ones have.</summary>
    [Theory]
    [Feature(Feature.AnyText)]
    [InlineData("';DROP\u00a0TABLE")]
    [InlineData("密码\U0001F511")]
    [InlineData(">new")]
    [InlineData("(selector)")]
    public async Task SetPassword_HostileNameWithoutSpaces_IsListedAndChanged(string text)
    {
        await using var admin = await ConnectAsync();
        var account = await CreateAsync(admin, "Old-1", $"{text}{UniqueUser()}");

        (await admin.SetPasswordAsync(Change(account, "New-2"), Cancel)).ShouldBeApplied();

        (await admin.ListAccountsAsync(Cancel)).Value.ShouldNotBeNull().ShouldContain(row => row.Name == account);
        (await LoginAsync(account, "New-2")).ShouldBe(Login.Accepted);
        (await ((IPersistsAccounts)admin).PersistAsync(Cancel)).ShouldBeApplied();
    }

    /// <summary>A run_id may start with any hexadecimal digit.</summary>
    protected override string EarlierStart(string start) => $"x{start[1..]}";
}

[OnServer("redis-7")]
public sealed class Redis7Conformance() : RedisConformance(RedisEngine.Redis(TimeProvider.System));

[OnServer("redis-8", Wide = true)]
public sealed class Redis8Conformance() : RedisConformance(RedisEngine.Redis(TimeProvider.System));

[OnServer("valkey-8", Wide = true)]
public sealed class Valkey8Conformance() : RedisConformance(RedisEngine.Valkey(TimeProvider.System));

[OnServer("valkey-9")]
public sealed class Valkey9Conformance() : RedisConformance(RedisEngine.Valkey(TimeProvider.System));
