using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Keyturn.Engines;

/// <summary>The engines that this process was built with, by name. Frozen at start; a duplicate name is refused.</summary>
public sealed class EngineCatalog(IEnumerable<IEngine> engines)
{
    private readonly FrozenDictionary<string, IEngine> _byName = engines.ToDictionary(engine => engine.Name, StringComparer.Ordinal).ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>All names, sorted.</summary>
    public IEnumerable<string> Names => _byName.Keys.Order(StringComparer.Ordinal);

    /// <summary>The engine of that name. Registration has refused unknown names, so that its absence is a bug.</summary>
    public IEngine this[string name] => _byName[name];

    /// <summary>The engine of that name, if there is one.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out IEngine? engine) => _byName.TryGetValue(name, out engine);
}
