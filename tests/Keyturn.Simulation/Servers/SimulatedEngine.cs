using Keyturn.Engines;
using Keyturn.Instances;

namespace Keyturn.Simulation.Servers;

/// <summary>The engine of the simulated servers, as one process uses it.</summary>
internal sealed class SimulatedEngine(World world, KeyturnNode client) : IEngine
{
    public const string EngineName = "simulated";

    public string Name => EngineName;

    public EngineTraits Traits => world.Kind switch
    {
        ServerKind.PerNode => EngineTraits.ChangeIsPerNode,
        ServerKind.Majority when world.Broken != Mutation.SeenIsDone => EngineTraits.ChangeNeedsMajority,
        _ => EngineTraits.None,
    };

    public Failure? Validate(AccountName account) => null;

    public async ValueTask<Answer<IAdminSession>> ConnectAsync(Target target, Credential admin, CancellationToken cancel)
    {
        var server = world.ServerAt(target.Node);
        return await new ServerLink(world, client, server).AskAsync<Answer<IAdminSession>>(Point.Connect, ServerAnswers.TooLate, ServerAnswers.Away, () =>
        {
            if (!IsValid(server, admin))
            {
                return new Failure(EngineError.AdminLoginRefused, "The admin login is refused.");
            }

            var session = server.Open(client);
            return Answer.Of<IAdminSession>(server.Kind switch
            {
                ServerKind.PerNode => new PersistingSession(world, client, server, session),
                ServerKind.Plain => new KeepingSession(world, client, server, session),
                _ => new SimulatedSession(world, client, server, session),
            });
        }, cancel);
    }

    public async ValueTask<LoginResult> TryLoginAsync(Target target, Credential account, DerivedKeys? derived, CancellationToken cancel)
    {
        var server = world.ServerAt(target.Node);
        var (late, away) = (new LoginResult(Login.Unreachable, ServerAnswers.TooLate), new LoginResult(Login.Unreachable, ServerAnswers.Away));
        return await new ServerLink(world, client, server).AskAsync(Point.LogIn, late, away, () => Judge(server, account), cancel);
    }

    private LoginResult Judge(SimulatedServer server, Credential account)
    {
        var (user, password) = (account.Account.User, account.Password.Reveal());
        if (world.Broken == Mutation.ProofNotAsked)
        {
            return LoginResult.Accepted;
        }

        var isRight = IsValid(server, account);
        if (server.Logins.TryDequeue(out var odd))
        {
            world.Coverage.Count(Seen.OddLogins);
            return odd.Login == Login.Refused && !isRight ? Wrong : odd;
        }

        if (!isRight)
        {
            return Wrong;
        }

        if (server.PasswordOf(user) == password)
        {
            server.Prove(user, password);
        }

        return LoginResult.Accepted;
    }

    private static bool IsValid(SimulatedServer server, Credential account) =>
        account.Password.Reveal() is var password && (server.PasswordOf(account.Account.User) == password || server.KeptOf(account.Account.User) == password);

    private static LoginResult Wrong => new(Login.WrongPassword, new Failure(EngineError.WrongPassword, "The password is refused."));
}
