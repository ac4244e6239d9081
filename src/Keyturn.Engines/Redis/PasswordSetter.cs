using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Wire.Redis;

namespace Keyturn.Engines.Redis;

/// <summary>Gives a user of one server its one password, or for a while a second one.</summary>
internal sealed class PasswordSetter(AclConversation acl, Target target, bool isTrusted)
{
    /// <summary>How often a change is begun anew because the user's passwords were changed by others meanwhile.</summary>
    private const int Attempts = 3;

    /// <summary>Changes, or creates. <paramref name="inspected"/> is the user as it was read last, null to read it first.</summary>
    public async ValueTask<ChangeResult> SetAsync(PasswordChange change, AclUser? inspected, CancellationToken cancel) => WhyNotSent(change) is { } failure
        ? new ChangeResult(Change.NotSent, failure)
        : await RunAsync(change.Account, inspected, user => CommandOf(change, user), cancel);

    /// <summary>Changes, and leaves the old password valid.</summary>
    public async ValueTask<ChangeResult> KeepAsync(PasswordChange change, Secret old, CancellationToken cancel) => WhyNotSent(change) is { } failure
        ? new ChangeResult(Change.NotSent, failure)
        : await RunAsync(change.Account, inspected: null, user => Found(change.Account, user, present => AclSetUser.Keep(change.Account, present, change.Password, old, target.Send)), cancel);

    /// <summary>Leaves the password the only one.</summary>
    public ValueTask<ChangeResult> DiscardAsync(AccountName account, Secret password, Secret? old, CancellationToken cancel) =>
        RunAsync(account, inspected: null, user => Found(account, user, present => AclSetUser.Discard(account, present, password, old)), cancel);

    private async ValueTask<ChangeResult> RunAsync(AccountName account, AclUser? inspected, Func<AclUser?, Answer<RespCommand>> plan, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var (user, unreadable) = inspected is null ? await acl.ReadUserAsync(account, cancel) : (inspected, null);
            if (unreadable is not null)
            {
                return new ChangeResult(Change.NotSent, unreadable);
            }

            var planned = plan(user);
            if (planned.Value is not { } command)
            {
                return new ChangeResult(Change.Refused, planned.Failure);
            }

            var result = await acl.ChangeAsync(command, Judge, cancel);
            if (result.Change != Change.Refused || user is null || !await HasChangedAsync(account, user, cancel))
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

    private Answer<RespCommand> CommandOf(PasswordChange change, AclUser? user) => user is null && change.CreateIfMissing
        ? Answer.Of(change.Rights is { } rights
            ? AclSetUser.CreateLike(change.Account, rights, change.Password, target.Send)
            : AclSetUser.Create(change.Account, change.Password, target.Send))
        : Found(change.Account, user, present => AclSetUser.Change(change.Account, present, change.Password, target.Send));

    private Answer<RespCommand> Found(AccountName account, AclUser? user, Func<AclUser, RespCommand?> commandOf) =>
        user is null ? new Failure(EngineError.AccountMissing, $"There is no user {account} on {target.Node}.")
        : commandOf(user) is { } command ? Answer.Of(command)
        : new Failure(EngineError.WrongPassword, $"On {target.Node} {account} has not the password that Keyturn holds, or another one that Keyturn does not hold.");

    private ChangeResult Judge(RespValue reply) => reply switch
    {
        RespText { Text: "OK" } => ChangeResult.Applied with { Derived = PasswordIsAsked.Value },
        RespError error => new ChangeResult(Change.Refused, acl.FailureWithoutRules(error)),
        _ => new ChangeResult(Change.Unknown, RedisErrors.Unexpected("ACL SETUSER")),
    };

    /// <summary>Whether a refusal came from the first rule of <see cref="AclSetUser"/>'s commands: the password it holds on to is gone.</summary>
    private async ValueTask<bool> HasChangedAsync(AccountName account, AclUser before, CancellationToken cancel)
    {
        var (now, failure) = await acl.ReadUserAsync(account, cancel);
        return failure is null && before.Hashes.Any(held => now?.Hashes.Contains(held) is not true);
    }
}
