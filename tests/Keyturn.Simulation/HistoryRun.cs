using Keyturn.Checks;
using Keyturn.Engines;
using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Simulation.Servers;
using Keyturn.Simulation.Store;

namespace Keyturn.Simulation;

/// <summary>What one history came to.</summary>
/// <param name="Violation">The first promise that was broken; null if all were kept.</param>
/// <param name="Fingerprint">Of everything that happened.</param>
internal sealed record RunResult(Violation? Violation, ulong Fingerprint);

/// <summary>
/// Runs one history: its steps, then peace (everything is up, clocks are right), in which all that is open has to end; then every account
/// is verified, reset once more and read.
/// </summary>
internal sealed class HistoryRun
{
    private static readonly TimeSpan Peace = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(5);
    private const int MostSteps = 400_000;

    private readonly World _world;
    private readonly History _history;
    private readonly List<ClientCall> _calls = [];

    private HistoryRun(World world, History history) => (_world, _history) = (world, history);

    public static RunResult Run(History history, Mutation broken, Coverage coverage, List<string>? trace = null)
    {
        var world = new World(history, broken, coverage, trace);
        new HistoryRun(world, history).Run();
        coverage.CountHistory(world.Time.Steps);
        return new RunResult(world.Judge.Violation, world.Time.Fingerprint);
    }

    private void Run()
    {
        foreach (var step in _history.Steps)
        {
            _world.Time.After(TimeSpan.FromMilliseconds(step.At), () => Begin(step));
        }

        var end = _history.Steps.Select(step => TimeSpan.FromMilliseconds(step.At) + step.Duration).DefaultIfEmpty().Max();
        _world.Time.Run(end, IsBroken);
        MakePeace();
        RunToTheEnd("once all servers were up");
        foreach (var user in _world.Users)
        {
            Call("verify", user, 0, VerifyAsync);
            RunToTheEnd("of a verify");
            Call("reset", user, 0, ResetAsync, mustSucceed: true);
            RunToTheEnd("of a last reset");
            Call("read", user, 0, ReadAsync, mustSucceed: true);
            RunToTheEnd("of a last read");
        }
    }

    private bool IsBroken()
    {
        if (_world.Time.HasEscaped)
        {
            _world.Judge.Break(Promise.NothingEscapes, "Work has escaped the scheduler: it runs on another thread.");
        }

        return _world.Judge.Violation is not null || _world.Time.Steps > MostSteps;
    }

    private void RunToTheEnd(string when)
    {
        if (IsBroken())
        {
            return;
        }

        _world.Time.Run(_world.Time.Now + Peace, () => IsBroken() || IsQuiet());
        if (_world.Judge.Violation is null && !IsQuiet())
        {
            var open = _world.Store.Visible.Resets.Count(row => row.Record.IsOpen);
            _world.Judge.Break(Promise.EveryResetEnds, $"{open} resets were open, and {_calls.Count(call => !call.IsOver)} callers without an answer, {Peace.TotalMinutes} minutes {when}.");
        }
    }

    private bool IsQuiet() => _calls.TrueForAll(call => call.IsOver || call.Node.IsDead) && !_world.Store.Visible.Resets.Any(row => row.Record.IsOpen);

    private void MakePeace()
    {
        foreach (var server in _world.Servers)
        {
            server.Fates.Clear();
            server.Logins.Clear();
            (server.DownUntil, server.EndsNoSessionsUntil, server.NoMajorityUntil) = (default, default, default);
        }

        _world.Time.IsCalm = true;
        _world.Store.Fates.Clear();
        (_world.Store.DownUntil, _world.Store.RefusesWritesUntil, _world.Store.ClockOffset) = (default, default, default);
        foreach (var (index, node) in _world.Nodes.ToList().Index())
        {
            if (node.IsDead)
            {
                _world.Revive(index, node);
            }

            _world.Nodes[index].Disarm();
            _world.Nodes[index].Clock.Offset = TimeSpan.Zero;
        }

        _world.Time.Say("world", "peace");
    }

    private void Begin(Step step)
    {
        if (step.Boundary > 0 && !_world.Nodes[step.Node].IsDead)
        {
            _world.Nodes[step.Node].Arm(step.Boundary, () => Do(step));
        }
        else
        {
            Do(step);
        }
    }

    private void Do(Step step)
    {
        _world.Time.Say("world", step.Act.ToString());
        var user = _world.Users.ElementAt(step.A % _world.Users.Count());
        var server = _world.Servers[step.A % _world.Servers.Count];
        var node = _world.Nodes[step.Node];
        switch (step.Act)
        {
            case Act.Reset or Act.ResetTo:
                Call("reset", user, step.Node, ResetAsync, password: step.Act == Act.Reset ? null : $"Given-{step.B % 3}-password", key: (step.B / 3 % 4) switch { 0 => "key-0", 1 => "key-1", _ => null }, keepOldFor: step.B / 12 == 1 ? Overlap : null);
                break;
            case Act.Read:
                Call("read", user, step.Node, ReadAsync);
                break;
            case Act.Verify:
                Call("verify", user, step.Node, VerifyAsync);
                break;
            case Act.Adopt:
                Call("adopt", user, step.Node, AdoptAsync, password: server.PasswordOf(user));
                break;
            case Act.HangUp:
                HangUp(node);
                break;
            case Act.Crash:
                Kill(step);
                break;
            case Act.Pause:
                Pause(node, step.Duration);
                break;
            case Act.ClockJump:
                _world.Coverage.Count(Seen.ClockJumps);
                node.Clock.Offset += step.A % 2 == 1 ? -step.Duration : step.Duration;
                break;
            default:
                Harm(step, server);
                break;
        }
    }

    private void Harm(Step step, SimulatedServer server)
    {
        var until = _world.Time.Now + step.Duration;
        switch (step.Act)
        {
            case Act.ServerRestart:
                _world.Coverage.Count(Seen.ServersRestarted);
                server.Restart(step.Duration);
                break;
            case Act.Cut:
                _world.Coverage.Count(Seen.ConnectionsCut);
                server.Cut();
                break;
            case Act.ChangeFate:
                server.Fates.Enqueue((ChangeFate)(1 + (step.B % 5)));
                server.LateBy = step.Duration;
                break;
            case Act.OddLogin:
                server.Logins.Enqueue(OddLogins[step.B % OddLogins.Length]);
                break;
            case Act.NoSessionEnds:
                server.EndsNoSessionsUntil = until;
                server.EndsNoSessionsForLackOfRight = step.A > 2;
                break;
            case Act.NoMajority:
                server.NoMajorityUntil = until;
                break;
            case Act.StoreFailOver:
                _world.Store.FailOver(step.Duration);
                if (!_world.IsShared)
                {
                    Kill(step);
                }

                break;
            case Act.StoreAway:
                _world.Store.DownUntil = until;
                break;
            case Act.StoreRefuses:
                _world.Store.RefusesWritesUntil = until;
                break;
            case Act.WriteFate:
                _world.Store.Fates.Enqueue((WriteFate)(1 + (step.B % 4)));
                break;
            case Act.StoreClockJump:
                _world.Coverage.Count(Seen.ClockJumps);
                _world.Store.ClockOffset += step.Duration;
                break;
        }
    }

    private static readonly LoginResult[] OddLogins =
    [
        new(Login.Unreachable, ServerAnswers.Away),
        new(Login.NoVerdict, new Failure(EngineError.MethodNotSpoken, "No verdict.")),
        new(Login.NotChecked),
        new(Login.Refused, new Failure(EngineError.ConnectionLimit, "Too many connections.")),
    ];

    private void Kill(Step step)
    {
        var died = _calls.Count(call => call.Node == _world.Nodes[step.Node] && !call.IsOver && !call.Node.IsDead);
        for (var call = 0; call < died; call++)
        {
            _world.Coverage.Count(Seen.CallsThatDiedWithTheirProcess);
        }

        _world.Kill(step.Node, step.Duration);
    }

    private void Pause(KeyturnNode node, TimeSpan duration)
    {
        _world.Coverage.Count(Seen.Pauses);
        node.Pause();
        _world.Time.After(duration, node.GoOn);
    }

    private void HangUp(KeyturnNode node)
    {
        if (_calls.FindLast(call => call.Node == node && !call.IsOver && !call.HangsUp.IsCancellationRequested) is { } call)
        {
            _world.Time.Say(call.Name, "hangs up");
            node.HangUp(call);
        }
    }

    private void Call(string what, string user, int index, Func<ClientCall, Task> work, string? password = null, string? key = null, TimeSpan? keepOldFor = null, bool mustSucceed = false)
    {
        var node = _world.Nodes[index];
        if (node.IsDead)
        {
            _world.Coverage.Count(Seen.CallsWithoutAProcess);
            return;
        }

        var call = new ClientCall($"{what} {_calls.Count + 1}", node, user, _world.Time.Now)
        {
            Password = password is null ? null : new Secret(password),
            Key = key,
            KeepOldFor = keepOldFor,
            MustSucceed = mustSucceed,
        };
        _world.Time.Say(call.Name, $"asks {node.Name} for {user}{(password is null ? "" : $" with {_world.Judge.Alias(password)}")}{(key is null ? "" : $" under {key}")}{(keepOldFor is null ? "" : ", the old one to stay")}");
        _calls.Add(call);
        node.Serve(call, work);
    }

    private Task ResetAsync(ClientCall call) => GuardAsync(call, async () =>
    {
        var request = new ResetRequest(World.Caller, _world.Instance, new(call.User), call.MustSucceed ? "simulation.last" : "simulation.reset") { Password = call.Password, IdempotencyKey = call.Key, KeepOldFor = call.KeepOldFor };
        var outcome = await call.Node.Resetter.RunAsync(request, call.HangsUp.Token);
        if (!call.HangsUp.IsCancellationRequested)
        {
            _world.Judge.Answered(call, outcome);
        }
    });

    private Task ReadAsync(ClientCall call) => GuardAsync(call, async () =>
        _world.Judge.Served(call, await call.Node.Reader.RevealAsync(World.Caller, _world.Instance, new(call.User), call.HangsUp.Token)));

    private Task VerifyAsync(ClientCall call) => GuardAsync(call, async () =>
    {
        var outcome = await call.Node.Verifier.VerifyAsync(World.Caller, _world.Instance, new(call.User), call.HangsUp.Token);
        _world.Time.Say(call.Name, $"is told {outcome.Verdict?.ToString() ?? outcome.Refusal!.Reason.ToString()}");
        _world.Coverage.Count(Seen.Verified, outcome.Verdict == Verdict.Verified);
        if (outcome.Verdict == Verdict.Drifted)
        {
            _world.Judge.Break(Promise.NoPasswordIsLost, $"{call.Name} was told that {call.User} has drifted, and nobody but Keyturn changes passwords here.");
        }
    });

    private Task AdoptAsync(ClientCall call) => GuardAsync(call, async () =>
    {
        var outcome = await call.Node.Adopter.AdoptAsync(World.Caller, _world.Instance, new(call.User), call.Password!, proof: null, call.HangsUp.Token);
        _world.Time.Say(call.Name, $"is told {outcome.Refusal?.Reason.ToString() ?? "adopted"}");
        _world.Coverage.Count(outcome.Refusal is null ? Seen.Adopted : Seen.NotAdopted);
    });

    private async Task GuardAsync(ClientCall call, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (OperationCanceledException) when (call.HangsUp.IsCancellationRequested)
        {
            _world.Coverage.Count(Seen.CallersHungUp);
        }
        catch (StoreFault) when (call.Prepared.Count == 0)
        {
            _world.Coverage.Count(Seen.CallsEndedByTheStore);
        }
        catch (Exception error)
        {
            _world.Judge.Break(Promise.NothingEscapes, $"{call.Name}: {error}");
        }
    }
}
