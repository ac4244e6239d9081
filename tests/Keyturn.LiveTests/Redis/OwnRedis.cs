using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Wire;
using Keyturn.Wire.Redis;

namespace Keyturn.LiveTests.Redis;

/// <summary>A server of a test's own, which may be restarted: the lab's binary with a configuration file of the test's, on a port without TLS.</summary>
internal sealed class OwnRedis : IAsyncDisposable
{
    /// <summary>The ports that tests of this process were given: a server binds its own a while after it was found free.</summary>
    private static readonly ConcurrentDictionary<int, byte> Given = new();
    private readonly string _program;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("keyturn-redis-");
    private Process? _process;

    /// <summary>Of the same product as <paramref name="model"/>, whose client's program lies beside the server's.</summary>
    public OwnRedis(LabServer model, params string[] settings)
    {
        _program = model.Client.Replace("-cli", "-server", StringComparison.Ordinal);
        Assert.SkipUnless(File.Exists(_program), $"{model.Engine}: there is no {Path.GetFileName(_program)} beside its client");
        Port = FreePort();
        File.WriteAllLines(ConfigFile, ["bind 127.0.0.1", $"port {Port}", $"dir {_directory.FullName}", "save \"\"", .. settings]);
    }

    public int Port { get; }

    public string ConfigFile => Path.Combine(_directory.FullName, "own.conf");

    public Target Target => new(
        new Node("127.0.0.1", Port), new TlsSettings { Mode = TlsMode.Disable }, SendMode.Verifier, Instance.DefaultStatementLimit, Target.DefaultConnectLimit);

    /// <summary>Before the start: users come from a file of their own.</summary>
    public void UseAclFile(string user)
    {
        var file = Path.Combine(_directory.FullName, "users.acl");
        File.WriteAllText(file, $"{user}\n");
        File.AppendAllText(ConfigFile, $"aclfile {file}\n");
    }

    public async Task StartAsync(CancellationToken cancel)
    {
        _process = Process.Start(new ProcessStartInfo(_program, [ConfigFile, "--logfile", Path.Combine(_directory.FullName, "own.log")]))!;
        while (true)
        {
            try
            {
                await using var client = await RedisClient.ConnectAsync("127.0.0.1", Port, new WireTls(WireTlsMode.Disable), cancel);
                await client.ExecuteAsync(new RespCommand("PING"), cancel);
                return;
            }
            catch (WireException)
            {
                _process.HasExited.ShouldBeFalse("the server did not start");
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancel);
            }
        }
    }

    public async Task RestartAsync(CancellationToken cancel)
    {
        await StopAsync();
        await StartAsync(cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _directory.Delete(recursive: true);
    }

    private async Task StopAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    /// <summary>Below the range that the system takes outgoing ports from: one of those may be gone before the server binds it.</summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(20_000, 32_000);
            if (!Given.TryAdd(port, 0))
            {
                continue;
            }

            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken; another one will do.
            }
        }
    }
}
