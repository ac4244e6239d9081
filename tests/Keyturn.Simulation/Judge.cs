using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Simulation.Servers;

namespace Keyturn.Simulation;

/// <summary>The promises, by name.</summary>
internal enum Promise
{
    /// <summary>The password that a server has is one that Keyturn holds, durably; the current one, where nothing is open.</summary>
    NoPasswordIsLost,

    /// <summary>Done is in force, durable and proved on every node; what was told as unchanged never changes.</summary>
    NoAnswerLies,

    /// <summary>At most one reset of an account is open.</summary>
    OneOpenReset,

    /// <summary>Every reset ends, or is parked with a reason, and every caller gets an answer, once servers are up.</summary>
    EveryResetEnds,

    /// <summary>One request, one key: one new password at most.</summary>
    NothingRotatesTwice,

    /// <summary>An old password is valid only where a reset was to leave it so, and it is the one that was current before.</summary>
    NoOldPasswordStays,

    /// <summary>A password that is read is accepted.</summary>
    NoReadLies,

    /// <summary>After prepare nothing escapes as an exception, and nowhere does a bug.</summary>
    NothingEscapes,
}

/// <summary>A promise that was broken.</summary>
internal sealed record Violation(Promise Promise, string Text)
{
    public override string ToString() => $"{Promise}: {Text}";
}

/// <summary>Sees everything, on both sides, and says when a promise is broken.</summary>
internal sealed class Judge(World world)
{
    private readonly Dictionary<(string Server, string Id, string Start), Guid> _senders = [];
    private readonly Dictionary<(string Server, string User), Guid?> _setBy = [];
    private readonly HashSet<Guid> _toldUnchanged = [];
    private readonly Dictionary<string, Guid> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, KeyturnNode> _workers = [];
    private readonly Dictionary<string, string> _aliases = new(StringComparer.Ordinal);
    private readonly HashSet<Guid> _told = [];

    public Violation? Violation { get; private set; }

    /// <summary>A name for a password, the same in every run.</summary>
    public string Alias(string password)
    {
        if (!_aliases.TryGetValue(password, out var alias))
        {
            _aliases[password] = alias = $"password {_aliases.Count + 1}";
        }

        return alias;
    }

    public void Break(Promise promise, string text)
    {
        Violation ??= new Violation(promise, text);
        world.Time.Say("judge", $"{promise}: {text}");
    }

    /// <summary>Looks at what must hold at every moment.</summary>
    public void Look()
    {
        var tables = world.Store.Visible;
        foreach (var account in tables.Accounts)
        {
            var (open, parked) = tables.CountUnsettled(account.Id);
            if (open > 1)
            {
                Break(Promise.OneOpenReset, $"{account.Name} has {open}.");
            }

            if (open + parked == 0)
            {
                LookAtSettled(account);
            }
        }
    }

    /// <summary>These sessions will send for this reset.</summary>
    public void Sends(IReadOnlyList<NodeProgress> nodes, Guid resetId)
    {
        foreach (var node in nodes)
        {
            _senders[(node.Node.Host, node.Session.Id, node.Session.Start)] = resetId;
        }
    }

    public void Prepared(ClientCall? call, ResetIntent intent, KeyturnNode node)
    {
        _workers[intent.ResetId] = node;
        call?.Prepared.Add(intent.ResetId);
        if (call?.Prepared.Count > 1)
        {
            Break(Promise.NothingRotatesTwice, $"{call.Name} made two resets.");
        }

        if (call?.Key is { } key)
        {
            LookAtKey($"{call.User} {key} {call.Password?.Reveal()}", intent.ResetId);
        }

        world.Coverage.Count(Seen.ParkedAndReplaced, intent.Replaces is not null);
    }

    public void TookOver(Guid resetId, KeyturnNode node)
    {
        world.Coverage.Count(Seen.TakeOvers);
        world.Coverage.Count(Seen.TakeOversFromTheLiving, _workers.TryGetValue(resetId, out var before) && before != node && !before.IsDead);
        _workers[resetId] = node;
    }

    public void Landed(SimulatedServer server, ServerSide session, string user, string password)
    {
        Guid? resetId = _senders.TryGetValue((server.Name, session.Name.Id, session.Name.Start), out var sender) ? sender : null;
        _setBy[(server.Name, user)] = resetId;
        if (resetId is { } id && _toldUnchanged.Contains(id))
        {
            Break(Promise.NoAnswerLies, $"A caller was told that {Alias(password)} of {user} was not set and never would be, and {server.Name} has it now.");
        }

        var account = world.Store.Durable.FindAccount(new AccountName(user));
        if (account is null || !world.Store.Durable.Secrets.Any(row => row.AccountId == account.Id && row.Secret.Password.Reveal() == password))
        {
            Break(Promise.NoPasswordIsLost, $"{server.Name} has {Alias(password)} of {user}, which Keyturn would not hold if its store's machine failed now.");
        }

        Look();
    }

    /// <summary>A server has forgotten a change that was not durable: what it has again was set before.</summary>
    public void TakenBack(SimulatedServer server, string user) => _setBy[(server.Name, user)] = null;

    /// <summary>A server showed its verifier: proof only of what it would accept.</summary>
    public void Showed(SimulatedServer server, string user, string password) =>
        world.Time.Say(server.Name, $"shows that {user} has {Alias(password)}");

    /// <summary>A worker has written an end.</summary>
    public void Finished(ResetEnd end, KeyturnNode node)
    {
        var row = world.Store.Visible.Find(end.ResetId)!;
        world.Time.Say(node.Name, $"{row.Record.Account.Name}: {end.State} {end.Cause?.Error}");
        var isRecovery = row.Record.Attempts > 0;
        world.Coverage.Count(Seen.EndedByRecoveryDone, isRecovery && end.State == ResetState.Done);
        world.Coverage.Count(Seen.EndedByRecoveryFailed, isRecovery && end.State == ResetState.Failed);
        world.Coverage.Count(Seen.Parked, end.State == ResetState.Parked);
        if (end.State == ResetState.Parked && end.Cause is null)
        {
            Break(Promise.EveryResetEnds, "A reset was parked without a reason.");
        }

        if (end.State == ResetState.Done)
        {
            LookAtProof(row.Record);
        }
    }

    public void Answered(ClientCall call, ResetOutcome outcome)
    {
        world.Time.Say(call.Name, $"is told {(outcome.Refusal is { } refusal ? $"refused: {refusal.Reason} {refusal.Error}" : $"{outcome.Reset!.State} {outcome.Reset.Cause?.Error}")}");
        if (outcome.Refusal is not null)
        {
            world.Coverage.Count(outcome.Refusal.Reason == RefusalReason.Busy ? Seen.AnswersBusy : Seen.AnswersRefused);
            call.Prepared.ForEach(resetId => ToldUnchanged(resetId, call));
        }
        else
        {
            Answered(call, outcome.Reset!, outcome.Password);
        }

        if (call.MustSucceed && outcome is not { Reset.State: ResetState.Done, Password: not null })
        {
            Break(Promise.EveryResetEnds, $"All is well, and a reset of {call.User} is {outcome.Refusal?.Detail ?? outcome.Reset!.State.ToString()} {outcome.Reset?.Cause}");
        }
    }

    public void Served(ClientCall call, RevealOutcome outcome)
    {
        world.Coverage.Count(outcome.Refusal is null ? Seen.PasswordsRead : Seen.ReadsRefused);
        foreach (var version in outcome.Versions.Where(version => !HadEverywhere(call, version.Password.Reveal())))
        {
            Break(Promise.NoReadLies, $"{call.Name} was served {Alias(version.Password.Reveal())} of {call.User}, which not every server had while it was asked for.");
        }

        if (call.MustSucceed && outcome.Refusal is not null)
        {
            Break(Promise.EveryResetEnds, $"All is well, and the password of {call.User} is not served: {outcome.Refusal.Detail}");
        }
    }

    private void Answered(ClientCall call, ResetRecord reset, Secret? password)
    {
        world.Coverage.Count(reset.State switch
        {
            ResetState.Done => Seen.AnswersDone,
            ResetState.Failed => Seen.AnswersFailed,
            ResetState.Parked => Seen.AnswersParked,
            _ => Seen.AnswersUndecided,
        });
        world.Coverage.Count(Seen.SameOutcomeForTwoCalls, !_told.Add(reset.Id));
        if (reset.State == ResetState.Failed)
        {
            ToldUnchanged(reset.Id, call);
        }

        if (password is not null && reset.State != ResetState.Done)
        {
            Break(Promise.NoAnswerLies, $"{call.Name} was given the password of a reset that is {reset.State}.");
        }

        if (password is not null && call.Password is { } wished && !wished.Equals(password))
        {
            Break(Promise.NoAnswerLies, $"{call.Name} was told of another password than it wished for.");
        }

        if (password is not null && !HadEverywhere(call, password.Reveal()))
        {
            Break(Promise.NoAnswerLies, $"{call.Name} was told that {Alias(password.Reveal())} of {call.User} works, which not every server had while it was asked for.");
        }
    }

    private void ToldUnchanged(Guid resetId, ClientCall call)
    {
        _toldUnchanged.Add(resetId);
        foreach (var server in world.Servers.Where(server => _setBy.GetValueOrDefault((server.Name, call.User)) == resetId))
        {
            Break(Promise.NoAnswerLies, $"{call.Name} was told that nothing has changed, and {server.Name} has its password of {call.User}.");
        }
    }

    private bool HadEverywhere(ClientCall call, string password) => world.Servers.All(server => server.HadSince(call.Begun, call.User, password));

    /// <summary>One that was lost with the store's machine, before anything was sent, has made nothing.</summary>
    private void LookAtKey(string key, Guid resetId)
    {
        if (_keys.TryGetValue(key, out var earlier) && world.Store.Visible.Find(earlier) is not null)
        {
            Break(Promise.NothingRotatesTwice, $"The key of {key} made two resets.");
        }

        _keys[key] = resetId;
    }

    private void LookAtSettled(Account account)
    {
        if (world.Store.Visible.Current(account.Id)?.Password.Reveal() is not { } current)
        {
            return;
        }

        var old = account.Old is { } kept ? world.Store.Visible.Secrets.First(row => row.AccountId == account.Id && row.Secret.Version == kept.Version).Secret.Password.Reveal() : null;
        foreach (var server in world.Servers)
        {
            if (server.KeptOf(account.Name.User) is { } valid && valid != old)
            {
                Break(Promise.NoOldPasswordStays, $"No reset of {account.Name} is open, and {server.Name} lets {Alias(valid)} in too, {(old is null ? "which nobody is going to discard" : $"where {Alias(old)} was to stay")}.");
            }

            if (server.PasswordOf(account.Name.User) == current)
            {
                continue;
            }

            Break(Promise.NoPasswordIsLost, $"No reset of {account.Name} is open, {Alias(current)} is the current one, and {server.Name} has {Alias(server.PasswordOf(account.Name.User)!)}.");
        }
    }

    private void LookAtProof(ResetRecord reset)
    {
        var user = reset.Account.Name.User;
        var password = world.Store.Visible.Secrets.First(row => row.AccountId == reset.Account.Id && row.Secret.Version == reset.Version).Secret.Password.Reveal();
        world.Coverage.Count(Seen.OldOnesKept, reset.OldKeptUntil is not null);
        world.Coverage.Count(Seen.OldOnesDiscarded, reset.Kind == ResetKind.DiscardOld);
        foreach (var server in world.Servers)
        {
            if (server.PasswordOf(user) != password || !server.IsDurable(user))
            {
                Break(Promise.NoAnswerLies, $"A reset of {user} is called done, and {server.Name} {(server.PasswordOf(user) != password ? "has another password" : "would lose it by a restart")}.");
            }
            else if (server.ProvedOf(user) != password && reset.Kind != ResetKind.DiscardOld)
            {
                Break(Promise.NoAnswerLies, $"A reset of {user} is called done, and {server.Name} has accepted no login since the change.");
            }
        }
    }
}
