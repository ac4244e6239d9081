using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Keyturn.Wire.MongoDb;

namespace Keyturn.LiveTests.MongoDb;

/// <summary>
/// A STAND-IN, not MongoDB: no mongod can be installed where these tests run. It answers the commands that Keyturn sends as two independent
/// servers of the protocol were seen to answer them, and otherwise as MongoDB's manual says; Debian's pymongo is let in by it
/// (<see cref="StandInTests"/>). What it shows is that Keyturn keeps to the protocol, not what a mongod does.
/// </summary>
public sealed class StandInMongoDb : IAsyncDisposable
{
    public const string AdminUser = "keyturn";
    public const string AdminPassword = "Stand-In-Admin-1";

    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _end = new();
    private readonly X509Certificate2? _certificate;
    private readonly Task _running;
    private int _lastConnection;

    private StandInMongoDb(X509Certificate2? certificate, IPAddress listenOn)
    {
        _certificate = certificate;
        _listener = new TcpListener(listenOn, 0);
        _listener.Start();
        _running = AcceptAsync();
        Add("admin", AdminUser, AdminPassword, "root");
    }

    public StandInKnobs Knobs { get; } = new();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Address => $"127.0.0.1:{Port}";

    public long StartedAt { get; } = TimeProvider.System.GetTimestamp();

    /// <summary>Made anew at each start.</summary>
    public BsonId ProcessId { get; } = new(RandomNumberGenerator.GetHexString(24, lowercase: true));

    public ConcurrentDictionary<(string Database, string User), StandInUser> Users { get; } = new();

    public ConcurrentDictionary<int, StandInConnection> Connections { get; } = new();

    /// <summary>Names of the commands in their order, for what a client must and must not send.</summary>
    public ConcurrentQueue<string> Commands { get; } = new();

    /// <summary>The last command that was to change a user.</summary>
    public BsonDocument? LastChange { get; set; }

    /// <summary>Over TLS, with the certificate of the lab's servers.</summary>
    public static StandInMongoDb OverTls()
    {
        var folder = Path.GetDirectoryName(Lab.CaFile)!;
        return new(X509Certificate2.CreateFromPemFile(Path.Combine(folder, "server.pem"), Path.Combine(folder, "server.key")), IPAddress.Loopback);
    }

    public static StandInMongoDb Plain(IPAddress? listenOn = null) => new(certificate: null, listenOn ?? IPAddress.Loopback);

    /// <summary>As the lab's servers are described.</summary>
    public LabServer Describe() => new()
    {
        Engine = "mongodb",
        Version = StandInConnection.Version,
        Host = "127.0.0.1",
        Port = Port,
        Admin = new LabLogin(AdminUser, AdminPassword),
        Superuser = new LabLogin(AdminUser, AdminPassword),
    };

    public void Add(string database, string user, string password, params string[] roles) => Users[(database, user)] = new StandInUser(
        database, user, [.. Knobs.Mechanisms.Select(mechanism => StandInVerifier.Of(mechanism, user, password, Knobs.Iterations))], roles);

    public async ValueTask DisposeAsync()
    {
        if (_end.IsCancellationRequested)
        {
            return;
        }

        await _end.CancelAsync();
        Knobs.Release.TrySetResult();
        _listener.Stop();
        await _running;
        _certificate?.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException || _end.IsCancellationRequested)
        {
            // The end comes between two connections too, when the listener is stopped already.
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            var connection = new StandInConnection(this, ++_lastConnection);
            Connections[connection.Id] = connection;
            try
            {
                await connection.ServeAsync(client.GetStream(), _certificate, _end.Token);
            }
            finally
            {
                Connections.TryRemove(connection.Id, out _);
            }
        }
    }
}
