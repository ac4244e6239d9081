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
public sealed class Checker(EngineCatalog engines, AdminSessions sessions, GuessLimits limits, FailedLogins failed, IAuditLog audit, TimeProvider clock)
{
    private readonly UncertainLogins _logins = new(engines, sessions, failed, clock);

    /// <summary>Logs in as the account with the given password. Where accounts live on each node, on all of them: it is accepted where all accept it.</summary>
    public async ValueTask<CheckOutcome> CheckAsync(Caller caller, Instance instance, AccountName account, Secret password, CancellationToken cancel)
    {
        var engine = engines[instance.Engine];
        if (Refuse(instance, account, engine) is { } refusal)
        {
            return await RefusedAsync(refusal, refusal.Name);
        }

        var held = new HeldRefusal(clock);
        using var guess = await limits.BeginAsync(caller, instance, account, cancel);
        if (guess.Wait > TimeSpan.Zero)
        {
            var tooMany = GuessLimits.Refuse(guess);
            return await RefusedAsync(tooMany, tooMany.Detail);
        }

        // To its end, whoever hangs up: a server that takes its time with wrong passwords would else be asked by who counts the time, and nobody the guesses.
        var login = await LogInAsync(instance, new Credential(account, password), CancellationToken.None);
        await (login switch
        {
            { IsGuess: true } => guess.WasWrongAsync(),
            { Login: Login.Accepted } => guess.WasRightAsync(),
            _ => ValueTask.CompletedTask,
        });
        await audit.AppendAsync(Entry(caller, instance, account, login.Login.ToString()), CancellationToken.None);
        Telemetry.Checks.Add(1, new("engine", engine.Name), new("verdict", login.Login.ToString()));
        await (login.Login == Login.Accepted ? Task.CompletedTask : held.WaitAsync(cancel));
        return new CheckOutcome(login);

        async ValueTask<CheckOutcome> RefusedAsync(Refusal why, string detail)
        {
            await audit.AppendAsync(Entry(caller, instance, account, "refused") with { Detail = detail }, CancellationToken.None);
            return new CheckOutcome(Login: null, why);
        }
    }

    private static AuditEntry Entry(Caller caller, Instance instance, AccountName account, string outcome) =>
        new() { Caller = caller, Action = "account.check", Outcome = outcome, InstanceId = instance.Id, Account = account.ToString() };

    private async ValueTask<LoginResult> LogInAsync(Instance instance, Credential credential, CancellationToken cancel)
    {
        var logins = new List<(Node Node, LoginResult Login)>();
        foreach (var node in (await sessions.NodesToChangeAsync(instance, cancel)).Where(node => !instance.IsJoining(node)))
        {
            logins.Add((node, await _logins.TryAsync(instance, node, credential, cancel)));
        }

        if (logins.Count == 0)
        {
            return new LoginResult(Login.NoVerdict, new Failure(EngineError.LoginHeldBack, "All nodes that have accounts are joining: none of them was asked."));
        }

        var refused = logins.Find(login => login.Login.Login != Login.Accepted);
        var accepting = logins.Where(login => login.Login.Login == Login.Accepted).Select(login => login.Node).ToList();
        return accepting.Count == logins.Count ? logins[0].Login : Explain(instance, refused.Node, refused.Login, accepting);
    }

    /// <summary>Nodes that do not agree are no plain "no": one of them was changed behind the others' backs, or restored.</summary>
    private static LoginResult Explain(Instance instance, Node node, LoginResult refused, List<Node> accepting)
    {
        var failure = refused.Failure ?? new Failure(EngineError.PasswordNotAsked, "The server let the account in without asking for the password.");
        var also = accepting.Count > 0 ? $" Accepted by {string.Join(", ", accepting)}." : "";
        return refused with { Failure = instance.At(node, failure with { Detail = failure.Detail + also }) };
    }

    internal static Refusal? Refuse(Instance instance, AccountName account, IEngine engine) =>
        instance.Status is InstanceStatus.Frozen or InstanceStatus.Abnormal ? Refusal.Of(instance)
        : engine.Validate(account) is { } invalid ? Refusal.Of(invalid)
        : null;
}
