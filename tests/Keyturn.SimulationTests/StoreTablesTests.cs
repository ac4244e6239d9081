using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Simulation;
using Keyturn.Simulation.Store;
using Keyturn.Storage.Sealing;

namespace Keyturn.SimulationTests;

/// <summary>The simulated store keeps to the rules of the real one: the same transactions on both, in any order, come to the same.</summary>
public sealed class StoreTablesTests
{
    private const int Sequences = 60;
    private const int Transactions = 60;

    [Fact]
    public async Task Transactions_OnTheRealStoreAndOnTheSimulatedOne_ComeToTheSame()
    {
        for (ulong seed = 1; seed <= Sequences; seed++)
        {
            await using var both = await BothStores.CreateAsync(seed);
            for (var number = 0; number < Transactions; number++)
            {
                var (what, real, simulated) = await both.NextAsync();
                simulated.ShouldBe(real, $"seed {seed}, transaction {number}: {what}");
            }
        }
    }

    private sealed class StoppedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = Timeline.Start;

        public override DateTimeOffset GetUtcNow() => Now;
    }

    private sealed class BothStores : IAsyncDisposable
    {
        private static readonly AccountName Admin = new("admin");
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyturn-both-");
        private readonly StoppedClock _clock = new();
        private readonly Dice _dice;
        private readonly Caller _caller = new(Guid.NewGuid(), "tester", Guid.NewGuid(), "local", "-");
        private readonly Instance _instance;
        private readonly List<Account> _accounts;
        private readonly List<Guid> _resets = [Guid.NewGuid()];
        private readonly StoreTables _tables;
        private Storage.Store _store = null!;

        private BothStores(ulong seed)
        {
            _dice = new Dice(seed);
            _instance = new Instance
            {
                Id = Guid.NewGuid(),
                ProjectId = _caller.ProjectId,
                Name = "both",
                Engine = "simulated",
                Nodes = [new Node("server1", 1)],
                Tls = new TlsSettings(),
                Admin = Admin,
                ServerIdentity = "both",
                ServerVersion = "1",
                CreatedAt = _clock.Now,
            };

            // The last one has the name of the first: somebody else's id for it.
            _accounts = [.. new[] { "app1", "app2", "app1" }.Select(name => new Account(Guid.NewGuid(), _instance.Id, new AccountName(name), ProofMode.Login, _clock.Now))];
            _tables = new StoreTables(_instance);
        }

        private AuditEntry Entry => new() { Caller = _caller, Action = "test", Outcome = "done", InstanceId = _instance.Id };

        public static async Task<BothStores> CreateAsync(ulong seed)
        {
            var both = new BothStores(seed);
            both._store = await Storage.Store.CreateAsync(Path.Combine(both._folder.FullName, "store.db"), new MasterKeys(MasterKey.Generate()), both._clock);
            await both._store.Principals.AddProjectAsync(new Project(both._caller.ProjectId, "default", "default", both._clock.Now), default);
            await both._store.Principals.AddAsync(new Principal(both._caller.PrincipalId, both._caller.ProjectId, "tester", both._clock.Now), audit: null, default);
            var admin = new Account(Guid.NewGuid(), both._instance.Id, Admin, ProofMode.Login, both._clock.Now);
            (await both._store.Instances.AddAsync(both._instance, admin, new Secret("admin"), both.Entry, default)).ShouldBe(RegistrationResult.Stored);
            return both;
        }

        /// <summary>One transaction on both, and what each has of the account and the reset afterwards.</summary>
        public async Task<(string What, string Real, string Simulated)> NextAsync()
        {
            var account = _accounts[_dice.Throw(8) is 0 ? 2 : _dice.Throw(2)];
            var reset = _resets[^(1 + _dice.Throw(Math.Min(_resets.Count, 4)))];
            var (what, real, simulated) = await DoAsync(account, reset);
            return (what, $"{real}\n{await SeenInRealAsync(account, reset)}", $"{simulated}\n{SeenInSimulated(account, reset)}");
        }

        public async ValueTask DisposeAsync()
        {
            await _store.DisposeAsync();
            _folder.Delete(recursive: true);
        }

        private async Task<(string What, string Real, string Simulated)> DoAsync(Account account, Guid reset)
        {
            var fence = 1L + _dice.Throw(3);
            switch (_dice.Throw(20))
            {
                case < 5:
                    var intent = Intent(account);
                    return ("prepare", Told(await _store.Resets.PrepareAsync(intent)), Told(_tables.Prepare(intent, _clock.Now)));
                case < 9:
                    var end = End(reset, fence);
                    return ($"finish {end.State} {fence}", $"{await _store.Resets.FinishAsync(end)}", $"{_tables.Finish(end, _clock.Now)}");
                case < 12:
                    return ("take over", Told(await _store.Resets.TakeOverAsync(reset, Resetter.Lease, default)), Told(_tables.TakeOver(reset, _clock.Now, _clock.Now + Resetter.Lease)));
                case 12:
                    var nodes = Nodes();
                    return ($"record {fence}", $"{await _store.Resets.RecordSessionsAsync(reset, fence, nodes)}", $"{_tables.RecordSessions(reset, fence, nodes)}");
                case 13:
                    var within = TimeSpan.FromSeconds(_dice.Throw(90));
                    await _store.Resets.MarkUndeliveredAsync(reset, within);
                    _tables.MarkUndelivered(reset, _clock.Now + within);
                    return ("mark undelivered", "", "");
                case 14:
                    return await AdoptAsync(account);
                case 15:
                    return await DriftAsync(account);
                case 16:
                    var pause = TimeSpan.FromSeconds(_dice.Throw(30));
                    return ("begin to discard", $"{await _store.Instances.TryBeginDiscardAsync(account.Id, pause, default)}", $"{_tables.TryBeginDiscard(account.Id, _clock.Now, _clock.Now + pause)}");
                default:
                    _clock.Now += TimeSpan.FromSeconds(_dice.Throw(40));
                    return ("time passes", "", "");
            }
        }

        private async Task<(string What, string Real, string Simulated)> AdoptAsync(Account account)
        {
            var seen = (await _store.Secrets.ReadAsync(account.Id, 1, default)).Seen;
            seen = _dice.OneIn(3) ? seen with { Newest = seen.Newest + 1 } : seen;
            var password = new Secret($"adopted-{_dice.Throw(3)}");
            return ("adopt", $"{await _store.Secrets.AdoptAsync(account, password, seen, Entry, default)}", $"{_tables.Adopt(account, password, seen, _clock.Now)}");
        }

        private async Task<(string What, string Real, string Simulated)> DriftAsync(Account account)
        {
            if (_tables.FindAccount(account.Id) is null)
            {
                return ("no account to drift", "", "");
            }

            var seen = (await _store.Secrets.ReadAsync(account.Id, 1, default)).Seen;
            seen = _dice.OneIn(3) ? seen with { Newest = seen.Newest + 1 } : seen;
            var isWritten = _tables.IsStill(account.Id, seen) && _tables.SetDrift(account.Id, _clock.Now);
            return ("drift", $"{await _store.Instances.SetDriftAsync(account.Id, _clock.Now, seen, Entry, default)}", $"{isWritten}");
        }

        private ResetIntent Intent(Account account)
        {
            var id = Guid.NewGuid();
            _resets.Add(id);
            var discards = _dice.OneIn(3) && _tables.Current(account.Id) is not null;
            return new ResetIntent
            {
                ResetId = id,
                Account = account,
                Kind = discards ? ResetKind.DiscardOld : ResetKind.Reset,
                KeepOldFor = discards || _dice.OneIn(2) ? null : TimeSpan.FromSeconds(_dice.Throw(60)),
                Seen = discards ? _tables.Read(account.Id).Seen : null,
                Password = new Secret($"new-{_resets.Count}"),
                Proof = ProofMode.Login,
                PrincipalId = _caller.PrincipalId,
                Operation = "test.reset",
                IdempotencyKey = _dice.OneIn(3) ? "key" : null,
                RequestDigest = [(byte)_dice.Throw(2)],
                Nodes = Nodes(),
                Lease = Resetter.Lease,
                SettleWithin = Resetter.SettleWithin,
                Audit = Entry,
                Replaces = _tables.FindUnsettled(account.Id) is { IsParked: true } parked ? new ParkedReset(parked.Record.Id, parked.Record.Fence - (_dice.OneIn(3) ? 1 : 0)) : null,
            };
        }

        private ResetEnd End(Guid reset, long fence)
        {
            var state = (ResetState)(1 + _dice.Throw(4));
            return new ResetEnd
            {
                ResetId = reset,
                Fence = fence,
                State = state,
                Cause = state == ResetState.Done ? null : new Failure(EngineError.TimedOut, "late"),
                Nodes = Nodes(),
                Events = [],
                OldIsKept = _dice.OneIn(2),
                RetryAfter = TimeSpan.FromSeconds(_dice.Throw(30)),
                RepeatWithin = TimeSpan.FromSeconds(60 * _dice.Throw(2)),
                Audit = Entry,
            };
        }

        private IReadOnlyList<NodeProgress> Nodes() => [new NodeProgress(_instance.Nodes[0], new ServerSession($"{_dice.Throw(9)}", "start-1"))];

        private async Task<string> SeenInRealAsync(Account account, Guid reset)
        {
            var versions = await _store.Secrets.ReadAsync(account.Id, 100, default);
            var keyed = await _store.Resets.FindByKeyAsync(_caller.PrincipalId, "test.reset", account.Id, "key", new byte[] { 1 }, default);
            var repeat = await _store.Resets.FindRepeatAsync(_caller.PrincipalId, "test.reset", account.Id, new byte[] { 1 }, default);
            var maySend = await _store.Resets.MaySendAsync(reset, 1, TimeSpan.FromSeconds(5));
            var held = await _store.Instances.FindAccountAsync(account.Id, default);
            return $"drifted {held?.DriftedAt:O} old {held?.Old}, to discard {string.Join(' ', (await _store.Instances.ListToDiscardAsync(10, default)).Select(due => due.Id).Order())}\n" + Told(versions, await _store.Resets.FindUnsettledAsync(account.Id, default), await _store.Resets.FindAsync(reset, default), keyed, repeat, maySend, await _store.Resets.DueAsync(100, default));
        }

        private string SeenInSimulated(Account account, Guid reset)
        {
            var keyed = _tables.FindByKey(_caller.PrincipalId, "test.reset", account.Id, "key", [1], _clock.Now);
            var repeat = _tables.FindRepeat(_caller.PrincipalId, "test.reset", account.Id, [1], _clock.Now);
            var maySend = _tables.Covers(reset, 1, _clock.Now + TimeSpan.FromSeconds(5));
            var held = _tables.FindAccount(account.Id);
            return $"drifted {held?.DriftedAt:O} old {held?.Old}, to discard {string.Join(' ', _tables.DueDiscards(10, _clock.Now).Select(due => due.Id).Order())}\n" + Told(_tables.Read(account.Id), _tables.FindUnsettled(account.Id)?.Record, _tables.Find(reset)?.Record, keyed, repeat, maySend, _tables.Due(100, _clock.Now));
        }

        private static string Told(
            SecretVersions versions, ResetRecord? unsettled, ResetRecord? reset, (Guid ResetId, bool SameRequest)? keyed, Guid? repeat, bool maySend, IReadOnlyList<Guid> due) => string.Join('\n',
        [
            $"open {versions.OpenReset}",
            .. versions.Versions.Select(version => $"version {version.Version} {version.State} {version.Password.Reveal()} {version.ResetId}"),
            $"unsettled {Told(unsettled)}",
            $"reset {Told(reset)}",
            $"key {keyed}, repeat {repeat}, may send {maySend}",
            $"due {string.Join(' ', due)}",
        ]);

        private static string Told(PrepareResult result) => $"{result.Conflict} {result.OtherReset} {result.Fence} {result.Version} {result.PreparedAt:O}";

        private static string Told(TakenReset? taken) => $"{Told(taken?.Reset)} {taken?.Pending.Reveal()} {taken?.Current?.Reveal()} old {taken?.Old?.Reveal()}";

        private static string Told(ResetRecord? reset) => reset is null
            ? "none"
            : $"{reset.Id} {reset.Kind} {reset.State} kept for {reset.KeepOldFor} until {reset.OldKeptUntil:O} version {reset.Version} fence {reset.Fence} attempts {reset.Attempts} {reset.Cause?.Error} {reset.EndedAt:O} {reset.SettleBy:O} {reset.Nodes[0].Session}";
    }
}
