using Keyturn.Engines.Tls;
using Keyturn.Instances;
using Keyturn.Wire;
using Keyturn.Wire.MySql;

namespace Keyturn.Engines.MySql;

/// <summary>What MySQL and MariaDB have in common as engines: all but what <see cref="ServerFlavor"/> has.</summary>
public abstract class MySqlFamilyEngine : IEngine
{
    private const string WhoAmI = "SELECT CURRENT_USER() AS name, CONNECTION_ID() AS id";

    private readonly ServerFlavor _flavor;
    private readonly AccountRules _rules;
    private readonly TimeProvider _clock;

    private protected MySqlFamilyEngine(ServerFlavor flavor, TimeProvider clock) =>
        (_flavor, _rules, _clock) = (flavor, new AccountRules(flavor.LongestUser), clock);

    /// <inheritdoc/>
    public string Name => _flavor.Engine;

    /// <inheritdoc/>
    public EngineTraits Traits => EngineTraits.AccountHasHost | EngineTraits.AccountHasPlugin | EngineTraits.AccountHasRoles | EngineTraits.PrimaryMoves
        | EngineTraits.LocksAccounts;

    /// <inheritdoc/>
    public Failure? Validate(AccountName account) => _rules.Validate(account);

    /// <inheritdoc/>
    public async ValueTask<Answer<IAdminSession>> ConnectAsync(Target target, Credential admin, CancellationToken cancel)
    {
        var read = WireTlsSettings.Read(target.Tls);
        if (read.Value is not { } tls)
        {
            return read.Failure!;
        }

        using var deadline = new Deadline(_clock, target.ConnectLimit, cancel);
        MySqlConnection? connection = null;
        try
        {
            connection = await MySqlConnection.ConnectAsync(target.Node.Host, target.Node.Port, tls, deadline.Token);
            var opened = await new AdminLogin(connection, _flavor, target, _clock).RunAsync(admin, deadline.Token);
            connection = opened.Value is null ? connection : null;
            return opened;
        }
        catch (WireException error)
        {
            return error.ToFailure();
        }
        finally
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<LoginResult> TryLoginAsync(Target target, Credential account, DerivedKeys? derived, CancellationToken cancel)
    {
        var read = WireTlsSettings.Read(target.Tls);
        if (read.Value is not { } tls)
        {
            return new LoginResult(Login.Unreachable, read.Failure);
        }

        using var deadline = new Deadline(_clock, target.ConnectLimit, cancel);
        try
        {
            await using var connection = await MySqlConnection.ConnectAsync(target.Node.Host, target.Node.Port, tls, deadline.Token);
            var reply = await connection.LoginAsync(account.Account.User, account.Password.Reveal(), deadline.Token);
            var result = LoginOutcome.Of(reply, connection.Transport.IsEncrypted);
            return result.Login == Login.Accepted ? await LookAroundAsync(connection, deadline.Token) : result;
        }
        catch (WireException error)
        {
            return error.ToLogin();
        }
    }

    /// <summary>
    /// One statement after the password was accepted: an expired password shows itself at the first statement only (MariaDB), and the row
    /// that let us in may be an anonymous one, or none (skip-grant-tables).
    /// </summary>
    private static async ValueTask<LoginResult> LookAroundAsync(MySqlConnection connection, CancellationToken cancel)
    {
        try
        {
            var answer = await connection.QueryAsync(WhoAmI, QueryLimits.Few, cancel);
            await connection.QuitAsync(cancel);
            return answer switch
            {
                { Error: { Code: MySqlErrorCode.MustChangePassword } error } => LoginOutcome.Expired($"{error.Code}: {error.Message}"),
                { Rows: [var row] } => LoginOutcome.Through(ServerFacts.ParseAccount(row["name"] ?? "@")) with { Session = row["id"] },
                _ => LoginResult.Accepted,
            };
        }
        catch (WireException)
        {
            // The server has accepted the password; what it does with the session is another matter (a failing init_connect ends it).
            return LoginResult.Accepted;
        }
    }
}

/// <summary>Oracle MySQL.</summary>
public sealed class MySqlEngine(TimeProvider clock) : MySqlFamilyEngine(new MySqlFlavor(), clock);

/// <summary>MariaDB.</summary>
public sealed class MariaDbEngine(TimeProvider clock) : MySqlFamilyEngine(new MariaDbFlavor(), clock);
