using Keyturn.Engines;
using Keyturn.Passwords;

namespace Keyturn.Instances;

/// <summary>Looks at the servers of an instance before it is registered: all nodes there, of that engine, taking the admin login.</summary>
internal sealed class ServerProbe(IEngine engine, TimeProvider clock)
{
    /// <summary>What the primary shows, its identity that of all nodes where accounts live on each; or the first thing that is wrong.</summary>
    public async ValueTask<Answer<ServerInfo>> ProbeAsync(Instance instance, Secret adminPassword, CancellationToken cancel)
    {
        ServerInfo? primary = null;
        var identities = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var node in instance.NodesToChange(engine.Traits))
        {
            var probed = await ProbeAsync(Target.Of(instance, node), new Credential(instance.Admin, adminPassword), cancel);
            if (probed.Value is not { } server)
            {
                return instance.At(node, probed.Failure!);
            }

            identities.Add(server.Identity);
            primary = node == instance.Primary ? server : primary ?? server;
        }

        return Answer.Of(primary! with { Identity = string.Join(' ', identities) });
    }

    private async ValueTask<Answer<ServerInfo>> ProbeAsync(Target target, Credential admin, CancellationToken cancel)
    {
        // Admin clients do not say whether the server asked for the password; a bare login does.
        using var deadline = new Deadline(clock, target.ConnectLimit * 2, cancel);
        var login = await engine.TryLoginAsync(target, admin, derived: null, deadline.Token);
        if (login.Login != Login.Accepted)
        {
            var failure = login.Failure ?? new Failure(EngineError.PasswordNotAsked, "The server lets the admin login in without asking for its password.");
            return login.Login == Login.WrongPassword ? failure with { Error = EngineError.AdminLoginRefused } : failure;
        }

        var connected = await engine.ConnectAsync(target, admin, deadline.Token);
        if (connected.Value is not { } session)
        {
            return connected.Failure!;
        }

        await using (session)
        {
            return session.Server switch
            {
                { IsPooler: true } => new Failure(EngineError.Unsupported, "The address is a pooler, which goes on letting old passwords in: register the server itself."),
                { IsReadOnly: true } => new Failure(EngineError.ReadOnlyNode, "The node is read-only: register the primary."),
                var server => Answer.Of(server),
            };
        }
    }
}
