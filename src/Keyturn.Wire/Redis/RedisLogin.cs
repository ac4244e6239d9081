using System.Security.Cryptography;

namespace Keyturn.Wire.Redis;

/// <summary>The bare login: <c>AUTH user password</c> on a new connection.</summary>
/// <remarks>
/// A user with <c>nopass</c> is let in with any password, and AUTH answers OK all the same. Neither AUTH nor anything that an ordinary
/// user may ask tells them apart (ACL GETUSER needs a right), except a second AUTH with a password that cannot be right. It leaves one
/// line of reason <c>auth</c> in the server's ACL LOG and locks nobody out: these servers count no failed logins. It is sent only
/// after the right password was accepted, and not where the caller knows already that the server asks.
/// </remarks>
public static class RedisLogin
{
    /// <summary>Tries <paramref name="password"/> and, where it is accepted, whether another one would be too.</summary>
    /// <param name="client">Newly connected.</param>
    /// <param name="user">The user; <c>default</c> for servers that know passwords only.</param>
    /// <param name="password">The password.</param>
    /// <param name="isKnownToAsk">True where <c>nopass</c> has just been taken from the user.</param>
    /// <param name="cancel">With the deadline.</param>
    public static async ValueTask<LoginReply> RunAsync(
        RedisClient client, string user, string password, bool isKnownToAsk, CancellationToken cancel)
    {
        var reply = await AuthenticateAsync(client, user, password, cancel);
        if (reply.Verdict != LoginVerdict.Accepted || isKnownToAsk)
        {
            return reply;
        }

        var probe = await AuthenticateAsync(client, user, RandomNumberGenerator.GetHexString(64), cancel);
        return probe.Verdict == LoginVerdict.Accepted ? new LoginReply(LoginVerdict.NotAsked, "nopass") : reply;
    }

    private static async ValueTask<LoginReply> AuthenticateAsync(RedisClient client, string user, string password, CancellationToken cancel)
    {
        client.SendsPassword();
        return await client.ExecuteAsync(new RespCommand("AUTH", user, password), cancel) switch
        {
            RespText { Text: "OK" } => new LoginReply(LoginVerdict.Accepted),
            RespError error => new LoginReply(LoginVerdict.Refused, error.Code, error.Message),
            _ => throw WireException.Violation("AUTH was answered with neither OK nor an error"),
        };
    }
}
