using Keyturn.Access;
using Keyturn.Access.Policies;
using Keyturn.Audit;
using Keyturn.Checks;
using Keyturn.Engines;
using Keyturn.Passwords;
using Keyturn.Resets;

namespace Keyturn.Instances;

/// <summary>What one node shows of itself.</summary>
/// <param name="Node">Which.</param>
/// <param name="Server">What connecting told, or why there is nothing.</param>
/// <param name="Missing">What the admin login lacks there, whichever account is meant.</param>
public sealed record NodeInspection(Node Node, Answer<ServerInfo> Server, IReadOnlyList<MissingRight> Missing);

/// <summary>What came of registering or changing.</summary>
/// <param name="Instance">As it is stored; null with a refusal.</param>
/// <param name="Refusal">Nothing was stored.</param>
public sealed record RegisterOutcome(Instance? Instance, Refusal? Refusal = null)
{
    /// <summary>What is not as it should be, and kept nobody from registering it; a sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>
/// Registers, changes and removes instances. Registering proves that the server is there, is of that engine, and takes the admin login;
/// it changes nothing on it.
/// </summary>
public sealed class Registrar(
    EngineCatalog engines, AdminSessions sessions, IInstanceStore instances, ISecretStore secrets, IResetStore resets, GuessLimits limits, IAuditLog audit, TimeProvider clock)
{
    /// <summary>Registers an instance, with the proved admin password as its admin account's first version.</summary>
    public async ValueTask<RegisterOutcome> RegisterAsync(Caller caller, InstanceDraft draft, CancellationToken cancel)
    {
        (draft, var unreadable) = await DraftNodes.ResolveAsync(draft, engines, clock, cancel);
        if ((unreadable ?? Refuse(draft, passwordNeeded: true)) is { } refusal)
        {
            return new RegisterOutcome(Instance: null, refusal);
        }

        return await ToldAsync(caller, draft, "instance.register", instanceId: null, () => ProbeAndAddAsync(caller, draft, cancel));
    }

    /// <summary>
    /// With a row of what is refused from here on, for servers are asked: a wrong admin password is a guess at a server that need not be ours, and what cannot
    /// be reached tells which hosts and ports there are. Who hangs up has tried nevertheless.
    /// </summary>
    private async ValueTask<RegisterOutcome> ToldAsync(Caller caller, InstanceDraft draft, string action, Guid? instanceId, Func<ValueTask<RegisterOutcome>> run)
    {
        var tried = $"{draft.Engine} at {string.Join(", ", draft.Nodes.Select(node => node.Address))} as {draft.Admin}";
        var entry = new AuditEntry { Caller = caller, Action = action, Outcome = "refused", InstanceId = instanceId };
        try
        {
            var outcome = await run();
            if (outcome.Refusal is { } refusal)
            {
                await audit.AppendAsync(entry with { ResetId = refusal.ResetId, Detail = $"{tried}; {refusal.Name}" }, CancellationToken.None);
            }

            return outcome;
        }
        catch (OperationCanceledException)
        {
            await audit.AppendAsync(entry with { Outcome = "abandoned", Detail = tried }, CancellationToken.None);
            throw;
        }
    }

    private async ValueTask<RegisterOutcome> ProbeAndAddAsync(Caller caller, InstanceDraft draft, CancellationToken cancel)
    {
        using var guess = await limits.BeginRegistrationAsync(caller, draft.Nodes, draft.Admin, cancel);
        if (guess.Wait > TimeSpan.Zero)
        {
            return Refused(GuessLimits.Refuse(guess));
        }

        var engine = engines[draft.Engine];
        var instance = Of(draft, Guid.NewGuid(), caller.ProjectId, clock.GetUtcNow());
        using var tries = new AdminTries();

        // To their end, whoever hangs up: guesses would else be free for who does.
        var discovered = draft.Discover ? await new Discovery(engine, tries, clock).LookAsync(instance, draft.AdminPassword!, trustTold: true, CancellationToken.None) : null;
        if (discovered?.NoneAnswered is { } away)
        {
            return Refused(await CountedAsync(guess, tries, away));
        }

        instance = discovered is null ? instance : instance with { Nodes = discovered.Taken };
        tries.GoOn();
        var probed = await new ServerProbe(engine, tries, clock).ProbeAsync(instance, draft.AdminPassword!, CancellationToken.None);
        if (probed.Value is not { } servers)
        {
            return Refused(await CountedAsync(guess, tries, probed.Failure!));
        }

        // Where accounts live on each node, a node that is left out keeps old passwords: that is said unasked. Of peers the operator knows better.
        discovered ??= engine.Traits.HasFlag(EngineTraits.ChangeIsPerNode) ? await new Discovery(engine, tries, clock).LookAsync(instance, draft.AdminPassword!, trustTold: false, CancellationToken.None) : null;
        await CountAsync(guess, tries);
        instance = instance with { ServerIdentity = servers.Server.Identity, ServerVersion = servers.Server.Version };
        var admin = new Account(Guid.CreateVersion7(clock.GetUtcNow()), instance.Id, instance.Admin, ProofMode.Login, clock.GetUtcNow());
        var stored = await instances.AddAsync(instance, admin, draft.AdminPassword!, Entry(caller, instance, "instance.register"), cancel);
        return Outcome(instance, await ShownAsync(caller, stored, cancel)) with { Warnings = [.. servers.Warnings, .. NotTaken(instance, discovered)] };
    }

    /// <summary>
    /// The rules that a registration like this would break; the admin password is not asked for. No server is asked, nothing is stored.
    /// </summary>
    public IReadOnlyList<Violation> Check(InstanceDraft draft) => [.. InstanceRules.Broken(draft, engines, passwordNeeded: false)];

    /// <summary>What the servers of an instance tell of its nodes now. Changes nothing.</summary>
    public ValueTask<Answer<Discovered>> DiscoverAsync(Caller caller, Instance instance, CancellationToken cancel) => DiscoverAsync(caller, instance, trustTold: false, cancel);

    /// <summary>Adds the nodes to the registration that its servers tell of and that take the admin login.</summary>
    public async ValueTask<RegisterOutcome> TakeDiscoveredAsync(Caller caller, Instance present, CancellationToken cancel)
    {
        var looked = await DiscoverAsync(caller, present, trustTold: true, cancel);
        if (looked.Value is not { } discovered)
        {
            return Refused(Refusal.Of(looked.Failure!));
        }

        var outcome = discovered.Taken.SequenceEqual(present.Nodes)
            ? new RegisterOutcome(present)
            : await ChangeAsync(caller, present, DraftOf(present) with { Nodes = discovered.Taken }, cancel);
        return outcome.Instance is { } changed ? outcome with { Warnings = [.. outcome.Warnings, .. NotTaken(changed, discovered)] } : outcome;
    }

    /// <summary>
    /// Says that a node has been replaced at its address, so that it lacks what the others have: it joins anew. Null when it is written down.
    /// </summary>
    public async ValueTask<Refusal?> RejoinAsync(Caller caller, Instance instance, string address, CancellationToken cancel)
    {
        if (!instance.IsPerNode(engines[instance.Engine].Traits) || instance.Nodes.All(node => node.Address != address))
        {
            return new Refusal(RefusalReason.InvalidRequest, $"{address} is no node of {instance.Name} that has accounts of its own.");
        }

        IReadOnlyList<string> joining = [.. instance.Joining.Append(address).Distinct(StringComparer.Ordinal)];
        if (instance.NodesToChange(engines[instance.Engine].Traits).All(node => joining.Contains(node.Address)))
        {
            return new Refusal(RefusalReason.InvalidRequest, "No other node is left that has the passwords.");
        }

        // A revision of its own: nobody uses a session to the node as it was, nor remembers what had been brought there.
        var entry = Entry(caller, instance, "instance.rejoin") with { Detail = address };
        var stored = await instances.ReplaceAsync(instance with { Joining = joining, Revision = instance.Revision + 1 }, entry, cancel);
        await sessions.ForgetAsync(instance.Id);
        return Outcome(instance, stored).Refusal;
    }

    /// <summary>
    /// Changes a registration. Where the change is about the way to the server, it is probed again, with the given admin password or the
    /// stored one, and another server than before is refused. A status can be given to an instance that is down.
    /// </summary>
    public async ValueTask<RegisterOutcome> ChangeAsync(Caller caller, Instance present, InstanceDraft draft, CancellationToken cancel)
    {
        (draft, var unreadable) = await DraftNodes.ResolveAsync(draft, engines, clock, cancel);
        if ((unreadable ?? Refuse(draft, passwordNeeded: draft.Admin != present.Admin)) is { } refusal)
        {
            return new RegisterOutcome(Instance: null, refusal);
        }

        if (draft.Engine != present.Engine)
        {
            return Refused(new Refusal(RefusalReason.InvalidRequest, "The engine of an instance does not change: register the other server as its own instance."));
        }

        return await ToldAsync(caller, draft, "instance.change", present.Id, () => ProbeAndReplaceAsync(caller, present, draft, cancel));
    }

    private async ValueTask<RegisterOutcome> ProbeAndReplaceAsync(Caller caller, Instance present, InstanceDraft draft, CancellationToken cancel)
    {
        var changed = Of(draft, present.Id, present.ProjectId, present.CreatedAt) with { Revision = present.Revision + 1 };
        var admin = await AdminAsync(changed, cancel);
        var seen = (await secrets.ReadAsync(admin.Id, limit: 1, cancel)).Seen;
        var probed = ConcernsServer(draft, present)
            ? await ProbeAgainAsync(caller, present, changed, draft.AdminPassword, cancel)
            : (Servers: new ProbedServers(new ServerInfo { Product = "", Version = present.ServerVersion, Identity = present.ServerIdentity }, []), Refusal: null);
        if (probed.Servers is not { Server: var server, Warnings: var warnings })
        {
            return Refused(probed.Refusal!);
        }

        if (!changed.IsPerNode(engines[draft.Engine].Traits) && !server.Identity.Split(' ').Intersect(present.ServerIdentity.Split(' '), StringComparer.Ordinal).Any())
        {
            return Refused(new Refusal(RefusalReason.Conflict, "That address is another server: register it as its own instance."));
        }

        changed = changed with { ServerIdentity = server.Identity, ServerVersion = server.Version, Joining = Joining(present, changed) };
        if (draft.AdminPassword is not null && await resets.FindUnsettledAsync(admin.Id, cancel) is { IsOpen: true } open)
        {
            return Refused(new Refusal(RefusalReason.Busy, "A reset of the admin login is open: wait for its end.") { ResetId = open.Id });
        }

        // Both or neither: a registration without the password that was proved on its servers would have shut Keyturn out.
        var entry = Entry(caller, changed, "instance.change");
        var stored = draft.AdminPassword is { } given
            ? await instances.ReplaceAsync(changed, new ProvedAdmin(admin, given, seen, Entry(caller, changed, "account.adopt") with { Account = changed.Admin.ToString() }), entry, cancel)
            : await instances.ReplaceAsync(changed, entry, cancel);
        await sessions.ForgetAsync(present.Id);
        return Outcome(changed, await ShownAsync(caller, stored, cancel)) with { Warnings = warnings };
    }

    /// <summary>Forgets an instance with its accounts and passwords. Null when it is gone. Refused while a reset is open.</summary>
    public async ValueTask<Refusal?> RemoveAsync(Caller caller, Instance instance, CancellationToken cancel)
    {
        var removed = await instances.RemoveAsync(instance.Id, Entry(caller, instance, "instance.remove"), cancel);
        await sessions.ForgetAsync(instance.Id);
        return Outcome(instance, removed).Refusal;
    }

    /// <summary>What each node shows of itself now, and what the admin login lacks there. Changes nothing.</summary>
    public async ValueTask<IReadOnlyList<NodeInspection>> InspectAsync(Instance instance, CancellationToken cancel)
    {
        var found = new List<NodeInspection>();
        foreach (var node in instance.Nodes)
        {
            var lent = await sessions.LendAtAsync(instance, node, cancel);
            found.Add(lent.Value is { } session ? await InspectAsync(node, session, cancel) : new NodeInspection(node, lent.Failure!, []));
        }

        return found;
    }

    private async ValueTask<NodeInspection> InspectAsync(Node node, LentSession session, CancellationToken cancel)
    {
        await using (session)
        {
            using var deadline = new Deadline(clock, session.Instance.AnswerLimit, cancel);
            var missing = await session.Session.ReadMissingRightsAsync(deadline.Token);
            return missing.Value is { } rights ? new NodeInspection(node, Answer.Of(session.Session.Server), rights) : new NodeInspection(node, missing.Failure!, []);
        }
    }

    /// <summary>With a row of which servers were asked: they are such as other servers tell of, and the admin login was tried at each.</summary>
    private async ValueTask<Answer<Discovered>> DiscoverAsync(Caller caller, Instance instance, bool trustTold, CancellationToken cancel)
    {
        if (await StoredAdminPasswordAsync(instance, cancel) is not { } password)
        {
            return new Failure(EngineError.Busy, "The admin login's password is not settled: wait for its reset to end.");
        }

        using var tries = new AdminTries();
        var discovered = await new Discovery(engines[instance.Engine], tries, clock).LookAsync(instance, password, trustTold, CancellationToken.None);
        await audit.AppendAsync(Entry(caller, instance, "instance.discover") with { Detail = discovered.ToString() }, CancellationToken.None);
        return Answer.Of(discovered);
    }

    /// <summary>An admin password that was refused is a guess like any other: those who register may try them on every server there is.</summary>
    /// <remarks>Also where something else is told, or all is well at last: one address may be theirs, and let anything in.</remarks>
    private static async ValueTask<Refusal> CountedAsync(GuessLimits.Guess guess, AdminTries tries, Failure failure)
    {
        await (tries.HasRefused ? guess.WasWrongAsync() : ValueTask.CompletedTask);
        return Refusal.Of(failure);
    }

    private static ValueTask CountAsync(GuessLimits.Guess guess, AdminTries tries) => tries.HasRefused ? guess.WasWrongAsync() : guess.WasRightAsync();

    private async ValueTask<(ProbedServers? Servers, Refusal? Refusal)> ProbeAgainAsync(Caller caller, Instance present, Instance changed, Secret? given, CancellationToken cancel)
    {
        if ((given ?? await StoredAdminPasswordAsync(present, cancel)) is not { } password)
        {
            return (null, new Refusal(RefusalReason.Busy, "The admin login's password is not settled: give it, or wait for its reset to end."));
        }

        using var guess = await limits.BeginRegistrationAsync(caller, changed.Nodes, changed.Admin, cancel);
        if (guess.Wait > TimeSpan.Zero)
        {
            return (null, GuessLimits.Refuse(guess));
        }

        using var tries = new AdminTries();
        var probed = await new ServerProbe(engines[changed.Engine], tries, clock).ProbeAsync(changed, password, CancellationToken.None);
        if (probed.Failure is { } failure)
        {
            return (null, await CountedAsync(guess, tries, failure));
        }

        await CountAsync(guess, tries);
        return (probed.Value, null);
    }

    private static bool ConcernsServer(InstanceDraft draft, Instance present) =>
        draft.AdminPassword is not null || draft.Admin != present.Admin || draft.Tls != present.Tls || draft.Send != present.Send
        || draft.IsClone != present.IsClone || !draft.Nodes.SequenceEqual(present.Nodes);

    private Refusal? Refuse(InstanceDraft draft, bool passwordNeeded)
    {
        var violations = InstanceRules.Broken(draft, engines, passwordNeeded).ToList();
        return violations.Count == 0
            ? null
            : new Refusal(RefusalReason.InvalidRequest, string.Join(' ', violations.Select(violation => violation.Sentence))) { Violations = violations };
    }

    /// <summary>
    /// What discovery met and the registration has not. It matters most where accounts live on each node: those keep the passwords that they have.
    /// </summary>
    private IEnumerable<string> NotTaken(Instance instance, Discovered? discovered)
    {
        var others = (discovered?.Nodes ?? []).Where(found => !instance.Nodes.Any(node => node.Address == found.Node.Address));
        var stays = instance.IsPerNode(engines[instance.Engine].Traits) ? " Accounts live on each node: it keeps the passwords that it has." : "";
        return others
            .Select(found => $"{string.Join(", ", found.ToldBy)} {(found.ToldBy.Count == 1 ? "tells" : "tell")} of {found.Node}, which is not registered{(found.Failure is { } failure ? $" and could not be asked ({failure.Detail.TrimEnd('.')})" : "")}.{stays}")
            .Concat(discovered?.Hints ?? []);
    }

    private async ValueTask<Secret?> StoredAdminPasswordAsync(Instance instance, CancellationToken cancel)
    {
        var admin = await instances.FindAccountAsync(instance.Id, instance.Admin, cancel);
        var versions = admin is null ? null : await secrets.ReadAsync(admin.Id, limit: 1, cancel);
        return versions is { Known: { } current } ? current.Password : null;
    }

    private async ValueTask<Account> AdminAsync(Instance instance, CancellationToken cancel) =>
        await instances.FindAccountAsync(instance.Id, instance.Admin, cancel)
        ?? new Account(Guid.CreateVersion7(clock.GetUtcNow()), instance.Id, instance.Admin, ProofMode.Login, clock.GetUtcNow());

    /// <summary>Nodes that joined before and still do, and those that are new, where each has accounts of its own.</summary>
    private List<string> Joining(Instance present, Instance changed)
    {
        var have = present.Nodes.Select(node => node.Address).Except(present.Joining).ToHashSet(StringComparer.Ordinal);
        var lack = changed.Nodes.Select(node => node.Address).Where(address => !have.Contains(address)).ToList();

        // With no node left that has the passwords there is nobody to join: they are the same servers by other names, or all of them are new.
        var traits = engines[changed.Engine].Traits;
        return changed.IsPerNode(traits) && changed.NodesToChange(traits).Any(node => have.Contains(node.Address)) ? lack : [];
    }

    private static InstanceDraft DraftOf(Instance instance) => new()
    {
        Name = instance.Name,
        Engine = instance.Engine,
        Nodes = instance.Nodes,
        Tls = instance.Tls,
        Admin = instance.Admin,
        MainAccount = instance.MainAccount,
        Send = instance.Send,
        Status = instance.Status,
        PasswordPolicy = instance.PasswordPolicy,
        StatementLimit = instance.StatementLimit,
        Tags = instance.Tags,
        Attributes = instance.Attributes,
        IsClone = instance.IsClone,
    };

    private static Instance Of(InstanceDraft draft, Guid id, Guid projectId, DateTimeOffset createdAt) => new()
    {
        Id = id,
        ProjectId = projectId,
        Name = draft.Name,
        Engine = draft.Engine,
        Nodes = draft.Nodes,
        Tls = draft.Tls,
        Admin = draft.Admin,
        MainAccount = draft.MainAccount,
        Send = draft.Send,
        Status = draft.Status,
        PasswordPolicy = draft.PasswordPolicy,
        StatementLimit = draft.StatementLimit,
        Tags = draft.Tags,
        Attributes = draft.Attributes,
        IsClone = draft.IsClone,
        ServerIdentity = "",
        ServerVersion = "",
        CreatedAt = createdAt,
    };

    /// <summary>Whose server it is already is told to who may read that instance.</summary>
    private async ValueTask<RegistrationResult> ShownAsync(Caller caller, RegistrationResult stored, CancellationToken cancel) =>
        stored is { Conflict: RegistrationConflict.ServerTaken, Other: { } name }
        && !(await instances.FindByNameAsync(caller.ProjectId, name, cancel) is { } other && caller.May(new RequestedAction(KeyturnAction.ReadInstance), other))
            ? stored with { Other = null }
            : stored;

    private static RegisterOutcome Outcome(Instance instance, RegistrationResult stored) => stored.Conflict switch
    {
        RegistrationConflict.None => new RegisterOutcome(instance),
        RegistrationConflict.NameTaken => Refused(new Refusal(RefusalReason.Conflict, $"There is an instance {instance.Name} already.")),
        RegistrationConflict.ServerTaken => Refused(new Refusal(RefusalReason.Conflict, $"This server is registered already{(stored.Other is { } other ? $", as {other}" : "")}. A restored copy at another address is registered as a clone.")),
        RegistrationConflict.ResetOpen => Refused(new Refusal(RefusalReason.Busy, "A reset of one of its accounts is open.")),
        RegistrationConflict.AdminChanged => Refused(new Refusal(RefusalReason.Conflict, "The admin login was given another password meanwhile, or Keyturn holds it under another name.")),
        _ => Refused(new Refusal(RefusalReason.Conflict, "The instance was changed or removed meanwhile.")),
    };

    private static AuditEntry Entry(Caller caller, Instance instance, string action) =>
        new() { Caller = caller, Action = action, Outcome = "done", InstanceId = instance.Id, Detail = instance.Name };

    private static RegisterOutcome Refused(Refusal refusal) => new(Instance: null, refusal);
}
