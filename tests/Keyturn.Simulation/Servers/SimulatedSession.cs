using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Simulation.Servers;

/// <summary>An admin session, as its client sees it.</summary>
internal class SimulatedSession(World world, KeyturnNode client, SimulatedServer server, ServerSide side) : IAdminSession
{
    private bool _isBroken;

    public ServerSession Session => side.Name;

    public ServerInfo Server { get; } = new() { Product = "Simulated", Version = "1", Identity = server.Name };

    /// <summary>A client does not see at once that the other end is gone.</summary>
    public bool IsUsable => !_isBroken && !side.IsDeserted;

    public async ValueTask<Answer<Inspection>> InspectAsync(AccountName account, CancellationToken cancel)
    {
        if (!IsUsable)
        {
            return ServerAnswers.Lost;
        }

        return await AskAsync<Answer<Inspection>>(Point.Inspect, ServerAnswers.TooLate, ServerAnswers.Lost, () =>
        {
            IReadOnlyList<AccountRow> rows = server.PasswordOf(account.User) is null ? [] : [new AccountRow { Name = account, Method = "password" }];
            return Answer.Of(new Inspection { Rows = rows, MayChangePassword = true, CanReadBack = !world.HidesVerifiers });
        }, cancel);
    }

    public ValueTask<Answer<IReadOnlyList<MissingRight>>> ReadMissingRightsAsync(CancellationToken cancel) =>
        ValueTask.FromResult(Answer.Of<IReadOnlyList<MissingRight>>([]));

    public ValueTask<ChangeResult> SetPasswordAsync(PasswordChange change, CancellationToken cancel) =>
        SendAsync(new Statement(change.Account.User, change.Password.Reveal()), cancel);

    protected async ValueTask<ChangeResult> SendAsync(Statement statement, CancellationToken cancel)
    {
        if (!IsUsable)
        {
            return ChangeResult.NotSent(ServerAnswers.Lost.Error, ServerAnswers.Lost.Detail);
        }

        await client.PassAsync(Point.SetPassword, Stage.Before);
        var answer = new TaskCompletionSource<ChangeResult>();
        await using var limit = cancel.UnsafeRegister(_ => answer.TrySetResult(Unknown(ServerAnswers.TooLate)), null);
        world.Time.After(world.Time.Latency(), () => Arrive(statement, answer));
        var result = await answer.Task;
        await client.PassAsync(Point.SetPassword, Stage.After);
        _isBroken |= result.Change == Change.Unknown;
        return result;
    }

    public async ValueTask<Readback> ReadBackAsync(AccountName account, Secret password, CancellationToken cancel)
    {
        var (late, lost) = (new Readback(ReadbackVerdict.Unreadable, ServerAnswers.TooLate), new Readback(ReadbackVerdict.Unreadable, ServerAnswers.Lost));
        return !IsUsable ? lost : await AskAsync(Point.ReadBack, late, lost, () => Compare(account.User, password.Reveal()), cancel);
    }

    public async ValueTask<SessionEndResult> EndSessionAsync(ServerSession session, CancellationToken cancel)
    {
        if (world.Broken == Mutation.SessionsNotEnded)
        {
            return new SessionEndResult(SessionEnd.Gone);
        }

        var (late, lost) = (new SessionEndResult(SessionEnd.NotProved, ServerAnswers.TooLate), new SessionEndResult(SessionEnd.NotProved, ServerAnswers.Lost));
        return !IsUsable ? lost : await AskAsync(Point.EndSession, late, lost, () => End(session), cancel);
    }

    public ValueTask<Answer<IReadOnlyList<AccountRow>>> ListAccountsAsync(CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<ChangeResult> DropAccountAsync(AccountName account, CancellationToken cancel) => throw new NotSupportedException();

    /// <summary>Closing a socket does not end a session that is at work.</summary>
    public ValueTask DisposeAsync()
    {
        _isBroken = true;
        if (!side.IsOver)
        {
            server.Desert(side);
        }

        return ValueTask.CompletedTask;
    }

    protected async Task<T> AskAsync<T>(Point point, T late, T lost, Func<T> atServer, CancellationToken cancel)
    {
        var result = await new ServerLink(world, client, server).AskAsync(point, late, lost, () => side.IsOver ? lost : atServer(), cancel);
        _isBroken |= ReferenceEquals(result, late) || ReferenceEquals(result, lost) || cancel.IsCancellationRequested || side.IsOver;
        return result;
    }

    private static ChangeResult Unknown(Failure failure) => ChangeResult.Unknown(failure.Error, failure.Detail);

    private void Arrive(Statement statement, TaskCompletionSource<ChangeResult> answer)
    {
        var fate = server.Fates.TryDequeue(out var next) ? next : ChangeFate.Apply;
        if (side.IsOver || fate == ChangeFate.LoseRequest)
        {
            world.Coverage.Count(Seen.ChangesLost, fate == ChangeFate.LoseRequest);
            server.Desert(side);
            Reply(answer, Unknown(ServerAnswers.Lost));
        }
        else if (fate is ChangeFate.Refuse or ChangeFate.RefuseForNow)
        {
            world.Coverage.Count(Seen.ChangesRefused);
            Reply(answer, ChangeResult.Refused(fate == ChangeFate.Refuse ? EngineError.PasswordRefusedByServer : EngineError.Busy, "No."));
        }
        else
        {
            side.UnderWay++;
            world.Time.After(fate == ChangeFate.LandLate ? server.LateBy : world.Time.Latency(), () => Land(statement, answer, fate));
        }
    }

    private void Land(Statement statement, TaskCompletionSource<ChangeResult> answer, ChangeFate fate)
    {
        side.UnderWay--;
        if (side.IsOver)
        {
            world.Coverage.Count(Seen.StatementsEndedWithTheirSession);
            Reply(answer, Unknown(ServerAnswers.Lost));
            return;
        }

        world.Coverage.Count(Seen.StatementsLandedLate, fate == ChangeFate.LandLate);
        world.Coverage.Count(Seen.StatementsLandedAfterTheirClient, side.IsDeserted);
        server.Land(side, statement);
        client.Pass(Point.SetPassword, Stage.Landed);
        if (side.IsDeserted || fate == ChangeFate.LoseAnswer)
        {
            world.Coverage.Count(Seen.AnswersLostAfterTheChangeLanded);
            server.Desert(side);
            Reply(answer, Unknown(ServerAnswers.Lost));
        }
        else if (server.Kind == ServerKind.Majority)
        {
            Replicate(statement.User, statement.Password, answer);
        }
        else
        {
            Reply(answer, ChangeResult.Applied);
        }
    }

    private void Replicate(string user, string password, TaskCompletionSource<ChangeResult> answer)
    {
        var start = server.StartName;
        var delay = server.NoMajorityUntil > world.Time.Now ? server.NoMajorityUntil - world.Time.Now : world.Time.Latency();
        world.Time.After(delay, () =>
        {
            if (start == server.StartName)
            {
                server.Confirm(user, password);
                Reply(answer, ChangeResult.Applied);
            }
            else
            {
                Reply(answer, Unknown(ServerAnswers.Lost));
            }
        });
    }

    private void Reply(TaskCompletionSource<ChangeResult> answer, ChangeResult result) =>
        world.Time.After(world.Time.Latency(), () => answer.TrySetResult(result));

    private Readback Compare(string user, string password)
    {
        if (world.HidesVerifiers)
        {
            return new Readback(ReadbackVerdict.Unreadable, new Failure(EngineError.AdminLacksPrivilege, "Verifiers are hidden."));
        }

        if (server.PasswordOf(user) != password)
        {
            return new Readback(server.KeptOf(user) == password ? ReadbackVerdict.Mixed : ReadbackVerdict.Differs);
        }

        if (server.KeptOf(user) is not null)
        {
            return new Readback(ReadbackVerdict.Mixed);
        }

        world.Judge.Showed(server, user, password);
        return new Readback(ReadbackVerdict.Matches);
    }

    private SessionEndResult End(ServerSession session)
    {
        if (world.Time.Now < server.EndsNoSessionsUntil)
        {
            world.Coverage.Count(Seen.SessionsNotShownToBeOver);
            return new SessionEndResult(SessionEnd.NotProved, new Failure(server.EndsNoSessionsForLackOfRight ? EngineError.AdminLacksPrivilege : EngineError.Busy, "Not shown to be over."));
        }

        if (server.Find(session) is { } found)
        {
            world.Coverage.Count(Seen.SessionsEnded);
            server.End(found);
        }

        return new SessionEndResult(SessionEnd.Gone);
    }
}

/// <summary>On servers that can let an old password in beside the new one.</summary>
internal class KeepingSession(World world, KeyturnNode client, SimulatedServer server, ServerSide side)
    : SimulatedSession(world, client, server, side), IKeepsOldPassword
{
    private static readonly Held Late = new(null, null);
    private static readonly Held Lost = new(null, null);

    private readonly World _world = world;
    private readonly SimulatedServer _server = server;

    private sealed record Held(string? Password, string? Kept);

    public async ValueTask<ChangeResult> SetPasswordAsync(PasswordChange change, Secret old, CancellationToken cancel)
    {
        var (user, password) = (change.Account.User, change.Password.Reveal());
        var held = await ReadAsync(user, cancel);
        return held.Password is null ? NotSent
            : held.Password == old.Reveal() || _world.Broken == Mutation.RetainedTwice ? await SendAsync(new Statement(user, password, OldOne.IsRetained), cancel)
            : held.Password != password ? ChangeResult.Refused(EngineError.WrongPassword, "Neither is in force.")
            : held.Kept is null || held.Kept == old.Reveal() ? ChangeResult.Applied
            : await SendAsync(new Statement(user, password, OldOne.IsDiscarded), cancel);
    }

    public async ValueTask<ChangeResult> DiscardOldPasswordAsync(AccountName account, Secret password, Secret? old, CancellationToken cancel)
    {
        var held = await ReadAsync(account.User, cancel);
        return held.Password is null ? NotSent
            : held.Password == password.Reveal() ? await SendAsync(new Statement(account.User, held.Password, OldOne.IsDiscarded), cancel)
            : ChangeResult.Refused(EngineError.WrongPassword, "It is not in force.");
    }

    public async ValueTask<Readback> ReadBackAsync(AccountName account, Secret password, Secret old, CancellationToken cancel)
    {
        var held = await ReadAsync(account.User, cancel);
        return held.Password is null ? new Readback(ReadbackVerdict.Unreadable, ServerAnswers.Lost)
            : new Readback(held == new Held(password.Reveal(), old.Reveal()) ? ReadbackVerdict.Matches : ReadbackVerdict.Differs);
    }

    private static ChangeResult NotSent => ChangeResult.NotSent(ServerAnswers.Lost.Error, ServerAnswers.Lost.Detail);

    private async Task<Held> ReadAsync(string user, CancellationToken cancel) =>
        IsUsable ? await AskAsync(Point.ReadBack, Late, Lost, () => new Held(_server.PasswordOf(user), _server.KeptOf(user)), cancel) : Lost;
}

/// <summary>On servers that keep accounts in memory until they are told to write them out.</summary>
internal sealed class PersistingSession(World world, KeyturnNode client, SimulatedServer server, ServerSide side)
    : KeepingSession(world, client, server, side), IPersistsAccounts
{
    private readonly World _world = world;
    private readonly SimulatedServer _server = server;

    public async ValueTask<ChangeResult> PersistAsync(CancellationToken cancel)
    {
        if (!IsUsable)
        {
            return ChangeResult.NotSent(ServerAnswers.Lost.Error, ServerAnswers.Lost.Detail);
        }

        var late = ChangeResult.Unknown(ServerAnswers.TooLate.Error, ServerAnswers.TooLate.Detail);
        var lost = ChangeResult.Unknown(ServerAnswers.Lost.Error, ServerAnswers.Lost.Detail);
        return await AskAsync(Point.Persist, late, lost, () =>
        {
            if (_world.Broken != Mutation.NotWrittenOut)
            {
                _server.WriteOut();
            }

            return ChangeResult.Applied;
        }, cancel);
    }
}
