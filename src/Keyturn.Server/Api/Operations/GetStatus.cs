using System.Reflection;
using Keyturn.Engines;
using Keyturn.Resets;
using Keyturn.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Operations;

/// <summary>This server: its version, its store and its engines, and how many resets of the caller's project are open or parked.</summary>
internal sealed record StatusAnswer(string Version, StoreWire Store, IReadOnlyList<string> Engines, int OpenResets);

/// <summary>Where passwords are kept.</summary>
internal sealed record StoreWire(string Kind, string Path);

internal static class GetStatus
{
    private static readonly string Version =
        typeof(GetStatus).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    /// <summary>What this server is.</summary>
    public static async Task<Ok<StatusAnswer>> HandleAsync(HttpContext http, ServerOptions options, EngineCatalog engines, IResetStore resets, CancellationToken cancel) =>
        TypedResults.Ok(new StatusAnswer(
            Version, new StoreWire("sqlite", options.StorePath), [.. engines.Names], await resets.CountUnsettledAsync(http.Caller().ProjectId, cancel)));
}
