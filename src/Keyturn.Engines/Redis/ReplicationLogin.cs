using Keyturn.Engines.Tls;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Wire;
using Keyturn.Wire.Redis;

namespace Keyturn.Engines.Redis;

/// <summary>
/// What a server logs in to its primary with: <c>masteruser</c> and <c>masterauth</c>. The link, once up, outlives a change of the password; it
/// breaks with the next restart or loss of the wire, and then only the new password brings it back.
/// </summary>
/// <remarks>A primary has the two as well where it is meant to follow after a failover, so that they are looked at on every node.</remarks>
internal sealed class ReplicationLogin(RedisClient client, RedisServer server, string admin, TimeProvider clock)
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(100);
    private static readonly RespCommand GetPassword = new("CONFIG", "GET", "masterauth");

    /// <summary>
    /// Whether the account may be the one that this server logs in to a primary as; without a user, AUTH means <c>default</c>. Where the settings may
    /// not be read it is not: nothing could follow.
    /// </summary>
    public static bool MayUse(RedisServer server, AccountName account) => server.MasterUser is { } user && (user.Length == 0 ? "default" : user) == account.User;

    /// <summary>The question that is left, to a primary: one that was given no password to log in with does not get one.</summary>
    public static IEnumerable<RespCommand> Questions(RedisServer server, AccountName account) => MayUse(server, account) && !server.IsReplica ? [GetPassword] : [];

    /// <summary>Whether it does, by the reply to <see cref="Questions"/>. The value itself is not looked at.</summary>
    public static bool Judge(RedisServer server, AccountName account, RespValue? reply) => MayUse(server, account) && (server.IsReplica || HasPassword(reply));

    /// <summary>Where it is, its <c>masterauth</c> becomes the password.</summary>
    public async ValueTask<FollowResult> FollowAsync(AccountName account, Secret password, CancellationToken cancel)
    {
        if (!MayUse(server, account))
        {
            return new FollowResult(Follows: false);
        }

        try
        {
            var follows = server.IsReplica || HasPassword(await client.ExecuteAsync(GetPassword, cancel));
            return follows ? await SetAsync(password, cancel) with { WasUp = await ReadAsync(cancel) is { } info && IsUp(info) } : new FollowResult(Follows: false);
        }
        catch (WireException error)
        {
            return new FollowResult(Follows: true, error.ToFailure());
        }
    }

    /// <summary>Waits until <c>master_link_status</c> is up. A primary has no link.</summary>
    public async ValueTask<Failure?> AwaitLinkAsync(CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                if (await ReadAsync(cancel) is not { } info)
                {
                    return RedisErrors.Unexpected("INFO replication");
                }

                if (IsUp(info))
                {
                    return null;
                }

                if (!await PauseAsync(cancel))
                {
                    return new Failure(EngineError.Busy, $"The link to its primary {info["master_host"]}:{info["master_port"]} is {info["master_link_status"]}.");
                }
            }
        }
        catch (WireException error)
        {
            return error.ToFailure();
        }
    }

    private async ValueTask<InfoText?> ReadAsync(CancellationToken cancel) =>
        await client.ExecuteAsync(new RespCommand("INFO", "replication"), cancel) is RespText { Text: var text } ? new InfoText(text) : null;

    private static bool IsUp(InfoText info) => info["role"] is "master" || info["master_link_status"] is "up";

    /// <summary>False at the end of the time.</summary>
    private async ValueTask<bool> PauseAsync(CancellationToken cancel)
    {
        try
        {
            await Task.Delay(LookAgainAfter, clock, cancel);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static bool HasPassword(RespValue? reply) => reply is RespList { Items: [_, RespText { Text.Length: > 0 }] };

    private async ValueTask<FollowResult> SetAsync(Secret password, CancellationToken cancel) =>
        await client.ExecuteAsync(new RespCommand("CONFIG", "SET", "masterauth", password.Reveal()), cancel) switch
        {
            RespText { Text: "OK" } => new FollowResult(Follows: true),

            // The server's sentence is not repeated where it could have the value in it.
            RespError { Code: "NOPERM" } error => new FollowResult(Follows: true, error.ToFailure(admin)),
            RespError error => new FollowResult(Follows: true, new Failure(EngineError.ServerError, $"CONFIG SET masterauth is refused ({error.Code}).")),
            _ => new FollowResult(Follows: true, RedisErrors.Unexpected("CONFIG SET")),
        };
}
