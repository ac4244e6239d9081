using Keyturn.Engines.Tls;
using Keyturn.Instances;
using Keyturn.Wire;
using Keyturn.Wire.Redis;

namespace Keyturn.Engines.Redis;

/// <summary>Asks a server about its users and tells it to change them; what breaks on the way becomes an outcome.</summary>
internal sealed class AclConversation(RedisClient client, string admin)
{
    /// <summary>The command that reads a user.</summary>
    public static RespCommand GetUser(AccountName account) => new("ACL", "GETUSER", account.User);

    /// <summary>The user as it is now; null, without a failure, when there is none.</summary>
    public async ValueTask<(AclUser? User, Failure? Failure)> ReadUserAsync(AccountName account, CancellationToken cancel)
    {
        try
        {
            var reply = await client.ExecuteAsync(GetUser(account), cancel);
            return reply is RespError error ? (null, FailureOf(error)) : (AclUser.FromReply(reply), null);
        }
        catch (WireException error)
        {
            return (null, error.ToFailure());
        }
    }

    /// <summary>The lines of ACL LIST, one a user.</summary>
    public async ValueTask<Answer<IReadOnlyList<string>>> ReadRulesAsync(CancellationToken cancel)
    {
        try
        {
            return await client.ExecuteAsync(new RespCommand("ACL", "LIST"), cancel) switch
            {
                RespList rules => Answer.Of<IReadOnlyList<string>>([.. rules.Items.OfType<RespText>().Select(rule => rule.Text)]),
                RespError error => FailureOf(error),
                _ => RedisErrors.Unexpected("ACL LIST"),
            };
        }
        catch (WireException error)
        {
            return error.ToFailure();
        }
    }

    /// <summary>Sends a command that changes something. Once it may have left, only an answer tells what became of it.</summary>
    public async ValueTask<ChangeResult> ChangeAsync(RespCommand command, Func<RespValue, ChangeResult> judge, CancellationToken cancel)
    {
        if (cancel.IsCancellationRequested)
        {
            return ChangeResult.NotSent(EngineError.TimedOut, "The deadline had passed before anything was sent.");
        }

        if (!client.IsUsable)
        {
            return ChangeResult.NotSent(EngineError.ConnectionLost, "The session was broken before anything was sent.");
        }

        try
        {
            return judge(await client.ExecuteAsync(command, cancel));
        }
        catch (WireException error)
        {
            return new ChangeResult(Change.Unknown, error.ToFailure());
        }
    }

    /// <summary>Why the server refused something, with the right that is missing.</summary>
    public Failure FailureOf(RespError error) => error.ToFailure(admin);

    /// <summary>The same of a command with a password in it.</summary>
    public Failure FailureWithoutRules(RespError error) => error.ToFailureWithoutRules(admin);
}
