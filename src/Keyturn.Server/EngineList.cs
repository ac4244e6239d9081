using Keyturn.Engines;

namespace Keyturn.Server;

/// <summary>The engines that this program is built with: a new one is a folder in Keyturn.Engines and a line here.</summary>
internal static class EngineList
{
    public static IReadOnlyList<IEngine> All(TimeProvider clock) =>
    [
    ];
}
