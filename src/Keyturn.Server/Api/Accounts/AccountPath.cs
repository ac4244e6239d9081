using Keyturn.Instances;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Mvc;

namespace Keyturn.Server.Api.Accounts;

/// <summary>An account as the paths of the API name it.</summary>
/// <param name="Instance">Id or name of the instance.</param>
/// <param name="User">User or role name, percent-encoded.</param>
/// <param name="Host">MySQL and MariaDB: host part of one row; without it, all rows of the user.</param>
internal sealed record AccountPath([FromRoute] PathText Instance, [FromRoute] PathText User, [FromQuery] string? Host)
{
    public AccountName Name => new(User.Text, Host);
}
