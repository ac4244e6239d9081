using System.Buffers;
using Keyturn.Wire;
using Keyturn.Wire.Redis;

namespace Keyturn.LiveTests.Redis;

/// <summary>What a server shows of passwords to those who watch it.</summary>
[Feature(Feature.NoTrace)]
[Trait(OnServerAttribute.LabTrait, "any")]
public sealed class CanaryTests : RedisLiveTest
{
    [Theory]
    [MemberData(nameof(Servers))]
    public async Task ResetAndLogin_MonitorSlowLogAndServerLog_ShowNoPassword(string name)
    {
        var server = Lab.Server(name);
        var user = NewUser(server);
        var canary = $"Canary-{Guid.NewGuid():N}";
        await using var raw = await RawAsync(server);
        await OkAsync(raw, "CONFIG", "SET", "slowlog-log-slower-than", "0");
        await using var monitor = await MonitorAsync(server);

        await using (var admin = await ConnectAsync(server))
        {
            (await admin.SetPasswordAsync(Change(user, canary) with { CreateIfMissing = true }, Cancel)).ShouldBeApplied();
            (await admin.SetPasswordAsync(Change(user, $"{canary}-2"), Cancel)).ShouldBeApplied();
        }

        (await LoginAsync(server, user, $"{canary}-2")).Login.ShouldBe(Engines.Login.Accepted);
        var seen = await SeenAsync(monitor, raw);
        var slow = Texts(await raw.ExecuteAsync(new RespCommand("SLOWLOG", "GET", "1000"), Cancel)).ToList();
        await OkAsync(raw, "CONFIG", "SET", "slowlog-log-slower-than", "10000");

        seen.ShouldContain(line => line.Contains("AUTH") && line.Contains("(redacted)"), "the monitor saw no login");
        slow.ShouldContain("SETUSER");
        seen.Concat(slow).Append(await File.ReadAllTextAsync(server.Log, Cancel)).ShouldAllBe(text => !text.Contains(canary));
        seen.Concat(slow).ShouldAllBe(text => !text.Contains(HashOf(canary)));
    }

    private async Task<Transport> MonitorAsync(LabServer server)
    {
        var transport = await Transport.ConnectAsync(server.Host, server.PlainPort, Cancel);
        var commands = new ArrayBufferWriter<byte>();
        new RespCommand("AUTH", server.Superuser.User, server.Superuser.Password).WriteTo(commands);
        new RespCommand("MONITOR").WriteTo(commands);
        await transport.WriteAsync(commands.WrittenMemory, Cancel);
        return transport;
    }

    /// <summary>What the monitor was told, up to a mark of ours.</summary>
    private async Task<List<string>> SeenAsync(Transport monitor, RedisClient raw)
    {
        var mark = $"mark-{Guid.NewGuid():N}";
        await TextAsync(raw, "ECHO", mark);
        var reader = new RespReader(monitor);
        List<string> lines = [""];
        while (!lines[^1].Contains(mark))
        {
            lines.Add((await reader.ReadAsync(Cancel)).ShouldBeOfType<RespText>().Text);
        }

        return lines;
    }

    private static IEnumerable<string> Texts(RespValue value) => value switch
    {
        RespText text => [text.Text],
        RespList list => list.Items.SelectMany(Texts),
        _ => [],
    };
}
