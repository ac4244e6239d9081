using System.Globalization;
using Keyturn.Instances;
using Keyturn.Wire;
using Keyturn.Wire.MySql;

namespace Keyturn.Engines.MySql;

/// <summary>Makes an admin session of a fresh connection: the login, then three statements that set it up.</summary>
internal sealed class AdminLogin(MySqlConnection connection, ServerFlavor flavor, Target target, TimeProvider clock)
{
    private const string MariaDbMark = "MariaDB";

    /// <summary>The session, which owns the connection from then on; or why there is none.</summary>
    public async ValueTask<Answer<IAdminSession>> RunAsync(Credential admin, CancellationToken cancel)
    {
        var reply = await connection.LoginAsync(admin.Account.User, admin.Password.Reveal(), cancel);
        var login = LoginOutcome.Of(reply, connection.Transport.IsEncrypted);
        if ((RefusedLogin(login) ?? RefusedProduct()) is { } refused)
        {
            return refused;
        }

        return Refused(await connection.QueryAsync(flavor.SessionStatement(target.StatementLimit), QueryLimits.Few, cancel)) is { } failure
            ? failure
            : await LookAsync(cancel);
    }

    private async ValueTask<Answer<IAdminSession>> LookAsync(CancellationToken cancel)
    {
        var asked = await connection.QueryAsync(flavor.FactsStatement, QueryLimits.Few, cancel);
        if (Refused(asked) is { } failure)
        {
            return failure;
        }

        var facts = new ServerFacts(asked.Rows.Select(row => (row["name"] ?? "", row["value"] ?? "")));
        if (facts.Version < flavor.OldestVersion)
        {
            return new Failure(EngineError.Unsupported, $"{flavor.Product} {facts.VersionText} is older than {flavor.OldestVersion}.");
        }

        if (!ulong.TryParse(facts.ConnectionId, CultureInfo.InvariantCulture, out _))
        {
            throw WireException.Violation("the server's number for the session is none");
        }

        var granted = await connection.QueryAsync("SHOW GRANTS", QueryLimits.Few, cancel);
        var grants = new AdminGrants(flavor, facts.CurrentUser, granted.Rows.Select(row => row.First ?? ""));
        return Answer.Of<IAdminSession>(new MySqlAdminSession(connection, flavor, facts, grants, target, clock, await FollowsAsync(cancel)));
    }

    /// <summary>
    /// Whether a node that is registered as a replica still follows. Many replicas are not set read-only, and to take one of those for the primary while
    /// that one is away would part the two: it is one only where it is known to follow nobody.
    /// </summary>
    private async ValueTask<bool> FollowsAsync(CancellationToken cancel) =>
        target.Node.Role == NodeRole.Replica && await connection.QueryAsync(flavor.SourcesStatement, QueryLimits.Few, cancel) is not { Error: null, Rows: [] };

    /// <summary>Being let in without a question is no obstacle to work; proofs are another matter.</summary>
    private static Failure? RefusedLogin(LoginResult login) => login switch
    {
        { Login: Login.Accepted or Login.NotChecked } => null,
        { Login: Login.WrongPassword, Failure: { } failure } => failure with { Error = EngineError.AdminLoginRefused },
        _ => login.Failure,
    };

    private Failure? RefusedProduct()
    {
        var isMariaDb = connection.ServerVersion.Contains(MariaDbMark, StringComparison.OrdinalIgnoreCase);
        return isMariaDb == (flavor.Product == MariaDbMark)
            ? null
            : new Failure(EngineError.ProtocolViolation, $"This is {(isMariaDb ? MariaDbMark : "MySQL")} {connection.ServerVersion}, not {flavor.Product}.");
    }

    private static Failure? Refused(QueryResult result) => result.Error switch
    {
        null => null,
        { Code: MySqlErrorCode.MustChangePassword } error => LoginOutcome.Expired($"{error.Code}: {error.Message}").Failure,
        var error => StatementOutcome.Of(error, grants: null),
    };
}
