using Keyturn.Engines;
using Keyturn.Instances;

namespace Keyturn.LiveTests.MySql;

/// <summary>Which row of a user a server tries: what Keyturn says of rows is what the server does, for each pair of hosts.</summary>
public sealed class HostOrderTests
{
    private const string Password = "Host-order-1";

    private static readonly string[] Hosts =
        ["127.0.0.1", "127.0.0.0/255.255.255.0", "127.0.0.0/255.0.0.0", "127.0.0.0/8", "127.0.0._", "127.0.0.%", "127.0.%", "%.0.0.1", "127%", "1%", "%", "", "10.9.8.7"];

    [Theory]
    [InlineData("mysql")]
    [InlineData("mariadb")]
    public async Task Login_EachPairOfRows_ComesInByTheOneThatIsSaid(string product)
    {
        await using var lab = MySqlLab.Of(product);
        var differences = new List<string>();
        foreach (var (one, other) in Pairs())
        {
            var user = lab.NewUser(one, other);
            await lab.SqlAsync($"CREATE USER {user}@'{one}' IDENTIFIED BY '{Password}'", $"CREATE USER {user}@'{other}' IDENTIFIED BY '{Password}'");

            var login = await lab.LoginAsync(user, Password);
            var rows = (await lab.InspectAsync(new AccountName(user))).Rows;
            var said = rows.Where(row => !row.IsForOtherHost).Select(row => row.Name.Host).ToList();
            var isRight = login.Login == Login.Accepted ? said is [var only] && only == login.Row!.Value.Host : said.Count == 0;
            if (!isRight)
            {
                differences.Add($"'{one}' and '{other}': {login.Login} as {login.Row?.Host}, said {string.Join(" ", said)}");
            }
        }

        differences.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("mysql")]
    [InlineData("mariadb")]
    public async Task Inspect_ShadowedRow_SaysByWhichOne(string product)
    {
        await using var lab = MySqlLab.Of(product);
        var user = lab.NewUser("%", "127.0.0.1");
        await lab.SqlAsync($"CREATE USER {user}@'%' IDENTIFIED BY '{Password}'", $"CREATE USER {user}@'127.0.0.1' IDENTIFIED BY '{Password}'");

        var row = (await lab.InspectAsync(new AccountName(user, "%"))).Rows.ShouldHaveSingleItem();

        row.IsForOtherHost.ShouldBeTrue();
        row.Remarks.ShouldContain($"from here the server lets the user in by {user}@127.0.0.1, and by no other row");
    }

    private static IEnumerable<(string One, string Other)> Pairs() =>
        Hosts.SelectMany((one, i) => Hosts.Skip(i + 1).Select(other => (one, other)));
}
