using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Keyturn.Instances;
using Keyturn.Wire.MongoDb;

namespace Keyturn.Engines.MongoDb;

/// <summary>
/// A session's name in the store: the server's number for the connection, which server that was (after an election another one answers), whose it
/// was, and a few digits of ours, since not all servers number their connections.
/// </summary>
internal sealed record SessionName
{
    private const string Process = "process";
    private const string Uptime = "up";

    /// <summary>Null where the server numbers no connections.</summary>
    public required long? ConnectionId { get; init; }

    /// <summary>The server's address as its set knows it, or as we dialled it.</summary>
    public required string Address { get; init; }

    public required string Nonce { get; init; }

    /// <summary>Digits of the admin login's name; empty in names that an earlier Keyturn stored.</summary>
    public required string Admin { get; init; }

    /// <summary>What tells this start of the server from others; empty where nothing does.</summary>
    public required string Start { get; init; }

    public ServerSession ToSession() => new($"{ConnectionId?.ToString() ?? "?"} {Nonce}.{Admin} {Address}", Start);

    /// <summary>Null where the session is not of this form.</summary>
    public static SessionName? Of(ServerSession session)
    {
        var parts = session.Id.Split(' ', 3);
        return parts is [var number, var ours, var address]
            ? new SessionName
            {
                ConnectionId = long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null,
                Address = address,
                Nonce = ours.Split('.')[0],
                Admin = ours.Split('.') is [_, var admin] ? admin : "",
                Start = session.Start,
            }
            : null;
    }

    /// <summary>The digits of an admin login: a name may have any characters.</summary>
    public static string DigitsOf(AccountName admin) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{MongoDbNames.DatabaseOf(admin)}.{admin.User}")).AsSpan(0, 8));

    /// <summary>Whether both are known to be of one admin login.</summary>
    public bool IsOfSameAdminAs(SessionName other) => Admin.Length > 0 && Admin == other.Admin;

    /// <summary>From the id that a server makes anew at each start.</summary>
    public static string StartOf(string processId) => $"{Process} {processId}";

    /// <summary>From serverStatus, for servers without such an id: FerretDB, and MongoDB before 4.4.</summary>
    public static string StartOf(BsonDocument? serverStatus) => serverStatus?.Integer("uptimeMillis") is { } uptime ? $"{Uptime} {uptime}" : "";

    /// <summary>
    /// Whether a server of <paramref name="now"/> has been started since <paramref name="then"/>. An uptime that is shorter than the earlier one
    /// shows it; a longer one shows nothing, because no time passing is a proof.
    /// </summary>
    public static bool IsLater(string now, string then) => (now.Split(' '), then.Split(' ')) switch
    {
        ([Process, var present], [Process, var earlier]) => present != earlier,
        ([Uptime, var present], [Uptime, var earlier]) => long.Parse(present, CultureInfo.InvariantCulture) < long.Parse(earlier, CultureInfo.InvariantCulture),
        _ => false,
    };
}
