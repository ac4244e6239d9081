using System.CommandLine;
using Keyturn.Cli.Api;

namespace Keyturn.Cli.Commands;

/// <summary>How commands name an account: <c>INSTANCE USER[@HOST]</c>, or <c>--host</c> where the user's name has an <c>@</c> of its own.</summary>
internal sealed class AccountArguments
{
    private readonly Argument<string> _instance = InstanceArgument.Create();

    private readonly Argument<string> _user = new("USER[@HOST]") { Description = "The account; on MySQL and MariaDB without a host: all its rows" };

    private readonly Option<string?> _host = new("--host")
    {
        Description = "The host, apart from the user: USER may then hold an @. --host '' says that there is none",
    };

    private readonly Option<string?> _authDatabase = AuthDatabase("--auth-database");

    /// <summary>The database that a MongoDB account is defined in.</summary>
    public static Option<string?> AuthDatabase(string name) =>
        new(name) { Description = "MongoDB: the database that the account is defined in [admin]", HelpName = "DATABASE" };

    public void AddTo(Command command)
    {
        command.Arguments.Add(_instance);
        command.Arguments.Add(_user);
        command.Options.Add(_host);
        command.Options.Add(_authDatabase);
    }

    public AccountAddress Of(ParseResult parse)
    {
        var (user, host) = Split(parse.GetRequiredValue(_user), parse.GetValue(_host));
        return new AccountAddress(parse.GetRequiredValue(_instance), user, host, parse.GetValue(_authDatabase));
    }

    /// <summary>User and host of <paramref name="name"/>, which ends in <c>@host</c> unless the host is given apart.</summary>
    public static (string User, string? Host) Split(string name, string? apart = null)
    {
        if (apart is not null)
        {
            return (name, apart.Length > 0 ? apart : null);
        }

        var at = name.LastIndexOf('@');
        return at > 0 ? (name[..at], name[(at + 1)..]) : (name, null);
    }
}

/// <summary>An account of an instance, as the API addresses it.</summary>
internal sealed record AccountAddress(string Instance, string User, string? Host, string? AuthDatabase)
{
    /// <summary>For people.</summary>
    public string Name => (Host, AuthDatabase) switch
    {
        ({ } host, _) => $"{User}@{host}",
        (_, { } database) => $"{database}.{User}",
        _ => User,
    };

    /// <summary>Path of the account, or of something that can be done to it.</summary>
    public string Path(params string[] below) => Path(below, query: []);

    /// <summary>The same, with further parameters.</summary>
    public string Path(string[] below, params (string Name, string? Value)[] query) =>
        ApiPath.Of(["instances", Instance, "accounts", User, .. below]).WithQuery([("host", Host), ("auth_database", AuthDatabase), .. query]);
}
