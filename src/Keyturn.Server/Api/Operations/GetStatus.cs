using System.Reflection;
using Keyturn.Engines;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Operations;

/// <summary>This server: its version, its store and its engines.</summary>
internal sealed record StatusAnswer(string Version, StoreWire Store, IReadOnlyList<string> Engines);

/// <summary>Where passwords are kept.</summary>
internal sealed record StoreWire(string Kind, string Path);

internal static class GetStatus
{
    private static readonly string Version =
        typeof(GetStatus).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    /// <summary>What this server is.</summary>
    public static Ok<StatusAnswer> Handle(ServerOptions options, EngineCatalog engines) =>
        TypedResults.Ok(new StatusAnswer(Version, new StoreWire("sqlite", options.StorePath), [.. engines.Names]));
}
