using Keyturn.Instances;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Mvc;

namespace Keyturn.Server.Api.Accounts;

/// <summary>An account as the paths of the API name it.</summary>
internal sealed record AccountPath
{
    /// <summary>Id or name of the instance.</summary>
    [FromRoute]
    public PathText Instance { get; init; }

    /// <summary>User or role name, percent-encoded.</summary>
    [FromRoute]
    public PathText User { get; init; }

    /// <summary>MySQL and MariaDB: host part of one row; without it, all rows of the user.</summary>
    [FromQuery]
    public string? Host { get; init; }

    /// <summary>MongoDB: the database that the account is defined in; without it, <c>admin</c>.</summary>
    [FromQuery(Name = "auth_database")]
    public string? AuthDatabase { get; init; }

    public AccountName Name => new(User.Text, Host, AuthDatabase);
}
