using Keyturn.Engines;
using Keyturn.Passwords;

namespace Keyturn.Instances;

/// <summary>What was found of an instance's servers.</summary>
/// <param name="Server">What the primary shows, its identity that of all nodes where accounts live on each.</param>
/// <param name="Warnings">What is not as it should be, and keeps nobody from registering it; a sentence each.</param>
internal sealed record ProbedServers(ServerInfo Server, IReadOnlyList<string> Warnings);

/// <summary>What one of them shows.</summary>
internal sealed record ProbedServer(ServerInfo Info, IReadOnlyList<MissingRight> Missing);

/// <summary>Looks at the servers of an instance before it is registered: there, of that engine, taking the admin login.</summary>
internal sealed class ServerProbe(IEngine engine, AdminTries tries, TimeProvider clock)
{
    /// <summary>Why an address of a pooler is not one to change or prove passwords at.</summary>
    public static readonly Failure Pooler = new(EngineError.Unsupported, "The address is a pooler, which goes on letting old passwords in: register the server itself.");

    /// <summary>
    /// All nodes that changes go to must be there; or the first thing that is wrong. Of nodes that follow, what is wrong is a warning: they are not
    /// needed for a change. Where the primary may move, any of them may be it.
    /// </summary>
    public async ValueTask<Answer<ProbedServers>> ProbeAsync(Instance instance, Secret adminPassword, CancellationToken cancel)
    {
        var admin = new Credential(instance.Admin, adminPassword);
        return instance.PrimaryMoves(engine.Traits) ? await FindPrimaryAsync(instance, admin, cancel) : await ProbeAllAsync(instance, admin, cancel);
    }

    private async ValueTask<Answer<ProbedServers>> ProbeAllAsync(Instance instance, Credential admin, CancellationToken cancel)
    {
        ServerInfo? primary = null;
        var identities = new SortedSet<string>(StringComparer.Ordinal);
        var warnings = new List<string>();
        var nodes = instance.NodesToChange(engine.Traits);
        foreach (var node in nodes)
        {
            var probed = await TryAsync(Target.Of(instance, node), admin, cancel);
            if ((probed.Failure ?? RefusalOf(probed.Value!.Info)) is { } failure)
            {
                return instance.At(node, failure);
            }

            var info = probed.Value!.Info;
            identities.Add(info.Identity);
            warnings.AddRange(LacksOf(instance, node, probed.Value));
            primary = node == instance.Primary ? info : primary ?? info;
        }

        return Answer.Of(new ProbedServers(primary! with { Identity = string.Join(' ', identities) }, [.. warnings, .. await LookAtFollowersAsync(instance, nodes, admin, cancel)]));
    }

    /// <summary>Exactly one takes writes, and the others are copies of it.</summary>
    private async ValueTask<Answer<ProbedServers>> FindPrimaryAsync(Instance instance, Credential admin, CancellationToken cancel)
    {
        var probed = await ProbeEachAsync(instance, instance.Nodes, admin, cancel);
        var servers = probed.Where(node => node.Server.Value is not null).ToList();
        if (servers.Find(node => node.Server.Value!.Info.IsPooler) is { Node: { } pooler })
        {
            return instance.At(pooler, Pooler);
        }

        var primaries = servers.FindAll(node => !node.Server.Value!.Info.IsReadOnly);
        if (primaries is not [var primary])
        {
            return primaries.Count > 1
                ? new Failure(EngineError.ServerError, $"Each of {string.Join(", ", primaries.Select(node => node.Node))} takes writes: nodes of one instance follow one primary. Register the others as instances of their own.")
                : probed.OrderBy(node => node.Server.Failure?.Error != EngineError.AdminLoginRefused).FirstOrDefault(node => node.Server.Failure is not null) is { Node: { } away, Server.Failure: { } failure }
                    ? instance.At(away, failure)
                    : new Failure(EngineError.ReadOnlyNode, "No node takes writes: register the primary too.");
        }

        var server = primary.Server.Value!.Info;
        if (servers.Find(node => server.HasIdentityOfItsPrimary && node.Server.Value?.Info is { HasIdentityOfItsPrimary: true } other && other.Identity != server.Identity) is { Node: { } stranger })
        {
            return instance.At(stranger, new Failure(EngineError.ServerError, "It is no copy of the primary, but another server: register it as its own instance."));
        }

        // Where each server has an identity of its own, the instance has all of them: any may be the primary tomorrow.
        var identities = new SortedSet<string>(servers.Select(node => node.Server.Value!.Info.Identity), StringComparer.Ordinal);
        return Answer.Of(new ProbedServers(server with { Identity = server.HasIdentityOfItsPrimary ? server.Identity : string.Join(' ', identities) }, [.. LacksOf(instance, primary.Node, primary.Server.Value!), .. probed.Select(node => WarningOf(node.Node, node.Server)).OfType<string>()]));
    }

    /// <summary>Nodes that follow by themselves, where the primary is registered as such. MongoDB finds its own.</summary>
    private async ValueTask<IReadOnlyList<string>> LookAtFollowersAsync(Instance instance, IReadOnlyList<Node> changed, Credential admin, CancellationToken cancel)
    {
        if (engine.Traits.HasFlag(EngineTraits.ChangeNeedsMajority))
        {
            return [];
        }

        var probed = await ProbeEachAsync(instance, instance.Nodes.Except(changed), admin, cancel);
        return [.. probed.Select(node => WarningOf(node.Node, node.Server)).OfType<string>()];
    }

    private static Failure? RefusalOf(ServerInfo info) =>
        info.IsPooler ? Pooler
        : info.IsReadOnly ? new Failure(EngineError.ReadOnlyNode, "The node is read-only: register the primary.")
        : null;

    /// <summary>Without the rights for these two Keyturn cannot do its work; whether the others are wanted, the operator knows.</summary>
    private static IEnumerable<string> LacksOf(Instance instance, Node node, ProbedServer probed) =>
        from right in probed.Missing
        let what = right.Capability switch
        {
            Capability.Reset => "The admin login may not change the passwords of others",
            Capability.Recovery => "The admin login may not end its own earlier sessions, so that a change that got no answer could not be shown to be over",
            _ => null,
        }
        where what is not null
        select $"{(instance.Nodes.Count > 1 ? $"{node}: " : "")}{what}. Missing: {right.Grant}";

    private static string? WarningOf(Node node, Answer<ProbedServer> probed) => probed switch
    {
        { Failure: { } failure } => $"{node} could not be asked: {failure.Detail}",
        { Value.Info.IsPooler: true } => $"{node} is a pooler, which goes on letting old passwords in: register the server itself.",
        _ => null,
    };

    private async Task<List<(Node Node, Answer<ProbedServer> Server)>> ProbeEachAsync(Instance instance, IEnumerable<Node> nodes, Credential admin, CancellationToken cancel) =>
        [.. await Task.WhenAll(nodes.Select(async node => (node, await TryAsync(Target.Of(instance, node), admin, cancel))))];

    private Task<Answer<ProbedServer>> TryAsync(Target target, Credential admin, CancellationToken cancel) => tries.TryAsync(() => ProbeAsync(target, admin, cancel), cancel);

    private async ValueTask<Answer<ProbedServer>> ProbeAsync(Target target, Credential admin, CancellationToken cancel)
    {
        // Admin clients do not say whether the server asked for the password; a bare login does.
        using var deadline = new Deadline(clock, target.ConnectLimit * 2, cancel);
        var login = await engine.TryLoginAsync(target, admin, derived: null, deadline.Token);
        if (login.Login != Login.Accepted)
        {
            if (login.IsGuess)
            {
                tries.HasRefused = true;
            }

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
            var missing = await session.ReadMissingRightsAsync(deadline.Token);
            return missing.Value is { } rights ? Answer.Of(new ProbedServer(session.Server, rights)) : missing.Failure!;
        }
    }
}
