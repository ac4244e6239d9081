using System.Reflection;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Resets;
using Keyturn.Rotations;
using Keyturn.Server.Access;
using Keyturn.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Operations;

/// <summary>This server: its version, its store and its engines, how many resets of the caller's project are open or parked, how many of its accounts are unverified, and how many are due by their schedules and could not be rotated: as far as the caller may read the instances.</summary>
internal sealed record StatusAnswer(string Version, StoreWire Store, IReadOnlyList<string> Engines, int OpenResets, int UnverifiedAccounts, int FailingRotations);

/// <summary>Where passwords are kept.</summary>
/// <param name="Kind"><c>sqlite</c> or <c>postgresql</c>.</param>
/// <param name="Place">The file, or the database without its login.</param>
/// <param name="Durability">
/// Which accident a password outlives: <c>one server</c>; <c>synchronous</c>: also that server's loss; <c>waiting for a replica</c>: resets are
/// refused now; <c>asynchronous</c>: a fail-over may lose some, as was allowed at the start.
/// </param>
internal sealed record StoreWire(string Kind, string Place, string Durability);

internal static class GetStatus
{
    private static readonly string Version =
        typeof(GetStatus).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    /// <summary>What this server is.</summary>
    public static async Task<Ok<StatusAnswer>> HandleAsync(HttpContext http, Store store, EngineCatalog engines, IResetStore resets, IInstanceStore instances, IScheduleStore schedules, CancellationToken cancel)
    {
        var project = http.Caller().ProjectId;
        var shown = (await http.ListInstancesAsync(instances, cancel)).Select(instance => instance.Id).ToHashSet();
        int Shown(IReadOnlyDictionary<Guid, int> counted) => counted.Where(line => shown.Contains(line.Key)).Sum(line => line.Value);

        return TypedResults.Ok(new StatusAnswer(
            Version, new StoreWire(store.Kind, store.Place, store.Durability), [.. engines.Names], Shown(await resets.CountUnsettledAsync(project, cancel)),
            Shown(await instances.CountUnverifiedAsync(project, cancel)), Shown(await schedules.CountFailingAsync(project, cancel))));
    }
}
