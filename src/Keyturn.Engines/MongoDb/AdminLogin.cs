using Keyturn.Engines.Tls;
using Keyturn.Wire;

namespace Keyturn.Engines.MongoDb;

/// <summary>Logs the admin in at the server that takes writes, and asks who that is.</summary>
internal sealed class AdminLogin(Target target, Credential admin, TimeProvider clock)
{
    private readonly PrimarySearch _search = new(target, admin.ToWire(), clock);

    public async ValueTask<Answer<MongoDbAdminSession>> RunAsync(CancellationToken cancel)
    {
        var found = await _search.RunAsync(cancel);
        return found.Value is { } server ? await LogInAsync(server, cancel) : found.Failure!;
    }

    /// <summary>A session on the server of that address, whatever it is to the others: to ask after another session there.</summary>
    public async ValueTask<Answer<MongoDbAdminSession>> RunAtAsync(string address, CancellationToken cancel)
    {
        if (PrimarySearch.ParseAddress(address) is not { } node)
        {
            return new Failure(EngineError.InvalidName, $"{address} is no address.");
        }

        using var deadline = new Deadline(clock, target.ConnectLimit, cancel);
        var greeted = await _search.GreetAsync(node, deadline.Token);
        return greeted.Value is { } server ? await LogInAsync(server, deadline.Token) : greeted.Failure!;
    }

    /// <summary>The session owns the connection; without one it is closed here.</summary>
    private async ValueTask<Answer<MongoDbAdminSession>> LogInAsync(GreetedServer server, CancellationToken cancel)
    {
        MongoDbAdminSession? session = null;
        try
        {
            var login = LoginOutcome.Of(await server.Login.FinishAsync(server.Hello, cancel));
            if (login.Login != Login.Accepted)
            {
                return login.Login == Login.WrongPassword ? login.Failure! with { Error = EngineError.AdminLoginRefused } : login.Failure!;
            }

            var facts = await ServerFacts.ReadAsync(server, admin.Account, cancel);
            session = new MongoDbAdminSession(server.Connection, facts, target, admin.Account, this, clock);
            return Answer.Of(session);
        }
        catch (WireException error)
        {
            return error.ToFailure();
        }
        finally
        {
            if (session is null)
            {
                await server.Connection.DisposeAsync();
            }
        }
    }
}
