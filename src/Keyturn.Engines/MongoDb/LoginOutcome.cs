using System.Globalization;
using Keyturn.Wire;
using Keyturn.Wire.MongoDb;

namespace Keyturn.Engines.MongoDb;

/// <summary>Names the end of a login in the domain's words.</summary>
internal static class LoginOutcome
{
    private const int AtlasError = 8000;

    public static LoginResult Of(LoginReply reply)
    {
        var code = int.TryParse(reply.Code, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : (int?)null;
        return (reply.Verdict, code) switch
        {
            (LoginVerdict.Accepted, _) => LoginResult.Accepted,

            // The same words for a wrong password, an account that is not there, another database, and restrictions of the account's.
            (LoginVerdict.Refused, MongoDbErrors.AuthenticationFailed or MongoDbErrors.UserNotFound) =>
                WrongPassword(reply),

            // Atlas puts one number on all that its front says.
            (LoginVerdict.Refused, AtlasError) when reply.Message?.StartsWith("bad auth", StringComparison.OrdinalIgnoreCase) is true => WrongPassword(reply),
            (_, { } known) => Undecided(new CommandError(known, "", reply.Message ?? "")),
            (_, null) when reply.Code == "connectionStatus" => new(Login.NoVerdict, new Failure(EngineError.ServerError, $"{reply.Message}.")),
            _ => new(Login.NoVerdict, new Failure(EngineError.MethodNotSpoken, $"{reply.Message}: {reply.Code}")),
        };
    }

    private static LoginResult WrongPassword(LoginReply reply) =>
        new(Login.WrongPassword, new Failure(EngineError.WrongPassword, $"{reply.Message} ({reply.Code})"));

    private static LoginResult Undecided(CommandError error)
    {
        var failure = error.ToFailure();
        return failure.Error switch
        {
            // Not the account's rights, but what a server says to a command that it does not take here.
            EngineError.AdminLacksPrivilege => new LoginResult(Login.NoVerdict, failure with { Error = EngineError.ServerError }),
            EngineError.ReadOnlyNode or EngineError.Busy or EngineError.TimedOut or EngineError.Unreachable or EngineError.ConnectionLost => new LoginResult(Login.Unreachable, failure),
            _ => new LoginResult(Login.NoVerdict, failure),
        };
    }
}
