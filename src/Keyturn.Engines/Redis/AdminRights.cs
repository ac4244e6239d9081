using Keyturn.Instances;
using Keyturn.Wire.Redis;

namespace Keyturn.Engines.Redis;

/// <summary>What an admin login must be allowed, and how to find out with nothing changed: ACL DRYRUN (Redis 7.0, Valkey).</summary>
/// <param name="admin">Who asks.</param>
/// <param name="server">On which server.</param>
internal sealed class AdminRights(string admin, RedisServer server)
{
    /// <summary>Only the name counts: a right is for all users, or for none.</summary>
    private static readonly AccountName Anybody = new("anybody");

    private sealed record Need(Capability Capability, params string[] Command)
    {
        /// <summary>Only where the server logs in to its primary as the account.</summary>
        public bool ToFollow { get; init; }

        /// <summary>The command, and where it has some its subcommand: no argument of it can be told apart.</summary>
        public string Rule { get; } = $"+{Command[0].ToLowerInvariant()}|{Command[1].ToLowerInvariant()}";
    }

    /// <summary>The commands that ask, about an account; their replies go to <see cref="Judge"/>.</summary>
    public IEnumerable<RespCommand> Questions(AccountName account) => Ask(NeedsOf(account));

    /// <summary>
    /// Whether the password may be changed (null where the server would not say), and what is missing, by capability. Without the rights to end
    /// sessions a change can be made, but one that got stuck could not be shown to be over.
    /// </summary>
    /// <param name="account">About whose password.</param>
    /// <param name="isReadable">Whether the user could be read.</param>
    /// <param name="follows">Whether the server logs in to its primary as the account.</param>
    /// <param name="replies">To <see cref="Questions"/>.</param>
    public (bool? MayChange, IReadOnlyList<MissingRight> Missing) Judge(AccountName account, bool isReadable, bool follows, IReadOnlyList<RespValue> replies)
    {
        IEnumerable<Need> unreadable = isReadable ? [] : [new(Capability.Reset, "ACL", "GETUSER", account.User)];
        if (!AreAnswered(replies))
        {
            return (null, Group([.. unreadable, .. CannotAsk(replies), .. FileUnknown()]));
        }

        Need[] missing = [.. unreadable, .. Refused(NeedsOf(account), replies).Where(need => follows || !need.ToFollow)];
        var mayChange = !missing.Any(need => need.Capability == Capability.Reset);

        // Sessions of an account are listed and ended by the same commands as the admin login's own.
        var sessions = missing.Where(need => need.Capability == Capability.Recovery).Select(need => need with { Capability = Capability.Sessions });
        return (mayChange, Group([.. missing, .. FileUnknown(), .. sessions]));
    }

    /// <summary>The commands that ask about the server; their replies go to <see cref="JudgeServer"/>.</summary>
    public IEnumerable<RespCommand> ServerQuestions() => Ask(NeedsOnServer());

    /// <summary>What is missing whichever account is meant.</summary>
    public IReadOnlyList<MissingRight> JudgeServer(IReadOnlyList<RespValue> replies)
    {
        if (!AreAnswered(replies))
        {
            return Group([.. CannotAsk(replies), .. FileUnknown()]);
        }

        return Group([.. Refused(NeedsOnServer(), replies), .. FileUnknown()]);
    }

    /// <summary>Where the admin login may not ask INFO nothing is known yet: what asking for the rest takes is granted with it.</summary>
    public static string ToLookAround(string admin) => Grant(admin, ["+info", "+config|get", "+acl|dryrun"]);

    /// <summary>The command that lets the admin login run more.</summary>
    public static string Grant(string admin, IEnumerable<string> rules) => $"ACL SETUSER {RedisNames.Quote(admin)} {string.Join(' ', rules)}";

    private IEnumerable<RespCommand> Ask(IEnumerable<Need> needs) => needs.Select(need => new RespCommand(["ACL", "DRYRUN", admin, .. need.Command]));

    /// <summary>Allowed is OK, and not allowed is a sentence. An error is the admin's missing right to ask, or a server that knows no DRYRUN.</summary>
    private static bool AreAnswered(IReadOnlyList<RespValue> replies) => replies.All(reply => reply is RespText);

    private static IEnumerable<Need> Refused(IEnumerable<Need> needs, IReadOnlyList<RespValue> replies) =>
        needs.Zip(replies).Where(asked => asked.Second is not RespText { Text: "OK" }).Select(asked => asked.First);

    private static IEnumerable<Need> CannotAsk(IReadOnlyList<RespValue> replies) =>
        replies.OfType<RespError>().Any(error => error.Code == "NOPERM") ? [new(Capability.Reset, "ACL", "DRYRUN")] : [];

    /// <summary>Where the users' file cannot be asked for, it is not known what writing them out takes: only trying tells.</summary>
    private IEnumerable<Need> FileUnknown() => server.AclFile is null ? [new(Capability.Reset, "CONFIG", "GET")] : [];

    private MissingRight[] Group(IEnumerable<Need> missing) =>
        [.. missing.GroupBy(need => need.Capability).Select(needs => new MissingRight(needs.Key, Grant(admin, needs.Select(need => need.Rule).Distinct())))];

    private IEnumerable<Need> NeedsOf(AccountName account)
    {
        yield return new(Capability.Reset, "ACL", "SETUSER", account.User, "resetpass");
        foreach (var need in ToPersist(Capability.Reset))
        {
            yield return need;
        }

        if (ReplicationLogin.MayUse(server, account))
        {
            yield return new(Capability.Reset, "CONFIG", "SET", "masterauth", "x") { ToFollow = true };
            if (server.HasConfigFile)
            {
                yield return new(Capability.Reset, "CONFIG", "REWRITE") { ToFollow = true };
            }
        }

        yield return new(Capability.Recovery, "CLIENT", "KILL", "ID", "1");
        yield return new(Capability.Recovery, "CLIENT", "LIST", "ID", "1");
    }

    private IEnumerable<Need> NeedsOnServer() =>
    [
        new(Capability.Reset, "ACL", "GETUSER", Anybody.User),
        new(Capability.Reset, "ACL", "SETUSER", Anybody.User, "resetpass"),
        .. ToPersist(Capability.Reset),
        new(Capability.Recovery, "CLIENT", "KILL", "ID", "1"),
        new(Capability.Recovery, "CLIENT", "LIST", "ID", "1"),
        new(Capability.Readback, "ACL", "GETUSER", Anybody.User),
        new(Capability.Accounts, "ACL", "LIST"),
        new(Capability.Accounts, "ACL", "GETUSER", Anybody.User),
        new(Capability.Accounts, "ACL", "SETUSER", Anybody.User, "on"),
        new(Capability.Accounts, "ACL", "DELUSER", Anybody.User),
        .. ToPersist(Capability.Accounts),
        new(Capability.Sessions, "CLIENT", "LIST"),
        new(Capability.Sessions, "CLIENT", "KILL", "ID", "1"),
        new(Capability.Nodes, "ACL", "LIST"),
        new(Capability.Nodes, "CONFIG", "GET", "masteruser"),
        new(Capability.Nodes, "CONFIG", "SET", "masterauth", "x"),
        .. server.HasConfigFile ? (Need[])[new(Capability.Nodes, "CONFIG", "REWRITE")] : [],
        .. server.IsCluster ? (Need[])[new(Capability.Nodes, "CLUSTER", "SHARDS")] : [],
    ];

    private IEnumerable<Need> ToPersist(Capability capability) => server switch
    {
        { AclFile: not "" } => [new(capability, "ACL", "SAVE")],
        { HasConfigFile: true } => [new(capability, "CONFIG", "REWRITE"), new(capability, "ACL", "LIST")],
        _ => [],
    };
}
