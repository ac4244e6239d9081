using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.LiveTests;

/// <summary>One engine on one server of the lab, and the accounts that a test makes there; they are dropped after it.</summary>
public abstract class EngineFixture(IEngine engine) : IAsyncDisposable
{
    private readonly List<AccountName> _created = [];
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(300));

    protected IEngine Engine { get; } = engine;

    protected virtual LabServer Server => Lab.Server(OnServerAttribute.NameOf(this));

    protected CancellationToken Cancel => _deadline.Token;

    /// <summary>Bytes of the longest name that the server takes.</summary>
    protected abstract int LongestName { get; }

    /// <summary>Whether the server can hold a name with this text in it.</summary>
    protected virtual bool CanBeName(string text) => true;

    /// <summary>Whether the server can hold a password with this text in it.</summary>
    protected virtual bool CanBePassword(string text) => true;

    /// <summary>Whether the server can close another's connection although it is idle.</summary>
    protected virtual bool CanCloseOpenSessions => true;

    /// <summary>Whether the server speaks TLS, with a certificate of the lab's CA.</summary>
    protected virtual bool HasTls => true;

    /// <summary>The way to the server, over verified TLS where it has that.</summary>
    protected virtual Target TargetOf(TlsSettings? tls = null, int? port = null) => Lab.Target(Server, tls, port);

    /// <summary>The row that Keyturn creates for a user (MySQL, MariaDB: with a host).</summary>
    protected virtual AccountName NameOf(string user) => new(user);

    public virtual async ValueTask DisposeAsync()
    {
        await DropCreatedAsync();
        _deadline.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A start that another session of the same id would have had.</summary>
    protected virtual string EarlierStart(string start) => $"0{start[1..]}";

    protected static PasswordChange Change(AccountName account, string password) => new(account, new Secret(password));

    /// <summary>A name no other test has, within every server's limit.</summary>
    protected static string UniqueUser() => $"kt{Guid.NewGuid():N}"[..14];

    protected async Task<IAdminSession> ConnectAsync(LabLogin? login = null, int? port = null)
    {
        var answer = await Engine.ConnectAsync(TargetOf(port: port), (login ?? Server.Admin).Credential, Cancel);
        answer.Failure.ShouldBeNull();
        return answer.Value!;
    }

    /// <summary>An account of its own for a test, dropped after it.</summary>
    protected async Task<AccountName> CreateAsync(IAdminSession admin, string password, string? user = null)
    {
        var account = NameOf(user ?? UniqueUser());
        _created.Add(account);
        (await admin.SetPasswordAsync(Change(account, password) with { CreateIfMissing = true }, Cancel)).ShouldBeApplied();
        return account;
    }

    /// <summary>To be dropped after the test.</summary>
    protected void Track(AccountName account) => _created.Add(account);

    protected async Task<LoginResult> LoginAsync(AccountName account, string password, DerivedKeys? derived = null) =>
        await Engine.TryLoginAsync(TargetOf(), new Credential(account, new Secret(password)), derived, Cancel);

    protected async Task<Inspection> InspectAsync(IAdminSession admin, AccountName account)
    {
        var answer = await admin.InspectAsync(account, Cancel);
        answer.Failure.ShouldBeNull();
        return answer.Value!;
    }

    protected async Task<IReadOnlyList<AccountRow>> ListAsync(IAdminSession admin)
    {
        var answer = await admin.ListAccountsAsync(Cancel);
        answer.Failure.ShouldBeNull();
        return answer.Value!;
    }

    private async Task DropCreatedAsync()
    {
        if (_created.Count == 0)
        {
            return;
        }

        await using var admin = await ConnectAsync();
        foreach (var account in _created)
        {
            await admin.DropAccountAsync(account, Cancel);
        }
    }
}
