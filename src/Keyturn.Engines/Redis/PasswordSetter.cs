using Keyturn.Instances;
using Keyturn.Wire.Redis;

namespace Keyturn.Engines.Redis;

/// <summary>Gives a user of one server its one password.</summary>
internal sealed class PasswordSetter(AclConversation acl, Target target, bool isTrusted)
{
    /// <summary>How often a change is begun anew because the user's passwords were changed by others meanwhile.</summary>
    private const int Attempts = 3;

    /// <summary>Changes, or creates. <paramref name="inspected"/> is the user as it was read last, null to read it first.</summary>
    public async ValueTask<ChangeResult> SetAsync(PasswordChange change, AclUser? inspected, CancellationToken cancel)
    {
        if (WhyNotSent(change) is { } failure)
        {
            return new ChangeResult(Change.NotSent, failure);
        }

        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var (user, unreadable) = inspected is null ? await acl.ReadUserAsync(change.Account, cancel) : (inspected, null);
            if (unreadable is not null)
            {
                return new ChangeResult(Change.NotSent, unreadable);
            }

            if (user is null && !change.CreateIfMissing)
            {
                return ChangeResult.Refused(EngineError.AccountMissing, $"There is no user {change.Account} on {target.Node}.");
            }

            var result = await SetUserAsync(change, user, cancel);
            if (result.Change != Change.Refused || user is null || !await HasChangedAsync(change.Account, user, cancel))
            {
                return result;
            }

            inspected = null;
        }

        return ChangeResult.Refused(EngineError.Busy, "The user's passwords are being changed by somebody else.");
    }

    private Failure? WhyNotSent(PasswordChange change) => (RedisNames.Check(change.Account) ?? RedisNames.Check(change.Password)) switch
    {
        { } invalid => invalid,
        _ when change.AuthPlugin is not null => new Failure(EngineError.Unsupported, "These servers have no authentication plugins."),
        _ when target.Send == SendMode.Clear && !isTrusted =>
            new Failure(EngineError.SendModeRefused, "A clear password is sent over verified TLS or a local socket only."),
        _ => null,
    };

    private ValueTask<ChangeResult> SetUserAsync(PasswordChange change, AclUser? user, CancellationToken cancel)
    {
        var command = user is null
            ? change.Rights is { } rights ? AclSetUser.CreateLike(change.Account, rights, change.Password, target.Send) : AclSetUser.Create(change.Account, change.Password, target.Send)
            : AclSetUser.Change(change.Account, user, change.Password, target.Send);
        return acl.ChangeAsync(command, Judge, cancel);
    }

    private static ChangeResult Judge(RespValue reply) => reply switch
    {
        RespText { Text: "OK" } => ChangeResult.Applied with { Derived = PasswordIsAsked.Value },
        RespError error => new ChangeResult(Change.Refused, error.ToFailureWithoutRules()),
        _ => new ChangeResult(Change.Unknown, RedisErrors.Unexpected("ACL SETUSER")),
    };

    /// <summary>Whether a refusal came from the first rule of <see cref="AclSetUser.Change"/>: the password it holds on to is gone.</summary>
    private async ValueTask<bool> HasChangedAsync(AccountName account, AclUser before, CancellationToken cancel)
    {
        var (now, failure) = await acl.ReadUserAsync(account, cancel);
        return failure is null && before.Hashes is [var held, ..] && now?.Hashes.Contains(held) is not true;
    }
}
