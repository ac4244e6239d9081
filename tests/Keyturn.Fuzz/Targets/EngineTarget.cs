using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Fuzz.Targets;

/// <summary>
/// A whole engine against a server that says the input: the first byte is what is asked of it, the rest goes to each connection. Engines throw for
/// nothing that a server does.
/// </summary>
internal sealed class EngineTarget(IEngine engine, AccountName account, params string[] words) : FuzzTarget($"engine-{engine.Name}")
{
    private static readonly Func<EngineTarget, IAdminSession, CancellationToken, ValueTask<string>>[] Asked =
    [
        async (target, session, cancel) => Told(await session.InspectAsync(target.Account, cancel)),
        async (target, session, cancel) => Told(await session.ListAccountsAsync(cancel)),
        async (target, session, cancel) => Told(await session.ReadMissingRightsAsync(cancel)),
        async (target, session, cancel) => Told(await session.SetPasswordAsync(new PasswordChange(target.Account, new Secret("N3w-password")), cancel)),
        async (target, session, cancel) => Told(await session.ReadBackAsync(target.Account, new Secret("N3w-password"), cancel)),
        async (target, session, cancel) => (await session.EndSessionAsync(new ServerSession("7", "2026-01-01"), cancel)).ToString(),
        async (target, session, cancel) => session is ICopiesAccounts copies ? Told(await copies.ReadRightsAsync(target.Account, cancel)) : "",
        async (target, session, cancel) => Told(await session.DropAccountAsync(target.Account, cancel)),
    ];

    private ReplayPeer? _peer;

    public override IReadOnlyList<string> Words => words;

    private AccountName Account => account;

    public override ValueTask StartAsync()
    {
        _peer = new ReplayPeer();
        return ValueTask.CompletedTask;
    }

    public override async ValueTask<string> RunAsync(byte[] input)
    {
        var (verb, said) = input.Length == 0 ? (0, input) : (input[0] % (Asked.Length + 1), input[1..]);
        _peer!.Say(said);
        var target = new Target(new Node("127.0.0.1", _peer!.Port), new TlsSettings { Mode = TlsMode.Disable }, SendMode.Verifier, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));
        var login = new Credential(account, new Secret("S3same-open"));
        if (verb == Asked.Length)
        {
            var result = await engine.TryLoginAsync(target, login, derived: null, CancellationToken.None);
            return $"{result.Login} {Told(result.Failure)}";
        }

        var answer = await engine.ConnectAsync(target, login, CancellationToken.None);
        if (answer.Value is not { } session)
        {
            return $"not connected: {Told(answer.Failure)}";
        }

        await using (session)
        {
            return $"{verb} {Shape(await Asked[verb](this, session, CancellationToken.None))}";
        }
    }

    public override ValueTask DisposeAsync() => _peer?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static string Told<T>(Answer<T> answer)
        where T : class => answer.Failure is { } failure ? Told(failure) : "answered";

    private static string Told(ChangeResult result) => $"{result.Change} {Told(result.Failure)}";

    private static string Told(Readback result) => $"{result.Verdict} {Told(result.Failure)}";

    private static string Told(Failure? failure) => failure is null ? "" : failure.Error == EngineError.ProtocolViolation ? $"{failure.Error} {Shape(failure.Detail)}" : $"{failure.Error}";
}
