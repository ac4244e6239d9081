using Keyturn.Engines;
using Keyturn.Instances;

namespace Keyturn.LiveTests.MySql;

/// <summary>Which row of a user a server tries: what Keyturn says of rows is what the server does, for each pair of hosts.</summary>
public sealed class HostOrderTests
{
    private const string Password = "Host-order-1";

    private static readonly string[] Hosts =
    [
        "127.0.0.1", "127.0.0.0/255.255.255.0", "127.0.0.0/255.0.0.0", "127.0.0.0/8", "127.0.0._", "_27.0.0.1", "127._._._", "127.0.0.%", "127.0.%", "127.%.1", "%.0.0.1", "12%.1", "127%", "1%", "%.1", "%",
        "", "10.9.8.7",
    ];

    [Theory]
    [MemberData(nameof(MySqlLab.Servers), MemberType = typeof(MySqlLab))]
    [Trait(OnServerAttribute.LabTrait, "any")]
    [Feature(Feature.Rows)]
    public async Task Login_EachPairOfRows_ComesInByTheOneThatIsSaid(string name)
    {
        await using var lab = MySqlLab.Of(name);
        var differences = new List<string>();
        foreach (var (one, other) in Pairs(name))
        {
            var user = lab.NewUser(one, other);
            await lab.SqlAsync($"CREATE USER {user}@'{one}' IDENTIFIED BY '{Password}'", $"CREATE USER {user}@'{other}' IDENTIFIED BY '{Password}'");

            var login = await lab.LoginAsync(user, Password);
            var rows = (await lab.InspectAsync(new AccountName(user))).Rows;
            var said = rows.Where(row => !row.IsForOtherHost && row.Name.Host != NotAHostOn(name)).Select(row => row.Name.Host).ToList();
            var isRight = IsLeftOpen(name, one, other) ? said.Count == 2
                : login.Login == Login.Accepted ? said is [var only] && only == login.Row!.Value.Host
                : said.Count == 0;
            if (!isRight)
            {
                differences.Add($"'{one}' and '{other}': {login.Login} as {login.Row?.Host}, said {string.Join(" ", said)}");
            }
        }

        differences.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(MySqlLab.Servers), MemberType = typeof(MySqlLab))]
    [Trait(OnServerAttribute.LabTrait, "any")]
    [Feature(Feature.Rows)]
    public async Task Inspect_ShadowedRow_SaysByWhichOne(string name)
    {
        await using var lab = MySqlLab.Of(name);
        var user = lab.NewUser("%", "127.0.0.1");
        await lab.SqlAsync($"CREATE USER {user}@'%' IDENTIFIED BY '{Password}'", $"CREATE USER {user}@'127.0.0.1' IDENTIFIED BY '{Password}'");

        var row = (await lab.InspectAsync(new AccountName(user, "%"))).Rows.ShouldHaveSingleItem();

        row.IsForOtherHost.ShouldBeTrue();
        row.Remarks.ShouldContain($"from here the server lets the user in by {user}@127.0.0.1, and by no other row");
    }

    /// <summary>Servers take single quotes off a name that comes in them.</summary>
    [Theory]
    [MemberData(nameof(MySqlLab.Servers), MemberType = typeof(MySqlLab))]
    [Trait(OnServerAttribute.LabTrait, "any")]
    public async Task Login_NameInQuotes_IsAnotherUser(string name)
    {
        await using var lab = MySqlLab.Of(name);
        var user = lab.NewUser("%");
        await lab.SqlAsync($"CREATE USER {user}@'%' IDENTIFIED BY '{Password}'", $"CREATE USER `'{user}'`@'%' IDENTIFIED BY 'Quoted-{Password}'");
        try
        {
            (await lab.LoginAsync($"'{user}'", Password)).Login.ShouldBe(Login.WrongPassword);
            var quoted = await lab.LoginAsync($"'{user}'", $"Quoted-{Password}");
            (quoted.Login, quoted.Row!.Value.User).ShouldBe((Login.Accepted, $"'{user}'"));
        }
        finally
        {
            await lab.SqlAsync($"DROP USER `'{user}'`@'%'");
        }
    }

    /// <summary>MySQL ranks patterns by the place of their first wildcard and by nothing else.</summary>
    private static bool IsLeftOpen(string name, string one, string other) =>
        MySqlLab.IsMySql(name) && one.IndexOfAny(['%', '_']) is >= 0 and var place && place == other.IndexOfAny(['%', '_']);

    /// <summary>MariaDB takes a prefix for a name; one that nobody has, but for somebody who is let in by no other row it is not ruled out.</summary>
    private static string? NotAHostOn(string name) => MySqlLab.IsMySql(name) ? null : "127.0.0.0/8";

    /// <summary>An empty host is a row of its own on MySQL; MariaDB makes % of it.</summary>
    private static IEnumerable<(string One, string Other)> Pairs(string name) =>
        Hosts.SelectMany((one, i) => Hosts.Skip(i + 1).Select(other => (one, other))).Where(pair => MySqlLab.IsMySql(name) || pair.other.Length > 0 && pair.one.Length > 0);
}
