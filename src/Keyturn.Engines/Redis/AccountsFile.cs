using Keyturn.Wire.Redis;

namespace Keyturn.Engines.Redis;

/// <summary>Has a server write its users to the file that it reads them from when it starts.</summary>
/// <remarks>
/// With CONFIG REWRITE the <c>user default</c> line that is written wins over <c>requirepass</c>, which keeps the old password in the
/// file (Redis 7.0 and Valkey 9.1, restarted with the two lines in either order). Clearing it is worse: <c>requirepass ""</c> makes
/// default <c>nopass</c>.
/// </remarks>
internal sealed class AccountsFile(AclConversation acl, RedisServer server)
{
    private const string NoAclFile = "not configured to use an ACL file";

    public async ValueTask<ChangeResult> WriteAsync(CancellationToken cancel)
    {
        if (server.AclFile == "")
        {
            return await RewriteConfigAsync(cancel);
        }

        var saved = await acl.ChangeAsync(new RespCommand("ACL", "SAVE"), Judge, cancel);

        // Where we may not ask for the file's name, the server's refusal tells that it has none.
        var hasNoFile = server.AclFile is null && saved.Failure is { Detail: var why } && why.Contains(NoAclFile, StringComparison.Ordinal);
        return hasNoFile ? await RewriteConfigAsync(cancel) : saved;
    }

    /// <summary>Has the server write its settings where users have a file of their own: no user's line stands among them.</summary>
    public async ValueTask<ChangeResult> WriteSettingsAsync(CancellationToken cancel) => server.HasConfigFile
        ? await acl.ChangeAsync(new RespCommand("CONFIG", "REWRITE"), Judge, cancel)
        : ChangeResult.Refused(EngineError.NotPersisted, "The server has no configuration file: masterauth is in force until it is started again.");

    private async ValueTask<ChangeResult> RewriteConfigAsync(CancellationToken cancel)
    {
        if (!server.HasConfigFile)
        {
            return ChangeResult.Refused(EngineError.NotPersisted, "The server has neither an ACL file nor a configuration file.");
        }

        var rules = await acl.ReadRulesAsync(cancel);
        if (rules.Value is not { } lines)
        {
            return new ChangeResult(Change.NotSent, rules.Failure);
        }

        // The server writes user lines as they are, and reads them with shell-like quoting when it starts: with one quote in a name or
        // a key pattern Redis 7.0 and Valkey 9.1 do not start again ("Unbalanced quotes in configuration line").
        return lines.Any(line => line.AsSpan().ContainsAny('"', '\''))
            ? ChangeResult.Refused(
                EngineError.NotPersisted,
                "A user has a quote in its name or patterns: the server could not start from a configuration file with it, but from an ACL file.")
            : await acl.ChangeAsync(new RespCommand("CONFIG", "REWRITE"), Judge, cancel);
    }

    private ChangeResult Judge(RespValue reply) => reply switch
    {
        RespText { Text: "OK" } => ChangeResult.Applied,
        RespError { Code: "ERR" } error => ChangeResult.Refused(EngineError.NotPersisted, error.Message),
        RespError error => new ChangeResult(Change.Refused, acl.FailureOf(error)),
        _ => new ChangeResult(Change.Unknown, RedisErrors.Unexpected("ACL SAVE or CONFIG REWRITE")),
    };
}
