using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Checks;

/// <summary>What a check showed, or why it was not made.</summary>
/// <param name="Login">The login's outcome; null with a refusal.</param>
/// <param name="Refusal">Nothing was tried.</param>
public sealed record CheckOutcome(LoginResult? Login, Refusal? Refusal = null);

/// <summary>Says whether the database accepts a password that the caller gives. Changes nothing, and keeps nothing but an audit row.</summary>
public sealed class Checker(EngineCatalog engines, IAuditLog audit, TimeProvider clock)
{
    /// <summary>Logs in as the account with the given password.</summary>
    public async ValueTask<CheckOutcome> CheckAsync(Caller caller, Instance instance, AccountName account, Secret password, CancellationToken cancel)
    {
        var engine = engines[instance.Engine];
        if (Refuse(instance, account, engine) is { } refusal)
        {
            return new CheckOutcome(Login: null, refusal);
        }

        var target = Target.Of(instance, instance.Primary);
        using var deadline = new Deadline(clock, target.ConnectLimit, cancel);
        var login = await engine.TryLoginAsync(target, new Credential(account, password), derived: null, deadline.Token);
        await audit.AppendAsync(
            new AuditEntry { Caller = caller, Action = "account.check", Outcome = login.Login.ToString(), InstanceId = instance.Id, Account = account.ToString() },
            cancel);
        Telemetry.Checks.Add(1, new("engine", engine.Name), new("verdict", login.Login.ToString()));
        return new CheckOutcome(login);
    }

    internal static Refusal? Refuse(Instance instance, AccountName account, IEngine engine) =>
        instance.Status is InstanceStatus.Frozen or InstanceStatus.Abnormal ? Refusal.Of(instance)
        : engine.Validate(account) is { } invalid ? Refusal.Of(invalid)
        : null;
}
