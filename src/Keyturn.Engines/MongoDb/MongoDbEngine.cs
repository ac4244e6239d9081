using System.Globalization;
using Keyturn.Engines.Tls;
using Keyturn.Instances;
using Keyturn.Wire;
using Keyturn.Wire.Dns;

namespace Keyturn.Engines.MongoDb;

/// <summary>MongoDB, and what speaks its protocol with SCRAM.</summary>
/// <param name="clock">For the limits of connecting and the delays between attempts.</param>
/// <param name="dns">Looks up the names of connection strings.</param>
public sealed class MongoDbEngine(TimeProvider clock, DnsClient dns) : IEngine, IReadsConnectionStrings
{
    /// <summary>With the resolvers of this machine.</summary>
    public MongoDbEngine(TimeProvider clock)
        : this(clock, DnsClient.OfThisMachine(clock))
    {
    }

    /// <inheritdoc/>
    public string Name => "mongodb";

    /// <inheritdoc/>
    public EngineTraits Traits => EngineTraits.AccountHasAuthDatabase | EngineTraits.AccountHasRoles | EngineTraits.ChangeNeedsMajority;

    /// <inheritdoc/>
    public Failure? Validate(AccountName account) => MongoDbNames.Check(account);

    /// <inheritdoc/>
    public async ValueTask<Answer<IAdminSession>> ConnectAsync(Target target, Credential admin, CancellationToken cancel)
    {
        if ((MongoDbNames.Check(admin.Account) ?? MongoDbNames.Check(admin.Password)) is { } invalid)
        {
            return invalid;
        }

        using var deadline = new Deadline(clock, target.ConnectLimit, cancel);
        var opened = await new AdminLogin(target, admin, clock).RunAsync(deadline.Token);
        return opened.Value is { } session ? Answer.Of<IAdminSession>(session) : opened.Failure!;
    }

    /// <inheritdoc/>
    public async ValueTask<LoginResult> TryLoginAsync(Target target, Credential account, DerivedKeys? derived, CancellationToken cancel)
    {
        if ((MongoDbNames.Check(account.Account) ?? MongoDbNames.Check(account.Password)) is { } invalid)
        {
            return new LoginResult(Login.NoVerdict, invalid);
        }

        using var deadline = new Deadline(clock, target.ConnectLimit, cancel);
        var found = await new PrimarySearch(target, account.ToWire(), clock).RunAsync(deadline.Token);
        if (found.Value is not { } server)
        {
            return new LoginResult(Login.Unreachable, found.Failure);
        }

        await using (server.Connection)
        {
            // What a secondary knows may be older than the change that is to be proved.
            return server.Hello.IsWritable || target.Node.Role == NodeRole.Replica
                ? await FinishAsync(server, deadline.Token)
                : new LoginResult(Login.Unreachable, new Failure(EngineError.ReadOnlyNode, $"{server.Node} is not the primary, and knows none that can be reached."));
        }
    }

    /// <inheritdoc/>
    public async ValueTask<Answer<ConnectionTargets>> ReadAsync(string text, CancellationToken cancel)
    {
        var parsed = ConnectionString.Parse(text);
        var resolved = parsed.Value is { IsSrv: true } srv ? await new SeedList(dns).ResolveAsync(srv, cancel) : parsed;
        return resolved.Value is { } found ? Answer.Of(new ConnectionTargets(found.Hosts, found.AuthDatabase, found.Tls)) : resolved.Failure!;
    }

    private static async ValueTask<LoginResult> FinishAsync(GreetedServer server, CancellationToken cancel)
    {
        try
        {
            var login = LoginOutcome.Of(await server.Login.FinishAsync(server.Hello, cancel));
            return login.Login == Login.Accepted ? login with { Session = server.Hello.ConnectionId?.ToString(CultureInfo.InvariantCulture) } : login;
        }
        catch (WireException error)
        {
            return error.ToLogin();
        }
    }
}
