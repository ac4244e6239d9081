using System.CommandLine;
using Keyturn.Cli.Api;

namespace Keyturn.Cli.Commands;

/// <summary>How commands name an account: <c>INSTANCE USER[@HOST]</c>, or <c>--host</c> where the user's name has an <c>@</c> of its own.</summary>
internal sealed class AccountArguments
{
    private readonly Argument<string> _instance = InstanceArgument.Create();

    private readonly Argument<string?> _user;

    private readonly Option<string?> _host = new("--host")
    {
        Description = "The host, apart from the user: USER may then hold an @. --host '' says that there is none",
    };

    private readonly Option<string?> _authDatabase = AuthDatabase("--auth-database");

    /// <param name="isUserNeeded">Whether the parser insists on USER; else whoever reads the address does.</param>
    public AccountArguments(bool isUserNeeded = true) => _user = new("USER[@HOST]")
    {
        Description = "The account; on MySQL and MariaDB without a host: all its rows",
        Arity = isUserNeeded ? ArgumentArity.ExactlyOne : ArgumentArity.ZeroOrOne,
    };

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
        var name = parse.GetValue(_user) ?? throw CommandFailure.Usage("the account is missing: name it behind the instance.");
        var (user, host) = Split(name, parse.GetValue(_host));
        return new AccountAddress(InstanceOf(parse), user, host, parse.GetValue(_authDatabase));
    }

    public string InstanceOf(ParseResult parse) => parse.GetRequiredValue(_instance);

    /// <summary>Whether anything of an account's name was given.</summary>
    public bool IsUserGiven(ParseResult parse) => (parse.GetValue(_user) ?? parse.GetValue(_host) ?? parse.GetValue(_authDatabase)) is not null;

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
