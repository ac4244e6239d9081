using System.Text.Json.Nodes;
using Keyturn.Crash.Nodes;
using Keyturn.Engines;
using Keyturn.Passwords;

namespace Keyturn.Crash.Storms;

/// <summary>Sends one reset and writes down what came of it.</summary>
internal sealed class Caller(Deployment deployment, int number, Ledger ledger, Seeded seeded)
{
    private const int LoginOneIn = 8;

    /// <summary>What a success claimed and a login at once did not bear out.</summary>
    public Action<Call, Login> Refuted { get; init; } = (_, _) => { };

    /// <param name="account">Whose password.</param>
    /// <param name="mayLogIn">Whether nobody else resets the account, so that a login at once must succeed.</param>
    /// <param name="hangUpAfter">The caller's patience; none by default.</param>
    public async Task<Call> ResetAsync(Account account, bool mayLogIn, TimeSpan? hangUpAfter = null)
    {
        // Half of them say which password: one that was told "unchanged" can then be tried afterwards.
        var given = seeded.Next(2) == 0 ? PasswordGenerator.Generate(PasswordPolicy.Default).Reveal() : null;
        var call = new Call(account, given, TimeProvider.System.GetTimestamp());
        using var patience = new CancellationTokenSource(hangUpAfter ?? Timeout.InfiniteTimeSpan);
        try
        {
            var body = given is null ? null : new JsonObject { ["password"] = given };
            call = Call.Of(call, await deployment.Api(number).PostAsync($"{account.Path}/reset", body, patience.Token));
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException)
        {
            call = call with { Ended = TimeProvider.System.GetTimestamp() };
        }

        ledger.Add(call);
        if (mayLogIn && call is { Told: Told.Done, Password: { } password } && seeded.Next(LoginOneIn) == 0)
        {
            var login = await account.Database.LoginAsync(account.User, password);
            if (login is Login.WrongPassword)
            {
                Refuted(call, login);
            }
        }

        return call;
    }
}
