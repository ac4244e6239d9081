using Keyturn.Access;
using Keyturn.Server.Access;
using Keyturn.Server.Doors;
using Keyturn.Server.Hosting;

namespace Keyturn.Server.Dialects.DigitalOcean;

/// <summary>DigitalOcean Managed Databases, API v2: clusters as they are registered, and their users with their passwords.</summary>
internal static class DigitalOceanDialect
{
    public const string Prefix = "/v2/databases";

    public static readonly Door Door = new("digitalocean")
    {
        Paths = Prefix,
        IsAskedBy = request => request.Path.StartsWithSegments(Prefix, StringComparison.OrdinalIgnoreCase),
        Scheme = BearerHandler.SchemeName,
        WriteErrorAsync = DigitalOceanErrors.WriteAsync,
        HidesInstances = true,
    };

    public static void MapDigitalOcean(this IEndpointRouteBuilder routes)
    {
        var databases = routes.MapGroup(Prefix).WithDoor(Door).WithTags("digitalocean");
        databases.MapGet("", ReadClusters.ListAsync).Requires(KeyturnAction.ReadInstance);
        databases.MapGet("/{uuid}", ReadClusters.GetAsync).Requires(KeyturnAction.ReadInstance);
        databases.MapGet("/{uuid}/ca", ReadClusters.GetCaAsync).Requires(KeyturnAction.ReadInstance);
        databases.MapGet("/{uuid}/autoscale", ReadClusters.GetAutoscaleAsync).Requires(KeyturnAction.ReadInstance);

        var users = databases.MapGroup("/{uuid}/users");
        users.MapGet("", ReadUsers.ListAsync).Requires(KeyturnAction.ReadAccount);
        users.MapGet("/{username}", ReadUsers.GetAsync).Requires(KeyturnAction.ReadAccount);
        users.MapPost("", AddUser.HandleAsync).Requires(KeyturnAction.CreateAccount).WithBody<AddUserBody>().WithIdempotencyKey();
        users.MapPut("/{username}", UpdateUser.HandleAsync).Requires(KeyturnAction.ChangeAccount).WithBody<UpdateUserBody>();
        users.MapDelete("/{username}", DeleteUser.HandleAsync).Requires(KeyturnAction.DropAccount);
        users.MapPost("/{username}/reset_auth", ResetAuth.HandleAsync).Requires(KeyturnAction.ResetAccount).WithBody<ResetAuthBody>(required: false).WithIdempotencyKey();
    }
}
