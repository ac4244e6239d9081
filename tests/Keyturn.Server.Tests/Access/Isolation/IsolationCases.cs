using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;

namespace Keyturn.Server.Tests.Access.Isolation;

/// <summary>One request to each route, and more where a query or a body can name something: door, method, path as the route has it, and behind a bar what goes into the body.</summary>
internal sealed partial record IsolationCase(string Door, string Method, string Path, string? Body)
{
    /// <summary>There is one on each instance.</summary>
    private const string Account = "app";

    /// <summary>Headers and queries have no route; the placeholders are resolved as those of the path are.</summary>
    private const string Table = """
        native GET /api/v1/instances
        native POST /api/v1/instances | {"name":"fresh","engine":"postgresql","nodes":[{"host":"db","port":1}],"admin":{"user":"admin","password":"wrong"}}
        native POST /api/v1/instances/check | {"name":"fresh","engine":"postgresql","nodes":[{"host":"db","port":1}],"admin":{"user":"admin"}}
        native GET /api/v1/instances/{instance}
        native PATCH /api/v1/instances/{instance} | {"tags":{"seen":"yes"}}
        native DELETE /api/v1/instances/{instance}
        native GET /api/v1/instances/{instance}/inspect
        native GET /api/v1/instances/{instance}/discover
        native POST /api/v1/instances/{instance}/discover
        native POST /api/v1/instances/{instance}/import | {"all":true}
        native POST /api/v1/instances/{instance}/rejoin | {"address":"hide.example:5432"}
        native POST /api/v1/instances/{instance}/rotate-admin
        native GET /api/v1/accounts
        native GET /api/v1/accounts?limit=1
        native GET /api/v1/accounts?after={account-id}
        native GET /api/v1/accounts?instance={instance}
        native GET /api/v1/instances/{instance}/accounts
        native POST /api/v1/instances/{instance}/accounts | {"user":"fresh"}
        native GET /api/v1/instances/{instance}/accounts/app
        native PATCH /api/v1/instances/{instance}/accounts/app | {"proof":"login"}
        native DELETE /api/v1/instances/{instance}/accounts/app
        native POST /api/v1/instances/{instance}/accounts/app/adopt | {"password":"before"}
        native POST /api/v1/instances/{instance}/accounts/app/reset
        native POST /api/v1/instances/{instance}/accounts/app/discard-old
        native GET /api/v1/instances/{instance}/accounts/app/sessions
        native POST /api/v1/instances/{instance}/accounts/app/end-sessions
        native POST /api/v1/instances/{instance}/accounts/app/check | {"password":"before"}
        native POST /api/v1/instances/{instance}/accounts/app/verify
        native GET /api/v1/instances/{instance}/accounts/app/secret
        native GET /api/v1/instances/{instance}/accounts/app/versions
        native GET /api/v1/instances/{instance}/accounts/app/schedule
        native PUT /api/v1/instances/{instance}/accounts/app/schedule | {"every_days":30}
        native DELETE /api/v1/instances/{instance}/accounts/app/schedule
        native GET /api/v1/resets
        native GET /api/v1/resets?instance={instance}
        native GET /api/v1/resets?instance={instance}&account=app
        native GET /api/v1/resets/{id}
        native GET /api/v1/principals
        native POST /api/v1/principals | {"name":"fresh"}
        native GET /api/v1/principals/{principal}
        native PATCH /api/v1/principals/{principal} | {"email":"fresh@example.com"}
        native DELETE /api/v1/principals/{principal}
        native GET /api/v1/principals/{principal}/credentials
        native POST /api/v1/principals/{principal}/credentials | {"kind":"token"}
        native DELETE /api/v1/principals/{principal}/credentials/{id}
        native GET /api/v1/project
        native PATCH /api/v1/project | {"region":"default"}
        native GET /api/v1/policies
        native POST /api/v1/policies | {"name":"fresh","document":{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["*"]}]}}
        native GET /api/v1/policies/{policy}
        native PATCH /api/v1/policies/{policy} | {"document":{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["*"]}]}}
        native DELETE /api/v1/policies/{policy}
        native PUT /api/v1/policies/{policy}/principals/{principal}
        native DELETE /api/v1/policies/{policy}/principals/{principal}
        native PUT /api/v1/policies/{policy}/groups/{group}
        native DELETE /api/v1/policies/{policy}/groups/{group}
        native GET /api/v1/groups
        native POST /api/v1/groups | {"name":"fresh"}
        native GET /api/v1/groups/{group}
        native DELETE /api/v1/groups/{group}
        native PUT /api/v1/groups/{group}/members/{principal}
        native DELETE /api/v1/groups/{group}/members/{principal}
        native POST /api/v1/access/explain | {"principal":"{principal}","action":"keyturn:audit:read"}
        native POST /api/v1/access/explain | {"principal":"{principal}","action":"keyturn:account:reset","instance":"{instance}"}
        native GET /api/v1/audit
        native GET /api/v1/audit?after=0&limit=1000
        native GET /api/v1/audit?instance={instance}
        native GET /api/v1/audit?principal={principal}
        native GET /api/v1/status

        digitalocean GET /v2/databases
        digitalocean GET /v2/databases/{uuid}
        digitalocean GET /v2/databases/{uuid}/ca
        digitalocean GET /v2/databases/{uuid}/autoscale
        digitalocean GET /v2/databases/{uuid}/users
        digitalocean GET /v2/databases/{uuid}/users/app
        digitalocean POST /v2/databases/{uuid}/users | {"name":"fresh2"}
        digitalocean PUT /v2/databases/{uuid}/users/app | {"settings":{}}
        digitalocean DELETE /v2/databases/{uuid}/users/app
        digitalocean POST /v2/databases/{uuid}/users/app/reset_auth

        upstash GET /v2/redis/databases
        upstash GET /v2/redis/database/{id}
        upstash POST /v2/redis/reset-password/{id}
        upstash POST /v2/redis/database
        upstash DELETE /v2/redis/database/{id}
        upstash POST /v2/redis/rename/{id}
        upstash POST /v2/redis/enable-tls/{id}
        upstash POST /v2/redis/enable-eviction/{id}
        upstash POST /v2/redis/disable-eviction/{id}
        upstash POST /v2/redis/enable-autoupgrade/{id}
        upstash POST /v2/redis/disable-autoupgrade/{id}
        upstash POST /v2/redis/enable-prodpack/{id}
        upstash POST /v2/redis/disable-prodpack/{id}
        upstash POST /v2/redis/update-budget/{id}
        upstash POST /v2/redis/update-regions/{id}
        upstash POST /v2/redis/update-allowlist/{id}

        iam GET /v3/auth/tokens#{session}
        iam DELETE /v3/auth/tokens#{session}
        iam GET /v3/auth/catalog
        iam GET /v3/auth/projects
        iam GET /v3/auth/domains
        iam GET /v3/projects
        iam GET /v3/projects?domain_id={domain}
        iam GET /v3/projects/{id}
        iam GET /v3/domains/{id}
        iam POST /v3.0/OS-CREDENTIAL/securitytokens | {"auth":{"identity":{"methods":["token"]}}}

        gaussdb GET /mysql/v3/{project_id}/instances
        gaussdb GET /mysql/v3/{project_id}/instances?id={instance_id}
        gaussdb GET /mysql/v3/{project_id}/instances/{instance_id}
        gaussdb POST /mysql/v3/{project_id}/instances/{instance_id}/password | {"password":"Vt5qLw-e8Xn2"}
        gaussdb GET /v3/{project_id}/instances
        gaussdb GET /v3/{project_id}/instances/{instance_id}
        gaussdb POST /v3/{project_id}/instances/{instance_id}/password | {"password":"Vt5qLw-e8Xn2"}
        gaussdb GET /v3.1/{project_id}/instances
        gaussdb GET /v3.1/{project_id}/instances/{instance_id}
        gaussdb GET /v3/{project_id}/jobs?id={job}
        gaussdb GET /v3/{project_id}/instances/{instance_id}/db-users
        gaussdb POST /v3/{project_id}/instances/{instance_id}/db-users | {"users":[{"name":"fresh3","password":"Vt5qLw-e8Xn2"}]}
        gaussdb PUT /v3/{project_id}/instances/{instance_id}/db-users/password | {"users":[{"name":"app","host":"%","password":"Vt5qLw-e8Xn2"}]}
        gaussdb PUT /v3/{project_id}/instances/{instance_id}/db-users/comment | {"users":[{"name":"app","host":"%","comment":""}]}
        gaussdb DELETE /v3/{project_id}/instances/{instance_id}/db-users | {"users":[{"name":"app","host":"%"}]}
        gaussdb POST /v3/{project_id}/instances/{instance_id}/db-users/privilege | {"users":[]}
        gaussdb DELETE /v3/{project_id}/instances/{instance_id}/db-users/privilege | {"users":[]}

        ddm GET /v1/{project_id}/instances
        ddm GET /v1/{project_id}/instances/{instance_id}
        ddm GET /v1/{project_id}/instances/{instance_id}/users
        ddm POST /v1/{project_id}/instances/{instance_id}/users | {"users":[{"name":"fresh4","password":"Vt5qLw-e8Xn2","base_authority":[]}]}
        ddm PUT /v1/{project_id}/instances/{instance_id}/users/app | {"user":{"base_authority":[],"databases":[]}}
        ddm DELETE /v1/{project_id}/instances/{instance_id}/users/app
        ddm POST /v2/{project_id}/instances/{instance_id}/users/app/password | {"password":"Vt5qLw-e8Xn2"}
        ddm GET /v3/{project_id}/instances
        ddm GET /v3/{project_id}/instances/{instance_id}
        ddm GET /v3/{project_id}/instances/{instance_id}/users
        ddm POST /v3/{project_id}/instances/{instance_id}/users | {"name":"fresh5","password":"Vt5qLw-e8Xn2","base_authority":[]}
        ddm PUT /v3/{project_id}/instances/{instance_id}/users/app | {"base_authority":[],"databases":[]}
        ddm DELETE /v3/{project_id}/instances/{instance_id}/users/app
        ddm POST /v3/{project_id}/instances/{instance_id}/users/app/password | {"password":"Vt5qLw-e8Xn2"}
        ddm PUT /v3/{project_id}/instances/{instance_id}/admin-user | {"name":"root","password":"Vt5qLw-e8Xn2"}
        ddm POST /v3/{project_id}/weak-password-verification | {"password":"Vt5qLw-e8Xn2"}
        ddm GET /v3/{project_id}/jobs/{job_id}

        dds GET /v3/{project_id}/instances
        dds GET /v3/{project_id}/instances?id={instance_id}
        dds GET /v3/{project_id}/jobs?id={job}
        dds POST /v3/{project_id}/weak-password-verification | {"password":"Zq7#hW-pL2"}
        dds POST /v3/{project_id}/instances/{instance_id}/check-password | {"user_name":"app","user_pwd":"Zq7#hW-pL2","db_name":"admin"}
        dds PUT /v3/{project_id}/instances/{instance_id}/reset-password | {"user_name":"app","user_pwd":"Zq7#hW-pL2","db_name":"admin"}
        dds POST /v3/{project_id}/instances/{instance_id}/db-user | {"user_name":"fresh6","user_pwd":"Zq7#hW-pL2","db_name":"admin","roles":[{"role_name":"readWrite","role_db_name":"shop"}]}
        dds GET /v3/{project_id}/instances/{instance_id}/db-user/detail
        dds DELETE /v3/{project_id}/instances/{instance_id}/db-user | {"user_name":"app","db_name":"admin"}
        dds GET /v3/{project_id}/instances/{instance_id}/backups/policy
        dds GET /v3/{project_id}/instances/{instance_id}/monitoring-by-seconds/switch
        dds GET /v3/{project_id}/instances/{instance_id}/slowlog-desensitization/status
        dds GET /v3/{project_id}/instances/{instance_id}/auto-enlarge-volume-policy
        dds GET /v3/{project_id}/instances/{instance_id}/tags
        dds GET /v3/{project_id}/instances/{instance_id}/balancer
        dds GET /v3/{project_id}/instances/{instance_id}/replica-set/name
        dds GET /v3/{project_id}/instances/{instance_id}/client-network
        """;

    /// <summary>What destroys comes last, and the instance itself at the very end.</summary>
    public static readonly IReadOnlyList<IsolationCase> All =
        [.. Table.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Parse).OrderBy(one => one.Method == "DELETE").ThenByDescending(one => one.Method == "DELETE" ? one.Path.Length : 0)];

    /// <summary>Door, method and pattern, as <see cref="Of"/> writes them.</summary>
    public string Route => $"{Door} {Method} {Path.Split('?', '#')[0]}";

    /// <summary>Whether it names an instance, or what is an instance's; else it is the project's.</summary>
    public bool IsOfInstance(Placeholder place) =>
        place.Name is "instance" or "uuid" or "instance_id" or "job" or "job_id" or "account-id" || (Door, place.Name) is ("upstash", "id") || (place.Before, place.Name) is ("resets", "id");

    /// <summary>The placeholders of things that belong to somebody.</summary>
    public IReadOnlyList<Placeholder> Placeholders { get; private init; } = [];

    /// <summary>A route in the words of the table, where the account has a name already.</summary>
    public static string Of(string door, RouteEndpoint route)
    {
        var method = route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0];
        return $"{door} {method} {route.RoutePattern.RawText!.TrimEnd('/')}".Replace("{user}", Account, StringComparison.Ordinal).Replace("{username}", Account, StringComparison.Ordinal);
    }

    public override string ToString() => $"{Door} {Method} {Path}{(Body is null ? "" : $" {Body}")}";

    private static IsolationCase Parse(string line)
    {
        var (request, body) = line.Split(" | ", 2) is [var left, var right] ? (left, right) : (line, null);
        var parts = request.Split(' ', 3);
        var one = new IsolationCase(parts[0], parts[1], parts[2], body);
        return one with { Placeholders = [.. PathPlaceholder().Matches(one.Path).Concat(BodyPlaceholder().Matches(body ?? "")).Select(match => new Placeholder(match.Groups[1].Value, match.Groups[2].Value)).Distinct()] };
    }

    /// <summary>With the segment before it, which is empty in a query and behind the sign of a header.</summary>
    [GeneratedRegex("(?:([^/?#=]*)/|[=#])\\{([a-z_-]+)\\}")]
    private static partial Regex PathPlaceholder();

    [GeneratedRegex("()\\{([a-z_-]+)\\}")]
    private static partial Regex BodyPlaceholder();
}

/// <summary>A place in a request that names a thing.</summary>
/// <param name="Before">The segment of the path before it.</param>
/// <param name="Name">As the route calls it.</param>
internal sealed record Placeholder(string Before, string Name)
{
    /// <summary>As it stands in the text.</summary>
    public string Text => $"{{{Name}}}";
}
