using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Bench;

/// <summary>
/// What a reset or a check cannot cost less than: the same statements and the same login on sessions set up as the product's, one
/// fsynced record and one empty answer, without anything around them.
/// </summary>
internal sealed class Floor(IEngine engine, Target target, AnswerProcess answer, string folder) : IAsyncDisposable
{
    private readonly List<Caller> _callers = [];

    private sealed record Caller(AccountName Account, IAdminSession Session, FileStream Journal)
    {
        public Secret Password { get; set; } = PasswordGenerator.Generate(PasswordPolicy.Default);

        public DerivedKeys? Derived { get; set; }
    }

    /// <summary>Opens a warm session and makes an account for each caller.</summary>
    public async Task PrepareAsync(Credential admin, int callers)
    {
        for (var caller = 0; caller < callers; caller++)
        {
            var connected = await engine.ConnectAsync(target, admin, CancellationToken.None);
            var session = connected.Value ?? throw new InvalidOperationException(connected.Failure!.Detail);
            var journal = new FileStream(Path.Combine(folder, $"journal-{caller}"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            var added = new Caller(new AccountName($"floor_{caller}"), session, journal);
            _callers.Add(added);
            await SetAsync(added, create: true);
        }
    }

    public async Task LoginAsync(int number)
    {
        var caller = _callers[number];
        var login = await engine.TryLoginAsync(target, new Credential(caller.Account, caller.Password), caller.Derived, CancellationToken.None);
        Expect(login.Login == Login.Accepted, login.Failure);
    }

    public async Task CheckAsync(int number)
    {
        var caller = _callers[number];
        caller.Derived = null;
        await LoginAsync(number);
        await answer.PostAsync();
    }

    public async Task ChangeAsync(int number)
    {
        var caller = _callers[number];
        caller.Password = PasswordGenerator.Generate(PasswordPolicy.Default);
        await SetAsync(caller, create: false);
    }

    public async Task ResetAsync(int number)
    {
        await ChangeAsync(number);
        await LoginAsync(number);
    }

    public async Task ResetAppendAnswerAsync(int number)
    {
        var journal = _callers[number].Journal;
        await journal.WriteAsync(new byte[256]);
        journal.Flush(flushToDisk: true);
        await ResetAsync(number);
        await answer.PostAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var caller in _callers)
        {
            await caller.Session.DropAccountAsync(caller.Account, CancellationToken.None);
            await caller.Session.DisposeAsync();
            await caller.Journal.DisposeAsync();
        }
    }

    private static async Task SetAsync(Caller caller, bool create)
    {
        var inspected = await caller.Session.InspectAsync(caller.Account, CancellationToken.None);
        Expect(inspected.Value is not null, inspected.Failure);
        var change = new PasswordChange(caller.Account, caller.Password) { CreateIfMissing = create };
        var set = await caller.Session.SetPasswordAsync(change, CancellationToken.None);
        Expect(set.Change == Change.Applied, set.Failure);
        caller.Derived = set.Derived;
        if (caller.Session is IPersistsAccounts persists)
        {
            var persisted = await persists.PersistAsync(CancellationToken.None);
            Expect(persisted.Change == Change.Applied, persisted.Failure);
        }
    }

    private static void Expect(bool isSo, Failure? failure)
    {
        if (!isSo)
        {
            throw new InvalidOperationException($"the floor failed: {failure?.Detail}");
        }
    }
}
