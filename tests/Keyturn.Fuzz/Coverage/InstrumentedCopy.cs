using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Keyturn.Fuzz.Coverage;

/// <summary>
/// A copy of this program in which every block of what is fuzzed counts into <see cref="Blocks"/>: Keyturn's own assemblies, and the reader of
/// YAML, which has no process of its own to die in. What is not changed is a link.
/// </summary>
internal static class InstrumentedCopy
{
    private static readonly string[] Counted = ["Keyturn.dll", "Keyturn.Wire.dll", "Keyturn.Engines.dll", "Keyturn.Storage.dll", "Keyturn.Server.dll", "Keyturn.Cli.dll", "YamlDotNet.dll"];

    /// <summary>Makes it in an empty folder; what comes out is what to start.</summary>
    public static string Make(string folder)
    {
        var own = Path.GetFileName(typeof(Blocks).Assembly.Location);
        using var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(AppContext.BaseDirectory);
        resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location));
        resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(Microsoft.AspNetCore.Http.HttpContext).Assembly.Location));
        var reading = new ReaderParameters
        {
            AssemblyResolver = resolver,
            ReadSymbols = true,
            SymbolReaderProvider = new DefaultSymbolReaderProvider(throwIfNoSymbol: false),
            ThrowIfSymbolsAreNotMatching = false,
        };
        var probes = new Probes();
        foreach (var path in Directory.GetFileSystemEntries(AppContext.BaseDirectory))
        {
            var (name, copy) = (Path.GetFileName(path), Path.Combine(folder, Path.GetFileName(path)));
            if (Counted.Contains(name) || name == own)
            {
                using var module = ModuleDefinition.ReadModule(path, reading);
                probes.PutInto(module, name == own ? type => type.Name == nameof(Targets.Canaries) : IsOurs);
                module.Write(copy, new WriterParameters { WriteSymbols = module.HasSymbols });
            }
            else if (path == Environment.ProcessPath)
            {
                // Behind a link it would find its folder to be the other one.
                File.Copy(path, copy);
            }
            else if (!File.Exists(copy))
            {
                File.CreateSymbolicLink(copy, path);
            }
        }

        return Path.Combine(folder, Path.GetFileName(Environment.ProcessPath!));
    }

    /// <summary>Not what the compiler's generators wrote, of which the API's description alone has more than all the rest.</summary>
    private static bool IsOurs(TypeDefinition type) =>
        type.Namespace.StartsWith("Keyturn", StringComparison.Ordinal) && type.BaseType?.Name != "JsonSerializerContext"
        || type.Namespace.StartsWith("YamlDotNet.Core", StringComparison.Ordinal) || type.Namespace.StartsWith("YamlDotNet.RepresentationModel", StringComparison.Ordinal);
}
