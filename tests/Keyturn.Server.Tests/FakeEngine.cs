using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Server.Tests;

/// <summary>A database in memory, with knobs: what the doors make of an engine's outcomes is the matter here, not the engine.</summary>
internal sealed class FakeEngine(string name, EngineTraits traits = EngineTraits.None) : IEngine
{
    private int _sessions;

    public string Name => name;

    public EngineTraits Traits => traits;

    /// <summary>User to password, as the database has it; with hosts, a user who is for all of them, or <c>user@host</c>; with its database before a dot where that is another than admin.</summary>
    public Dictionary<string, string> Passwords { get; } = new() { ["admin"] = "Adm1n-Pa55word" };

    /// <summary>The roles that accounts were made with.</summary>
    public Dictionary<string, IReadOnlyList<AccountRole>> Roles { get; } = [];

    /// <summary>How many changes it was sent.</summary>
    public int Changes { get; private set; }

    /// <summary>The name of the account that was looked at last.</summary>
    public AccountName LastInspected { get; private set; }

    /// <summary>Set: nobody gets through.</summary>
    public Failure? Down { get; set; }

    /// <summary>Set: the answer to the next change, which then goes unapplied.</summary>
    public Func<ChangeResult>? OnChange { get; set; }

    /// <summary>What the admin login lacks, for every account.</summary>
    public IReadOnlyList<MissingRight> Missing { get; set; } = [];

    /// <summary>Set: awaited before a change is applied.</summary>
    public Task? Gate { get; set; }

    /// <summary>Set: what every login of another account than the admin's shows.</summary>
    public LoginResult? OnLogin { get; set; }

    public Failure? Validate(AccountName account) =>
        account.User.Length == 0 ? new Failure(EngineError.InvalidName, "A name has at least one character.") : null;

    public ValueTask<Answer<IAdminSession>> ConnectAsync(Target target, Credential admin, CancellationToken cancel) => ValueTask.FromResult(
        Down is { } down ? down
        : Passwords.GetValueOrDefault(admin.Account.User) == admin.Password.Reveal() ? Answer.Of<IAdminSession>(new Session(this, $"{++_sessions}"))
        : new Failure(EngineError.AdminLoginRefused, "The admin login is refused."));

    public ValueTask<LoginResult> TryLoginAsync(Target target, Credential account, DerivedKeys? derived, CancellationToken cancel) => ValueTask.FromResult(
        Down is { } down ? new LoginResult(Login.Unreachable, down)
        : account.Account.User != "admin" && OnLogin is { } shown ? shown
        : KeysOf(account.Account).Exists(key => Passwords[key] == account.Password.Reveal()) ? LoginResult.Accepted
        : new LoginResult(Login.WrongPassword, new Failure(EngineError.WrongPassword, "The password is wrong.")));

    private sealed class Session(FakeEngine engine, string id) : IAdminSession
    {
        ServerSession IAdminSession.Session { get; } = new(id, "start");

        public ServerInfo Server { get; } = new() { Product = "Fake", Version = "15.3", Identity = "fake-server" };

        public bool IsUsable => engine.Down is null;

        public ValueTask<Answer<Inspection>> InspectAsync(AccountName account, CancellationToken cancel)
        {
            engine.LastInspected = account;
            var rows = engine.KeysOf(account).Select(engine.Row).ToList();
            return ValueTask.FromResult<Answer<Inspection>>(engine.Down is { } down ? down : Answer.Of(new Inspection { Rows = rows, CanReadBack = true, Missing = engine.Missing }));
        }

        public ValueTask<Answer<IReadOnlyList<MissingRight>>> ReadMissingRightsAsync(CancellationToken cancel) =>
            ValueTask.FromResult(engine.Down is { } down ? down : Answer.Of(engine.Missing));

        public async ValueTask<ChangeResult> SetPasswordAsync(PasswordChange change, CancellationToken cancel)
        {
            engine.Changes++;
            if (engine.OnChange is { } answer)
            {
                return answer();
            }

            await (engine.Gate ?? Task.CompletedTask);
            foreach (var key in engine.KeysOf(change.Account) is { Count: > 0 } present ? present : [KeyOf(change.Account)])
            {
                engine.Passwords[key] = change.Password.Reveal();
                if (change.Roles.Count > 0)
                {
                    engine.Roles[key] = change.Roles;
                }
            }

            return ChangeResult.Applied;
        }

        public ValueTask<Readback> ReadBackAsync(AccountName account, Secret password, CancellationToken cancel) => ValueTask.FromResult(
            engine.Down is { } down ? new Readback(ReadbackVerdict.Unreadable, down)
            : engine.KeysOf(account) is [] ? new Readback(ReadbackVerdict.Missing)
            : new Readback(engine.KeysOf(account).TrueForAll(key => engine.Passwords[key] == password.Reveal()) ? ReadbackVerdict.Matches : ReadbackVerdict.Differs));

        public ValueTask<SessionEndResult> EndSessionAsync(ServerSession session, CancellationToken cancel) => ValueTask.FromResult(new SessionEndResult(SessionEnd.Gone));

        public ValueTask<Answer<IReadOnlyList<AccountRow>>> ListAccountsAsync(CancellationToken cancel) =>
            ValueTask.FromResult<Answer<IReadOnlyList<AccountRow>>>(engine.Down is { } down ? down : Answer.Of<IReadOnlyList<AccountRow>>([.. engine.Passwords.Keys.Order().Select(engine.Row)]));

        public ValueTask<ChangeResult> DropAccountAsync(AccountName account, CancellationToken cancel) => ValueTask.FromResult(
            engine.KeysOf(account) is { Count: > 0 } keys && keys.TrueForAll(engine.Passwords.Remove) ? ChangeResult.Applied : ChangeResult.Refused(EngineError.AccountMissing, "There is no such account."));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>How its accounts authenticate.</summary>
    public string Method { get; set; } = "caching_sha2_password";

    private bool HasHosts => traits.HasFlag(EngineTraits.AccountHasHost);

    private static string KeyOf(AccountName account) =>
        account.AuthDatabase is { } database ? $"{database}.{account.User}"
        : account.Host is null or "%" ? account.User
        : $"{account.User}@{account.Host}";

    private List<string> KeysOf(AccountName account) =>
        [.. Passwords.Keys.Where(key => HasHosts && account.Host is null ? NameOf(key).User == account.User : key.Equals(KeyOf(account), StringComparison.OrdinalIgnoreCase))];

    private AccountName NameOf(string key) =>
        traits.HasFlag(EngineTraits.AccountHasAuthDatabase) && key.Split('.', 2) is [var database, var user]
            ? new AccountName(user, Host: null, database)
            : NameWithHost(key);

    private AccountName NameWithHost(string key) => (HasHosts, key.IndexOf('@', StringComparison.Ordinal)) switch
    {
        (false, _) => new AccountName(key),
        (_, < 0) => new AccountName(key, "%"),
        (_, var at) => new AccountName(key[..at], key[(at + 1)..]),
    };

    private AccountRow Row(string key) => new() { Name = NameOf(key), Method = Method, IsAdmin = key == "admin", Roles = Roles.GetValueOrDefault(key, []) };
}
